/** Bounds of the buckets grow by this factor, so a percentile is at most 5 % off. */
const GROWTH = 1.1
const SMALLEST_MS = 0.01
/** Up to about an hour; what takes longer counts as that. */
const BUCKETS = 210
const LOG_GROWTH = Math.log(GROWTH)

/** Shares of calls by the name that the engine knows their percentiles under. */
const PERCENTILES = { l995: 0.995, l99: 0.99, l90: 0.9, l75: 0.75, l50: 0.5, l25: 0.25, l5: 0.05 } as const

/** What the engine wants to know of one interface; times are milliseconds. */
export type InterfaceNumbers = Readonly<Record<keyof typeof PERCENTILES, number>> & {
  readonly qps: number
  readonly latency: number
  readonly total: number
  readonly failure: number
  readonly failureRate: number
  readonly rate: number
}

/** Counts and times of calls since it was last read. It has a fixed size, however many calls there are. */
export class CallStatistics {
  readonly #buckets = new Uint32Array(BUCKETS)
  #total = 0
  #failure = 0
  #sumMs = 0
  #idleReads = 0

  /** How often in a row it was read without a call. */
  get idleReads(): number {
    return this.#idleReads
  }

  add(ms: number, isFailure: boolean): void {
    const index = Math.floor(Math.log(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) / LOG_GROWTH)
    const bucket = Math.min(Math.max(index, 0), BUCKETS - 1)
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
    this.#total += 1
    this.#sumMs += ms
    if (isFailure) this.#failure += 1
  }

  /** Reads and starts anew. @param seconds time since it was last read */
  take(seconds: number): InterfaceNumbers {
    const [total, failure] = [this.#total, this.#failure]
    const failureRate = total === 0 ? 0 : failure / total
    const percentiles = Object.entries(PERCENTILES).map(([name, share]) => [name, this.#percentile(share)] as const)
    const latency = total === 0 ? 0 : round(this.#sumMs / total)
    this.#idleReads = total === 0 ? this.#idleReads + 1 : 0
    this.#buckets.fill(0)
    this.#total = 0
    this.#failure = 0
    this.#sumMs = 0
    const rates = { failureRate, rate: 1 - failureRate }
    const times = Object.fromEntries(percentiles) as Record<keyof typeof PERCENTILES, number>
    return { qps: round(total / seconds), latency, ...times, ...rates, total, failure }
  }

  /** The middle of the bucket that holds the call of this rank. */
  #percentile(share: number): number {
    if (this.#total === 0) return 0
    let left = Math.max(Math.ceil(this.#total * share), 1)
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#buckets[bucket] ?? 0
      if (left <= 0) return round(SMALLEST_MS * GROWTH ** (bucket + 0.5))
    }
    return 0
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
