import type { Clock } from '../kernel/clock.ts'
import { Histogram } from '../kernel/histogram.ts'
import { EXPOSED_TENANTS_MAX } from '../kernel/limits.ts'
import { RecentRate } from '../kernel/recent-rate.ts'

const BOUNDS_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** How often a status was answered, and how long that took, together. */
export interface StatusCount {
  readonly status: number
  count: number
  sum: number
}

/** What one domain asked of one row. */
class DomainCount {
  readonly statuses: StatusCount[] = []
  readonly rate: RecentRate

  constructor(clock: Clock) {
    this.rate = new RecentRate(clock)
  }

  take(status: number, seconds: number): void {
    // There are few of them, so that looking through them is the fastest.
    for (const one of this.statuses) {
      if (one.status !== status) continue
      one.count++
      one.sum += seconds
      return
    }
    this.statuses.push({ status, count: 1, sum: seconds })
  }
}

/** What went through one row of the route table. Who looks up a target gets it with the row: counting searches nothing. */
export class RowCount {
  readonly method: string
  readonly path: string
  /** Whether it is about signs of life. */
  readonly isBeat: boolean
  readonly seconds = new Histogram(BOUNDS_SECONDS)
  readonly byDomain = new Map<string, DomainCount>()
  readonly #clock: Clock
  /** Most requests name no domain. */
  readonly #ofDefault: DomainCount

  constructor(row: { readonly method: string; readonly path: string; readonly isBeat: boolean }, clock: Clock) {
    this.method = row.method
    this.path = row.path
    this.isBeat = row.isBeat
    this.#clock = clock
    this.#ofDefault = this.#grow('default')
  }

  /** @param domain undefined: none is named, which stands for the default one */
  take(domain: string | undefined, status: number, seconds: number): void {
    this.seconds.observe(seconds)
    const count = domain === undefined ? this.#ofDefault : this.byDomain.get(domain)
    if (count !== undefined) count.take(status, seconds)
    else this.#grow(this.byDomain.size < EXPOSED_TENANTS_MAX ? (domain ?? OTHERS) : OTHERS).take(status, seconds)
  }

  /** Whether anybody has asked for it. */
  get isAsked(): boolean {
    return [...this.byDomain.values()].some(({ statuses }) => statuses.length > 0)
  }

  /** Whether requests of this domain are counted by its name already. */
  knows(domain: string): boolean {
    return this.byDomain.has(domain)
  }

  #grow(domain: string): DomainCount {
    let count = this.byDomain.get(domain)
    if (count === undefined) {
      count = new DomainCount(this.#clock)
      this.byDomain.set(domain, count)
    }
    return count
  }
}

/** Stands for all domains that are not counted by name. */
export const OTHERS = '(others)'
