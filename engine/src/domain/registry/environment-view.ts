import type { Environment } from '@rollcall/protocol/environments'
import type { Change, Fold, Revision } from '../../storage/store.ts'
import { ENVIRONMENT_NAMES, PREFIXES, splitLast } from './keys.ts'
import type { Tenant } from './types.ts'

interface KnownEnvironment {
  readonly record: Environment
  readonly revision: Revision
}

const NONE: ReadonlyMap<string, KnownEnvironment> = new Map()

/** Environments that people have made, by tenant and id; those that every tenant has are not stored. */
export class EnvironmentView implements Fold {
  readonly prefixes = [PREFIXES.environments]
  readonly #tenants = new Map<Tenant, Map<string, KnownEnvironment>>()

  get(tenant: Tenant, id: string): KnownEnvironment | undefined {
    return this.#tenants.get(tenant)?.get(id)
  }

  all(tenant: Tenant): ReadonlyMap<string, KnownEnvironment> {
    return this.#tenants.get(tenant) ?? NONE
  }

  apply({ key, ...change }: Change): void {
    if (key.startsWith(ENVIRONMENT_NAMES)) return
    const [tenant, id] = splitLast(key.slice(PREFIXES.environments.length))
    const known = this.#tenants.get(tenant) ?? new Map<string, KnownEnvironment>()
    if (change.value === undefined) known.delete(id)
    else known.set(id, { record: JSON.parse(change.value) as Environment, revision: change.revision })
    if (known.size === 0) this.#tenants.delete(tenant)
    else this.#tenants.set(tenant, known)
  }
}
