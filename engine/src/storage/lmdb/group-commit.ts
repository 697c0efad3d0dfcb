import type { StoreUnavailableError } from '../store.ts'

/** A commit that has been accepted and waits for the disk. */
export interface Accepted {
  /** Called in the shared transaction; puts what the commit writes. */
  readonly write: () => void
  /** Called when it is durable, in order of acceptance. */
  readonly onDurable: () => void
  /** Called instead when it could not be made durable. */
  readonly onFailed: (error: StoreUnavailableError) => void
}

interface Needs {
  /** Runs `write` in one transaction; resolves when that is synced to disk. */
  readonly transaction: (write: () => void) => Promise<unknown>
  /** Called once when the disk refused; everything accepted so far is failing. */
  readonly onFailure: () => void
  readonly toError: (cause: unknown) => StoreUnavailableError
}

/** Commits of one turn of the event loop, and those that arrive during a sync, share one transaction. */
export class GroupCommit {
  readonly #needs: Needs
  #waiting: Accepted[] = []
  #settled: Promise<void> | undefined

  constructor(needs: Needs) {
    this.#needs = needs
  }

  add(commit: Accepted): void {
    this.#waiting.push(commit)
    this.#settled ??= this.#run()
  }

  /** Resolves when everything accepted so far is durable or has failed. */
  async settled(): Promise<void> {
    await this.#settled
  }

  async #run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        await this.#needs.transaction(() => {
          for (const { write } of group) write()
        })
        for (const { onDurable } of group) onDurable()
      } catch (cause) {
        this.#fail(group, this.#needs.toError(cause))
      }
    }
    this.#settled = undefined
  }

  /** What was accepted later may build on what failed, so it fails too. */
  #fail(group: readonly Accepted[], error: StoreUnavailableError): void {
    const failed = [...group, ...this.#waiting]
    this.#waiting = []
    this.#needs.onFailure()
    for (const { onFailed } of failed) onFailed(error)
  }
}
