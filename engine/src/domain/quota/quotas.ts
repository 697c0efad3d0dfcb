import { fail } from '../../kernel/failure.ts'
import type { Log } from '../../kernel/log.ts'
import type { MaybePromise } from '../../storage/store.ts'
import type { Allowance, Counts, LimitSource, Limits, QuotaFailure, QuotaResource, QuotaState } from './types.ts'
import { QUOTA_RESOURCES, SHARED_RESOURCES } from './types.ts'

const WARNING_SHARE = 0.8

const SHARED: ReadonlySet<QuotaResource> = new Set(SHARED_RESOURCES)

/** Something is being made: it counts against the quota until it is stored (and counted there) or given up. */
export interface Hold {
  release(): void
}

/** So many tenants stay in the map with nothing held: taking them out and in again with each hold costs more. */
const HOLDERS_KEPT = 64

/** What one writer holds of what its tenant, or all of them, hold. */
class HeldAmount implements Hold {
  readonly #held: Map<string, number>
  readonly #scope: string
  #amount: number

  constructor(held: Map<string, number>, scope: string, amount: number) {
    this.#held = held
    this.#scope = scope
    this.#amount = amount
    held.set(scope, (held.get(scope) ?? 0) + amount)
  }

  release(): void {
    const left = (this.#held.get(this.#scope) ?? 0) - this.#amount
    this.#amount = 0
    if (left > 0 || this.#held.size <= HOLDERS_KEPT) this.#held.set(this.#scope, left)
    else this.#held.delete(this.#scope)
  }
}

/** What a writer wants to have. */
interface Asked {
  readonly resource: QuotaResource
  /** What is there already. */
  readonly used: number
  /** How much more. */
  readonly amount: number
}

interface Needs {
  readonly source: LimitSource
  /** What tenants have, as far as it is stored. */
  readonly counts: Counts
  /** Tenants that had something when the engine started, and whose limits are at hand. */
  readonly tenants?: () => Iterable<string>
  readonly log: Log
}

/** How much of each thing a tenant may have. */
export class Quotas {
  readonly #source: LimitSource
  readonly #counts: Counts
  readonly #log: Log
  /** What is being made right now, by `scopeOf`. */
  readonly #held: Readonly<Record<QuotaResource, Map<string, number>>>
  #unseen: () => Iterable<string>
  /** Who came near a limit, by `keyOf`. */
  readonly #warned = new Map<string, { readonly tenant: string; readonly resource: QuotaResource; limit: number }>()

  constructor({ source, counts, tenants = () => [], log }: Needs) {
    this.#unseen = tenants
    this.#source = source
    this.#counts = counts
    this.#log = log
    const held = QUOTA_RESOURCES.map((resource) => [resource, new Map<string, number>()])
    this.#held = Object.fromEntries(held) as Record<QuotaResource, Map<string, number>>
  }

  /** What the tenant may have; a promise only when somebody else has to be asked. @throws QuotaUnavailable */
  allowance(tenant: string): MaybePromise<Allowance> {
    const limits = this.#source.limits(tenant)
    return limits instanceof Promise ? limits.then((known) => ({ tenant, limits: known })) : { tenant, limits }
  }

  /** The limits of a tenant, where they are at hand; undefined when somebody else says what they are. */
  settable(tenant: string): Limits | undefined {
    return this.#source.stored?.(tenant)
  }

  /**
   * Counts `amount` as taken until the hold is released, which must happen when the outcome is stored and visible, or
   * certain not to be. So writers that run at the same time cannot overshoot together.
   * @throws QuotaExceeded
   */
  hold(allowance: Allowance, resource: QuotaResource, amount: number): Hold {
    const { tenant } = allowance
    const held = this.#held[resource]
    const scope = scopeOf(resource, tenant)
    const used = this.#counts[resource](tenant) + (held.get(scope) ?? 0)
    this.check(allowance, { resource, used, amount })
    return new HeldAmount(held, scope, amount)
  }

  /** @throws QuotaExceeded when `amount` more than `used` is over the limit */
  check(allowance: Allowance, { resource, used, amount }: Asked): void {
    const limit = allowance.limits[resource]
    if (used + amount > limit) {
      const facts = `max num is ${limit}, curNum is ${used}, apply num is ${amount}`
      fail<QuotaFailure>('QuotaExceeded', `no quota to create ${resource.toUpperCase()}, ${facts}`)
    }
    this.#warn(allowance, resource, used + amount)
  }

  /** Notes what a tenant is about to have, for those who check the limit themselves. */
  note(allowance: Allowance, resource: QuotaResource, wanted: number): void {
    this.#warn(allowance, resource, Math.min(wanted, allowance.limits[resource]))
  }

  /** The state of every resource of a tenant. @throws QuotaUnavailable */
  async list(tenant: string): Promise<QuotaState[]> {
    const { limits } = await this.allowance(tenant)
    return QUOTA_RESOURCES.map((resource) => {
      const limit = limits[resource]
      const used = this.#counts[resource](tenant)
      return { resource, limit, used, warning: isNearLimit(used, limit) }
    })
  }

  /** Sets limits of one tenant for good, those of what tenants share for all; what is not named keeps its own. @throws Forbidden */
  async set(tenant: string, limits: Partial<Limits>): Promise<void> {
    await this.#source.set(tenant, limits)
    await this.#review(tenant)
  }

  /**
   * Which tenants are near a limit (80 %) at the moment, for metrics: as many as there are, not as many as tenants. Only
   * the first time every tenant is looked at, since nobody may have written since the start.
   */
  nearLimit(): (QuotaState & { readonly tenant: string })[] {
    for (const tenant of this.#unseen()) void this.#review(tenant)
    this.#unseen = () => []
    return [...this.#warned].flatMap(([key, { tenant, resource, limit }]) => {
      const used = this.#counts[resource](tenant)
      if (isNearLimit(used, limit)) return [{ tenant, resource, limit, used, warning: true }]
      this.#warned.delete(key)
      return []
    })
  }

  /** Looks at all that a tenant has; at once, if its limits are at hand. */
  #review(tenant: string): MaybePromise<void> {
    const allowance = this.allowance(tenant)
    if (allowance instanceof Promise) return allowance.then((known) => this.#reviewAll(known))
    this.#reviewAll(allowance)
  }

  #reviewAll(allowance: Allowance): void {
    for (const resource of QUOTA_RESOURCES) {
      const used = this.#counts[resource](allowance.tenant)
      if (used > 0) this.#warn(allowance, resource, used)
    }
  }

  /** Says once that a tenant comes near a limit, and again after it had come away from it. */
  #warn({ tenant, limits }: Allowance, resource: QuotaResource, wanted: number): void {
    const limit = limits[resource]
    if (this.#warned.size === 0 && !isNearLimit(wanted, limit)) return
    const key = keyOf(resource, tenant)
    const known = this.#warned.get(key)
    if (known === undefined && !isNearLimit(wanted, limit)) return
    // Of what is counted per service, another one may be near the limit still.
    const used = Math.max(wanted, this.#counts[resource](tenant))
    if (!isNearLimit(used, limit)) this.#warned.delete(key)
    else if (known !== undefined) known.limit = limit
    else {
      this.#warned.set(key, { tenant, resource, limit })
      this.#log.warn({ tenant, resource, used, limit }, 'quota nearly used up')
    }
  }
}

function keyOf(resource: QuotaResource, tenant: string): string {
  return `${resource} ${scopeOf(resource, tenant)}`
}

/** Whose limit it is: the tenant's, or that of all tenants together. */
function scopeOf(resource: QuotaResource, tenant: string): string {
  return SHARED.has(resource) ? '' : tenant
}

function isNearLimit(used: number, limit: number): boolean {
  return used >= limit * WARNING_SHARE
}
