import type { MetricThreshold } from '@rollcall/protocol/thresholds'
import type { Change, Fold, Revision } from '../../storage/store.ts'
import type { Tenant } from './types.ts'

/** Where thresholds lie in the store: `{domain}/{project}/{environment}/{application}/{service}`, each part encoded. */
const PREFIX = '/rollcall/metrics/thresholds/'

export interface StoredThreshold extends MetricThreshold {
  /** When it was set, milliseconds since the epoch. */
  readonly setAt: number
}

interface Known {
  readonly threshold: StoredThreshold
  readonly revision: Revision
}

/** Thresholds by tenant and key. */
export class ThresholdView implements Fold {
  readonly prefixes = [PREFIX]
  readonly #tenants = new Map<Tenant, Map<string, Known>>()

  /** Those of a tenant. */
  list(tenant: Tenant): StoredThreshold[] {
    return [...(this.#tenants.get(tenant)?.values() ?? [])].map(({ threshold }) => threshold)
  }

  count(tenant: Tenant): number {
    return this.#tenants.get(tenant)?.size ?? 0
  }

  tenants(): Iterable<Tenant> {
    return this.#tenants.keys()
  }

  /** Revision of what is stored under a key; 0 when there is nothing. */
  revision(tenant: Tenant, key: string): Revision {
    return this.#tenants.get(tenant)?.get(key)?.revision ?? 0
  }

  apply({ key, ...change }: Change): void {
    const tenant = key.slice(PREFIX.length).split('/', 2).map(decodeURIComponent).join('/')
    const known = this.#tenants.get(tenant) ?? new Map<string, Known>()
    if (change.value === undefined) known.delete(key)
    else {
      const { value, revision } = change as { readonly value: string; readonly revision: Revision }
      known.set(key, { threshold: JSON.parse(value) as StoredThreshold, revision })
    }
    if (known.size > 0) this.#tenants.set(tenant, known)
    else this.#tenants.delete(tenant)
  }
}

/** The key of a threshold. */
export function thresholdKey(tenant: Tenant, { environment, appId, serviceName }: MetricThreshold): string {
  const slash = tenant.indexOf('/')
  const parts = [tenant.slice(0, slash), tenant.slice(slash + 1), environment, appId, serviceName]
  return PREFIX + parts.map(encodeURIComponent).join('/')
}
