interface Bounds {
  readonly firstMs: number
  readonly maxMs: number
  /** A number from 0 up to but not including 1. */
  readonly random: () => number
}

/** Pauses between attempts: each is twice as long as the one before, up to a limit, less a random part of up to half. */
export class Backoff {
  readonly #bounds: Bounds
  #wholeMs: number

  constructor(bounds: Bounds) {
    this.#bounds = bounds
    this.#wholeMs = bounds.firstMs
  }

  /** How long to wait before the next attempt, milliseconds. */
  next(): number {
    const wholeMs = this.#wholeMs
    this.#wholeMs = Math.min(wholeMs * 2, this.#bounds.maxMs)
    return wholeMs * (1 - this.#bounds.random() / 2)
  }

  /** It went well: begin with short pauses again. */
  reset(): void {
    this.#wholeMs = this.#bounds.firstMs
  }
}
