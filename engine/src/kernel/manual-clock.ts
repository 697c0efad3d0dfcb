import type { Clock, Stoppable } from './clock.ts'

interface Timer {
  dueAt: number
  readonly periodMs: number | undefined
  readonly run: () => void
}

/** A clock that stands still until `advance` is called; for tests. */
export class ManualClock implements Clock {
  #elapsedMs = 0
  readonly #startMs: number
  readonly #timers = new Set<Timer>()

  /** @param startMs wall time at which the clock starts, milliseconds since the Unix epoch */
  constructor(startMs = 1_700_000_000_000) {
    this.#startMs = startMs
  }

  now(): number {
    return this.#startMs + this.#elapsedMs
  }

  monotonic(): number {
    return this.#elapsedMs
  }

  every(periodMs: number, run: () => void): Stoppable {
    return this.#add({ dueAt: this.#elapsedMs + periodMs, periodMs, run })
  }

  after(delayMs: number, run: () => void): Stoppable {
    return this.#add({ dueAt: this.#elapsedMs + delayMs, periodMs: undefined, run })
  }

  /** Moves time forward by `ms` and runs, in order of their due times, the timers that come due on the way. */
  advance(ms: number): void {
    const end = this.#elapsedMs + ms
    for (let next = this.#earliest(end); next !== undefined; next = this.#earliest(end)) {
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueAt)
      if (next.periodMs === undefined) this.#timers.delete(next)
      else next.dueAt += next.periodMs
      next.run()
    }
    this.#elapsedMs = end
  }

  #add(timer: Timer): Stoppable {
    this.#timers.add(timer)
    return { stop: () => void this.#timers.delete(timer) }
  }

  #earliest(until: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.dueAt <= until && (first === undefined || timer.dueAt < first.dueAt)) first = timer
    }
    return first
  }
}
