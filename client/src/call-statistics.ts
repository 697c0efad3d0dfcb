import { createHistogram } from 'node:perf_hooks'

/** An hour; what takes longer counts as that. Times are kept in microseconds. */
const LONGEST_US = 3_600_000_000
/** Digits of a time that count: percentiles are at most 1 % off. */
const DIGITS = 2

/** Percentages of calls by the name that the engine knows their percentiles under. */
const PERCENTILES = { l995: 99.5, l99: 99, l90: 90, l75: 75, l50: 50, l25: 25, l5: 5 } as const

/** What the engine wants to know of one interface; times are milliseconds. */
export type InterfaceNumbers = Readonly<Record<keyof typeof PERCENTILES, number>> & {
  readonly qps: number
  readonly latency: number
  readonly total: number
  readonly failure: number
  readonly failureRate: number
  readonly rate: number
  readonly shortCircuited: number
  readonly circuitBreakerOpen: boolean
}

/** Counts and times of calls since it was last read, in the histogram that Node has: its size is fixed, however many there are. */
export class CallStatistics {
  /** Whether calls are held back at present, as the application last said. */
  isBreakerOpen = false
  readonly #times = createHistogram({ lowest: 1, highest: LONGEST_US, figures: DIGITS })
  #total = 0
  #failure = 0
  #shortCircuited = 0
  #sumMs = 0
  #idleReads = 0

  /** How often in a row it was read without a call. */
  get idleReads(): number {
    return this.#idleReads
  }

  add(ms: number, isFailure: boolean): void {
    this.#times.record(Math.min(Math.max(Math.round(ms * 1000), 1), LONGEST_US))
    this.#total += 1
    this.#sumMs += ms
    if (isFailure) this.#failure += 1
  }

  /** Counts a call that a breaker held back. */
  addShortCircuited(): void {
    this.#shortCircuited += 1
  }

  /** Reads and starts anew. @param seconds time since it was last read */
  take(seconds: number): InterfaceNumbers {
    const [total, failure, shortCircuited] = [this.#total, this.#failure, this.#shortCircuited]
    const failureRate = total === 0 ? 0 : failure / total
    const timeOf = (percentage: number) => (total === 0 ? 0 : this.#times.percentile(percentage) / 1000)
    const percentiles = Object.entries(PERCENTILES).map(([name, percentage]) => [name, timeOf(percentage)] as const)
    const latency = total === 0 ? 0 : round(this.#sumMs / total)
    const isIdle = total + shortCircuited === 0 && !this.isBreakerOpen
    this.#idleReads = isIdle ? this.#idleReads + 1 : 0
    if (total > 0) this.#times.reset()
    this.#total = 0
    this.#failure = 0
    this.#shortCircuited = 0
    this.#sumMs = 0
    const rates = { failureRate, rate: 1 - failureRate }
    const breaker = { shortCircuited, circuitBreakerOpen: this.isBreakerOpen }
    const times = Object.fromEntries(percentiles) as Record<keyof typeof PERCENTILES, number>
    return { qps: round(total / seconds), latency, ...times, ...rates, total, failure, ...breaker }
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
