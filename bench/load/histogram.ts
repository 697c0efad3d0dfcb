/** Buckets per doubling: a quantile is off by at most 2.2 %. */
const BUCKETS_PER_OCTAVE = 32
const OCTAVES = 32

/** What a histogram says, in milliseconds. */
export interface Latency {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** Counts durations in buckets whose width grows with the duration. */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS_PER_OCTAVE * OCTAVES)
  #total = 0
  #max = 0

  record(milliseconds: number): void {
    const microseconds = milliseconds * 1000
    const index = microseconds <= 1 ? 0 : Math.floor(Math.log2(microseconds) * BUCKETS_PER_OCTAVE)
    const bounded = Math.min(index, this.#counts.length - 1)
    this.#counts[bounded] = (this.#counts[bounded] ?? 0) + 1
    this.#total += 1
    if (milliseconds > this.#max) this.#max = milliseconds
  }

  /** Upper edge in milliseconds of the bucket below which `share` of all durations lie; 0 when empty. */
  quantile(share: number): number {
    const rank = Math.ceil(this.#total * share)
    let seen = 0
    for (const [index, count] of this.#counts.entries()) {
      seen += count
      if (count > 0 && seen >= rank) return Math.min(2 ** ((index + 1) / BUCKETS_PER_OCTAVE) / 1000, this.#max)
    }
    return 0
  }

  latency(): Latency {
    return { p50: this.quantile(0.5), p95: this.quantile(0.95), p99: this.quantile(0.99), max: this.#max }
  }
}
