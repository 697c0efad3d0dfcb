/**
 * How often a number fell into which of some ranges. Taking one in costs a few comparisons and no memory: all else
 * is worked out when somebody asks.
 */
export class Histogram {
  /** Upper ends of the ranges, ascending; what is above the last one is in a range of its own. */
  readonly bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  observe(value: number): void {
    const { bounds } = this
    let range = 0
    while (range < bounds.length && value > (bounds[range] as number)) range++
    this.#counts[range] = (this.#counts[range] as number) + 1
    this.#sum += value
  }

  /** Of all numbers. */
  get sum(): number {
    return this.#sum
  }

  /** For each bound how many numbers were not above it, and at last how many there were. */
  cumulative(): number[] {
    let count = 0
    return this.#counts.map((inRange) => {
      count += inRange
      return count
    })
  }
}
