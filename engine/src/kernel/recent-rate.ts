import type { Clock } from './clock.ts'

const SPAN_MS = 10_000

/**
 * How fast a total grew lately: since the last look, if that is at least ten seconds ago. Two who look one after the
 * other see the same, and nothing runs when nobody looks.
 */
export class RecentRate {
  readonly #clock: Clock
  #total = 0
  #at: number
  #perSecond = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#at = clock.monotonic()
  }

  /** @param total now; it only grows */
  of(total: number): number {
    const now = this.#clock.monotonic()
    if (now - this.#at >= SPAN_MS) {
      this.#perSecond = ((total - this.#total) * 1000) / (now - this.#at)
      this.#total = total
      this.#at = now
    }
    return this.#perSecond
  }
}
