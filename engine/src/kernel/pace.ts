import { WORK_SLICE_MS_MAX } from './limits.ts'

/** Keeps long work from holding up others: asked between two small steps, it says when everybody else had better go first. */
export class Pace {
  readonly #now: () => number
  #since: number

  /** @param now milliseconds since some fixed moment; for tests */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#since = now()
  }

  /** Undefined while the work may go on; else a promise that resolves when the others have had their turn. */
  step(): Promise<void> | undefined {
    return this.#now() - this.#since < WORK_SLICE_MS_MAX ? undefined : this.#pause()
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve))
    this.#since = this.#now()
  }
}

/** Goes through work that says by a `yield` where others may have their turn. @returns what it comes to */
export async function paced<Result>(work: Iterator<unknown, Result>): Promise<Result> {
  const pace = new Pace()
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
    const pause = pace.step()
    if (pause !== undefined) await pause
  }
}
