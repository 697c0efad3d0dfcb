import type { Change, Fold, Revision } from '../../storage/store.ts'
import type { Limits } from './types.ts'

/** Where limits that operators set lie in the store; beside Service Center's keys, which it does not know of. */
export const PREFIX = '/rollcall/quotas/'

interface Overrides {
  /** Undefined when nobody has set any. */
  readonly limits: Partial<Limits> | undefined
  readonly revision: Revision
}

const NONE: Overrides = { limits: undefined, revision: 0 }

/** Limits that operators set, by tenant. */
export class QuotaView implements Fold {
  readonly prefixes = [PREFIX]
  readonly #tenants = new Map<string, Overrides>()

  overrides(tenant: string): Overrides {
    return this.#tenants.get(tenant) ?? NONE
  }

  apply(change: Change): void {
    const tenant = change.key.slice(PREFIX.length)
    if (change.value === undefined) this.#tenants.delete(tenant)
    else {
      const limits = JSON.parse(change.value) as Partial<Limits>
      this.#tenants.set(tenant, { limits, revision: change.revision })
    }
  }
}
