import type { Clock } from '../kernel/clock.ts'

/** Changes below one prefix that were folded into memory, and how long that took together. */
interface Folded {
  count: number
  /** Seconds. */
  sum: number
}

/** How many changes are folded into memory, and how long each takes with all who are told of it. */
export class FeedMeter {
  readonly byPrefix = new Map<string, Folded>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A change is about to be folded. @returns when, for its end */
  begin(): number {
    return this.#clock.monotonic()
  }

  end(prefix: string, began: number): void {
    let folded = this.byPrefix.get(prefix)
    if (folded === undefined) {
      folded = { count: 0, sum: 0 }
      this.byPrefix.set(prefix, folded)
    }
    folded.count++
    folded.sum += (this.#clock.monotonic() - began) / 1000
  }
}
