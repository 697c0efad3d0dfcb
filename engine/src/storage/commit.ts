import { DECISIONS_PER_CHANGE_MAX } from '../kernel/limits.ts'
import type { CommitMeter } from './commit-meter.ts'
import type { Entry, Guard, LeaseId, Revision, Store, Write } from './store.ts'
import { StoreUnavailableError } from './store.ts'

/** What a decision wants changed, under which conditions, and what it answers. No writes: nothing is committed. */
export interface Plan<Result> {
  readonly guards: readonly Guard[]
  readonly writes: readonly Write[]
  readonly result: Result
}

/** A plan that changes nothing. */
export function unchanged<Result>(result: Result): Plan<Result> {
  return { guards: [], writes: [], result }
}

/** The write path of every module: decide on what is in memory, commit under guards, decide again when overtaken. */
export class Committer {
  readonly #store: Store
  readonly #meter: CommitMeter | undefined

  constructor(store: Store, meter?: CommitMeter) {
    this.#store = store
    this.#meter = meter
  }

  /**
   * Takes the decision and commits its plan; resolves with the plan's result once it is durable and visible.
   * @param decide pure; called again when the store has moved on under the plan
   * @throws what `decide` throws, and StoreUnavailableError
   */
  async change<Result>(decide: () => Plan<Result>): Promise<Result> {
    for (let attempt = 0; attempt < DECISIONS_PER_CHANGE_MAX; attempt++) {
      const plan = decide()
      if (plan.writes.length === 0) return plan.result
      const began = this.#meter?.begin() ?? 0
      let outcome: Parameters<CommitMeter['end']>[1] = 'refused'
      try {
        outcome = (await this.#store.commit(plan.guards, plan.writes)) === undefined ? 'overtaken' : 'stored'
      } finally {
        this.#meter?.end(began, outcome)
      }
      if (outcome === 'stored') return plan.result
    }
    throw new StoreUnavailableError(`the change was overtaken ${DECISIONS_PER_CHANGE_MAX} times by others`)
  }

  /**
   * Like `change`, for a plan that needs new leases: they are granted first, and taken back if nothing came of it.
   * @param ttlsSeconds time to live of each lease
   */
  async changeLeased<Result>(
    ttlsSeconds: readonly number[],
    decide: (leases: readonly LeaseId[]) => Plan<Result>,
  ): Promise<Result> {
    const leases: LeaseId[] = []
    for (const ttlSeconds of ttlsSeconds) {
      const lease = this.#store.grantLease(ttlSeconds)
      leases.push(lease instanceof Promise ? await lease : lease)
    }
    let writes: readonly Write[] = []
    try {
      return await this.change(() => {
        const plan = decide(leases)
        writes = plan.writes
        return plan
      })
    } catch (error) {
      writes = []
      throw error
    } finally {
      const used = new Set<LeaseId | undefined>()
      for (const { lease } of writes) used.add(lease)
      for (const lease of leases) if (!used.has(lease)) await this.#store.revokeLease(lease).catch(() => false)
    }
  }

  /** The stored value of a key that no view keeps; undefined when it is absent. */
  async read(key: string): Promise<string | undefined> {
    for await (const page of this.#store.read(key)) {
      const [entry] = page
      return entry?.key === key ? entry.value : undefined
    }
    return undefined
  }

  /** Pages of everything stored below a prefix that no view keeps. */
  readAll(prefix: string): AsyncIterable<readonly Entry[]> {
    return this.#store.read(prefix)
  }

  /** Revision up to which the views are current. */
  get revision(): Revision {
    return this.#store.revision
  }

  /** See `Store.renewLeases`. */
  renew(leases: readonly LeaseId[]): ReturnType<Store['renewLeases']> {
    return this.#store.renewLeases(leases)
  }

  /** See `Store.revokeLease`. */
  revoke(lease: LeaseId): Promise<boolean> {
    return this.#store.revokeLease(lease)
  }
}
