import type { Clock } from '../kernel/clock.ts'
import { Histogram } from '../kernel/histogram.ts'

const BOUNDS_SECONDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** How long commits take until they are durable, and how many are under way. */
export class CommitMeter {
  readonly seconds = new Histogram(BOUNDS_SECONDS)
  readonly #clock: Clock
  #underWay = 0
  #overtaken = 0
  #refused = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Commits that wait for the store. */
  get underWay(): number {
    return this.#underWay
  }

  /** Commits that came too late and were decided again. */
  get overtaken(): number {
    return this.#overtaken
  }

  /** Commits that the store refused. */
  get refused(): number {
    return this.#refused
  }

  /** A commit begins. @returns when, for its end */
  begin(): number {
    this.#underWay++
    return this.#clock.monotonic()
  }

  end(began: number, outcome: 'stored' | 'overtaken' | 'refused'): void {
    this.#underWay--
    this.seconds.observe((this.#clock.monotonic() - began) / 1000)
    if (outcome === 'overtaken') this.#overtaken++
    else if (outcome === 'refused') this.#refused++
  }
}
