import type { StoreUnavailableError } from '../store.ts'
import type { LoggedCommit } from './log-frames.ts'

/** A commit that has been accepted and waits for the disk. */
export interface Accepted<Commit> {
  /** What is to be on the disk. Absent: only waits for those before it. */
  readonly commit?: Commit
  /** Called when it is durable, in order of acceptance. */
  readonly onDurable: () => void
  /** Called instead when it could not be made durable. */
  readonly onFailed: (error: StoreUnavailableError) => void
}

interface Needs<Commit> {
  /** Makes them durable, all or nothing; resolves when they are synced to disk. Called anew when it has settled. */
  readonly append: (commits: readonly Commit[]) => Promise<unknown>
  /** Called once when the disk refused; everything accepted so far is failing. */
  readonly onFailure: () => void
  readonly toError: (cause: unknown) => StoreUnavailableError
}

/**
 * So many commits do not wait for more. Each group costs a hand-over to another thread and back, about 20 µs of this one; a
 * group of everything leaves the disk and the event loop waiting for each other.
 */
const GROUP_ENOUGH = 5

/** Commits that come one after the other, and those that arrive during a sync, share one sync. */
export class GroupCommit<Commit = LoggedCommit> {
  readonly #needs: Needs<Commit>
  #waiting: Accepted<Commit>[] = []
  #isRunning = false
  /** Ends the gathering that goes on. */
  #onEnough: (() => void) | undefined

  constructor(needs: Needs<Commit>) {
    this.#needs = needs
  }

  add(commit: Accepted<Commit>): void {
    this.#waiting.push(commit)
    if (this.#waiting.length >= GROUP_ENOUGH) this.#onEnough?.()
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
    await this.#gather()
    let group = this.#takeWaiting()
    let sync = this.#sync(group)
    while (group.length > 0) {
      const failure = await sync
      if (failure !== undefined) {
        this.#fail(group, failure)
        group = []
      } else {
        const served = group
        group = this.#waiting.length < GROUP_ENOUGH ? [] : this.#takeWaiting()
        // The disk is busy with the next group while the answers of this one go out.
        sync = this.#sync(group)
        for (const { onDurable } of served) onDurable()
      }
      if (group.length > 0) continue
      await this.#gather()
      group = this.#takeWaiting()
      sync = this.#sync(group)
    }
    this.#isRunning = false
  }

  /**
   * Until there are enough, or a turn of the event loop brings nothing more: whoever was just served goes on, and what it
   * writes belongs into one sync.
   */
  #gather(): Promise<void> {
    return new Promise((resolve) => {
      const stop = (): void => {
        this.#onEnough = undefined
        resolve()
      }
      const look = (known: number): void => {
        if (this.#onEnough !== stop) return
        if (this.#waiting.length === known) stop()
        else setImmediate(look, this.#waiting.length)
      }
      this.#onEnough = stop
      if (this.#waiting.length >= GROUP_ENOUGH) stop()
      else look(-1)
    })
  }

  #takeWaiting(): readonly Accepted<Commit>[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }

  async #sync(group: readonly Accepted<Commit>[]): Promise<StoreUnavailableError | undefined> {
    const commits: Commit[] = []
    for (const { commit } of group) if (commit !== undefined) commits.push(commit)
    if (commits.length === 0) return undefined
    try {
      await this.#needs.append(commits)
      return undefined
    } catch (cause) {
      return this.#needs.toError(cause)
    }
  }

  /** What was accepted later may build on what failed, so it fails too. */
  #fail(group: readonly Accepted<Commit>[], error: StoreUnavailableError): void {
    const failed = [...group, ...this.#waiting]
    this.#waiting = []
    this.#needs.onFailure()
    for (const { onFailed } of failed) onFailed(error)
  }
}
