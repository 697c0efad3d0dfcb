import type { StoreUnavailableError } from '../store.ts'

/** A commit that has been accepted and waits for the disk. */
export interface Accepted {
  /** Called in the shared transaction; puts what the commit writes. Absent: only waits for those before it. */
  readonly write?: () => void
  /** Called when it is durable, in order of acceptance. */
  readonly onDurable: () => void
  /** Called instead when it could not be made durable. */
  readonly onFailed: (error: StoreUnavailableError) => void
}

interface Needs {
  /** Makes what `write` puts durable, all or nothing; resolves when it is synced to disk. */
  readonly transaction: (write: () => void) => Promise<unknown>
  /** Called once when the disk refused; everything accepted so far is failing. */
  readonly onFailure: () => void
  readonly toError: (cause: unknown) => StoreUnavailableError
  /** Milliseconds on the clock that never jumps. */
  readonly now: () => number
}

/** Longest time that a sync waits for company, and its share of what the last sync took. */
const GATHER_MS_MAX = 1
const GATHER_SHARE = 0.5
/** The same in turns of the event loop, for a clock that stands still. */
const GATHER_TURNS_MAX = 1000

/** Commits of one turn of the event loop, and those that arrive during a sync, share one transaction. */
export class GroupCommit {
  readonly #needs: Needs
  #waiting: Accepted[] = []
  #isRunning = false

  constructor(needs: Needs) {
    this.#needs = needs
  }

  add(commit: Accepted): void {
    this.#waiting.push(commit)
    if (this.#isRunning) return
    this.#isRunning = true
    void this.#run()
  }

  /** Resolves when everything accepted so far is durable; rejects when it has failed. */
  settled(): Promise<void> {
    if (!this.#isRunning) return Promise.resolve()
    return new Promise((resolve, reject) => this.add({ onDurable: resolve, onFailed: reject }))
  }

  async #run(): Promise<void> {
    await nextTurn()
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      const startedAt = this.#needs.now()
      const failure = await this.#sync(group)
      const tookMs = this.#needs.now() - startedAt
      if (failure === undefined) for (const { onDurable } of group) onDurable()
      else this.#fail(group, failure)
      // Whoever waited goes on now, and what it writes next belongs into the next transaction.
      await this.#gather(group.length + this.#waiting.length, Math.min(GATHER_MS_MAX, tookMs * GATHER_SHARE))
    }
    this.#isRunning = false
  }

  /**
   * Gives those who were just served the time of a round trip to write again: else writers fall into two halves that
   * wait for each other's syncs. Does not wait when nobody else does.
   */
  async #gather(writers: number, patienceMs: number): Promise<void> {
    const until = this.#needs.now() + patienceMs
    const isPatient = () => this.#waiting.length > 0 && this.#waiting.length < writers && this.#needs.now() < until
    await nextTurn()
    for (let turn = 0; turn < GATHER_TURNS_MAX && isPatient(); turn++) await nextTurn()
  }

  async #sync(group: readonly Accepted[]): Promise<StoreUnavailableError | undefined> {
    if (group.every(({ write }) => write === undefined)) return undefined
    try {
      await this.#needs.transaction(() => {
        for (const { write } of group) write?.()
      })
      return undefined
    } catch (cause) {
      return this.#needs.toError(cause)
    }
  }

  /** What was accepted later may build on what failed, so it fails too. */
  #fail(group: readonly Accepted[], error: StoreUnavailableError): void {
    const failed = [...group, ...this.#waiting]
    this.#waiting = []
    this.#needs.onFailure()
    for (const { onFailed } of failed) onFailed(error)
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
