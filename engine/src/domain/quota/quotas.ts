import { fail } from '../../kernel/failure.ts'
import type { Log } from '../../kernel/log.ts'
import type { Committer } from '../../storage/commit.ts'
import type { Count, Limits, QuotaFailure, QuotaResource, QuotaState } from './types.ts'
import { QUOTA_RESOURCES } from './types.ts'
import type { QuotaView } from './view.ts'
import { PREFIX } from './view.ts'

const WARNING_SHARE = 0.8

/** Something is being made: it counts against the quota until it is stored (and counted there) or given up. */
export interface Hold {
  release(): void
}

interface Needs {
  readonly view: QuotaView
  readonly committer: Committer
  readonly defaults: Limits
  /** What tenants have, as far as it is stored. */
  readonly counts: Readonly<Record<QuotaResource, Count>>
  readonly log: Log
}

/** How much of each thing a tenant may have. */
export class Quotas {
  readonly #view: QuotaView
  readonly #committer: Committer
  readonly #defaults: Limits
  readonly #counts: Readonly<Record<QuotaResource, Count>>
  readonly #log: Log
  /** What is being made right now, by `resource tenant`. */
  readonly #held = new Map<string, number>()
  readonly #warned = new Set<string>()

  constructor({ view, committer, defaults, counts, log }: Needs) {
    this.#view = view
    this.#committer = committer
    this.#defaults = defaults
    this.#counts = counts
    this.#log = log
  }

  limit(tenant: string, resource: QuotaResource): number {
    return this.#view.overrides(tenant).limits[resource] ?? this.#defaults[resource]
  }

  /**
   * Counts `amount` as taken until the hold is released, which must happen when the outcome is stored and visible, or
   * certain not to be. So writers that run at the same time cannot overshoot together.
   * @throws QuotaExceeded
   */
  hold(tenant: string, resource: QuotaResource, amount: number): Hold {
    const key = `${resource} ${tenant}`
    const held = this.#held.get(key) ?? 0
    const used = this.#counts[resource](tenant) + held
    this.check({ tenant, resource, used, amount })
    this.#held.set(key, held + amount)
    this.#warn(tenant, resource, used + amount)
    let isHeld = true
    return {
      release: () => {
        if (!isHeld) return
        isHeld = false
        const left = (this.#held.get(key) ?? amount) - amount
        if (left > 0) this.#held.set(key, left)
        else this.#held.delete(key)
      },
    }
  }

  /** @throws QuotaExceeded when `amount` more than `used` is over the limit */
  check(asked: {
    readonly tenant: string
    readonly resource: QuotaResource
    readonly used: number
    readonly amount: number
  }): void {
    const { tenant, resource, used, amount } = asked
    const limit = this.limit(tenant, resource)
    if (used + amount <= limit) return
    fail<QuotaFailure>(
      'QuotaExceeded',
      `no quota to create ${resource.toUpperCase()}, max num is ${limit}, curNum is ${used}, apply num is ${amount}`,
    )
  }

  list(tenant: string): QuotaState[] {
    return QUOTA_RESOURCES.map((resource) => {
      const limit = this.limit(tenant, resource)
      const used = this.#counts[resource](tenant)
      return { resource, limit, used, warning: isNearLimit(used, limit) }
    })
  }

  /** Sets limits of one tenant for good; resources that are not named keep theirs. */
  set(tenant: string, limits: Partial<Limits>): Promise<void> {
    return this.#committer.change(() => {
      const { limits: before, revision } = this.#view.overrides(tenant)
      const key = `${PREFIX}${tenant}`
      const value = JSON.stringify({ ...before, ...limits })
      return { guards: [{ key, revision }], writes: [{ key, value }], result: undefined }
    })
  }

  /** Says once that a tenant comes near a limit, and again after it had come away from it. */
  #warn(tenant: string, resource: QuotaResource, used: number): void {
    const key = `${resource} ${tenant}`
    const limit = this.limit(tenant, resource)
    if (!isNearLimit(used, limit)) this.#warned.delete(key)
    else if (!this.#warned.has(key)) {
      this.#warned.add(key)
      this.#log.warn({ tenant, resource, used, limit }, 'quota nearly used up')
    }
  }
}

function isNearLimit(used: number, limit: number): boolean {
  return used >= limit * WARNING_SHARE
}
