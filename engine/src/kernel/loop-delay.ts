import type { Clock, Stoppable } from './clock.ts'
import { Histogram } from './histogram.ts'

const TICK_MS = 100
const BOUNDS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** How late what is due comes to its turn: everything else that the process does holds it up, requests as well. */
export class LoopDelay implements Stoppable {
  /** In seconds, ten times a second. */
  readonly seconds = new Histogram(BOUNDS_SECONDS)
  readonly #timer: Stoppable

  constructor(clock: Clock) {
    let lookedAt = clock.monotonic()
    this.#timer = clock.every(TICK_MS, () => {
      const now = clock.monotonic()
      this.seconds.observe(Math.max(0, now - lookedAt - TICK_MS) / 1000)
      lookedAt = now
    })
  }

  stop(): void {
    this.#timer.stop()
  }
}
