import { hasReports, RECORD_WIDTH } from './record.ts'

const NEVER = -1

/** The newest records of one source, one per slot of time; a slot is the time since the epoch in units of the resolution. */
export class Ring {
  readonly data: Float32Array
  readonly #slots: Int32Array
  #last = NEVER

  constructor(size: number) {
    this.data = new Float32Array(size * RECORD_WIDTH)
    this.#slots = new Int32Array(size).fill(NEVER)
  }

  /** Bytes of a ring of this size. */
  static bytes(size: number): number {
    return size * (RECORD_WIDTH * 4 + 4)
  }

  /** The newest slot that was written; −1 when there is none. */
  get last(): number {
    return this.#last
  }

  /** Where the record of a slot begins, made empty when it is new; −1 when the slot is older than the ring is long. */
  open(slot: number): number {
    const index = slot % this.#slots.length
    const held = this.#slots[index] as number
    if (held !== slot) {
      if (held > slot) return NEVER
      this.#slots[index] = slot
      this.data.fill(0, index * RECORD_WIDTH, (index + 1) * RECORD_WIDTH)
      if (slot > this.#last) this.#last = slot
    }
    return index * RECORD_WIDTH
  }

  /** Where the newest record between two slots begins; −1 when there is none. */
  newest(last: number, first: number): number {
    const end = Math.max(first, last - this.#slots.length)
    for (let slot = last; slot >= end; slot--) {
      const at = this.find(slot)
      if (at >= 0) return at
    }
    return NEVER
  }

  /** Where the record of a slot begins; −1 when there is none. */
  find(slot: number): number {
    if (slot < 0) return NEVER
    const index = slot % this.#slots.length
    return this.#slots[index] === slot ? index * RECORD_WIDTH : NEVER
  }
}

/** Slots in one piece of a history. */
export const PIECE_SLOTS = 60
export const PIECE_BYTES = PIECE_SLOTS * RECORD_WIDTH * 4

/** Records of one source over a long time, in pieces that come with the samples and go when they are too old. */
export class History {
  readonly #pieces = new Map<number, Float32Array>()

  get pieces(): number {
    return this.#pieces.size
  }

  /** The piece that holds a slot. */
  piece(slot: number): Float32Array | undefined {
    return this.#pieces.get(Math.floor(slot / PIECE_SLOTS))
  }

  /** Makes the piece that holds a slot. */
  addPiece(slot: number): Float32Array {
    const piece = new Float32Array(PIECE_SLOTS * RECORD_WIDTH)
    this.#pieces.set(Math.floor(slot / PIECE_SLOTS), piece)
    return piece
  }

  /** Drops what ends before a slot. @returns how many pieces that were */
  dropBefore(slot: number): number {
    let dropped = 0
    for (const number of this.#pieces.keys()) {
      if ((number + 1) * PIECE_SLOTS > slot) continue
      this.#pieces.delete(number)
      dropped++
    }
    return dropped
  }

  /** First slot of the oldest piece; infinite when there is none. */
  get oldest(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const number of this.#pieces.keys()) oldest = Math.min(oldest, number * PIECE_SLOTS)
    return oldest
  }

  /** First slot of the newest piece; −1 when there is none. */
  get newest(): number {
    let newest = NEVER
    for (const number of this.#pieces.keys()) newest = Math.max(newest, number * PIECE_SLOTS)
    return newest
  }

  /** The piece with the record of a slot; undefined when there is no such record. */
  find(slot: number): Float32Array | undefined {
    const piece = this.piece(slot)
    return piece !== undefined && hasReports(piece, placeIn(slot)) ? piece : undefined
  }
}

/** Where the record of a slot begins in its piece. */
export function placeIn(slot: number): number {
  return (slot % PIECE_SLOTS) * RECORD_WIDTH
}
