import type { Clock } from '../kernel/clock.ts'
import { QUOTA_FAILURES_MAX } from '../kernel/limits.ts'

/** Keeps from asking a service that has failed several times in a row, and tries it again with one question at a time. */
export class Breaker {
  readonly #clock: Clock
  readonly #pauseMs: number
  #failures = 0
  #closedUntil = 0

  constructor(clock: Clock, pauseMs: number) {
    this.#clock = clock
    this.#pauseMs = pauseMs
  }

  /** Whether the service may be asked now. A yes after a pause is the only one until the outcome is known. */
  admits(): boolean {
    if (this.#failures < QUOTA_FAILURES_MAX) return true
    const now = this.#clock.monotonic()
    if (now < this.#closedUntil) return false
    this.#closedUntil = now + this.#pauseMs
    return true
  }

  succeeded(): void {
    this.#failures = 0
  }

  failed(): void {
    this.#failures++
    if (this.#failures >= QUOTA_FAILURES_MAX) this.#closedUntil = this.#clock.monotonic() + this.#pauseMs
  }
}
