/** What a source costs besides its numbers: objects, maps and names. */
const SOURCE_OVERHEAD_BYTES = 512

/** What an instance says of itself. */
export const GAUGES_BYTES = 1024

const MEGABYTE = 1_048_576

/** Bytes that samples may take, counted as they are taken and given back. */
export class Room {
  readonly #max: number
  #used = 0

  constructor(maxMegabytes: number) {
    this.#max = maxMegabytes * MEGABYTE
  }

  get usedBytes(): number {
    return this.#used
  }

  get maxBytes(): number {
    return this.#max
  }

  fits(bytes: number): boolean {
    return this.#used + bytes <= this.#max
  }

  take(bytes: number): void {
    this.#used += bytes
  }

  give(bytes: number): void {
    this.#used -= bytes
  }
}

/** Cost of something that is kept under a name. */
export function sourceBytes(name: string, numbersBytes: number): number {
  return SOURCE_OVERHEAD_BYTES + 2 * name.length + numbersBytes
}
