import type { Transaction } from './types.ts'

/** Where a transaction stands among all: by begin, then by id. */
export interface Place {
  readonly begin: number
  readonly globalTxId: string
}

/** From the first begin of some to the last. */
export interface Begins {
  readonly from: number
  readonly to: number
}

/** Transactions of one block; putting one in moves at most so many. */
const BLOCK_SIZE_MAX = 512

/** Transactions sorted by begin, in blocks, so that it costs little wherever one is put in. */
export class BeginOrder {
  /** None is empty. */
  #blocks: Transaction[][] = []

  add(transaction: Transaction): void {
    const last = this.#blocks.length - 1
    const newest = this.#blocks[last]?.at(-1)
    const isNewest = newest !== undefined && isBefore(newest, transaction)
    const at = isNewest ? last : Math.min(this.#blockOf(transaction), last)
    const block = this.#blocks[at]
    if (block === undefined) this.#blocks.push([transaction])
    else {
      if (isNewest) block.push(transaction)
      else block.splice(countBefore(block, transaction), 0, transaction)
      // At the end, where most are put in, blocks are left full.
      const half = at === last ? BLOCK_SIZE_MAX : BLOCK_SIZE_MAX / 2
      if (block.length > BLOCK_SIZE_MAX) this.#blocks.splice(at + 1, 0, block.splice(half))
    }
  }

  /** Takes one out; it must be where it was added. */
  remove(transaction: Transaction): void {
    const at = this.#blockOf(transaction)
    const block = this.#blocks[at] ?? []
    const place = countBefore(block, transaction)
    if (block[place] !== transaction) return
    block.splice(place, 1)
    if (block.length === 0) this.#blocks.splice(at, 1)
  }

  /** Takes out all that are forgotten; none of them began before `from` or after `to`. */
  removeForgotten({ from, to }: Begins): void {
    const isTouched = (block: readonly Transaction[]) =>
      (block[0] as Transaction).begin <= to && (block.at(-1) as Transaction).begin >= from
    const left = this.#blocks.map((block) =>
      isTouched(block) ? block.filter(({ isForgotten }) => !isForgotten) : block,
    )
    this.#blocks = left.filter((block) => block.length > 0)
  }

  /** From the latest before `place` to the earliest. */
  *backwards(place?: Place): Generator<Transaction> {
    const last = place === undefined ? this.#blocks.length - 1 : this.#blockOf(place)
    for (let at = Math.min(last, this.#blocks.length - 1); at >= 0; at--) {
      const block = this.#blocks[at] as Transaction[]
      const begin = place !== undefined && at === last ? countBefore(block, place) : block.length
      for (let index = begin; index > 0; index--) yield block[index - 1] as Transaction
    }
  }

  /** The first block that does not end before a place; one past the last when all do. */
  #blockOf(place: Place): number {
    return lowest(this.#blocks.length, (at) => isBefore((this.#blocks[at] as Transaction[]).at(-1) as Place, place))
  }
}

function countBefore(block: readonly Transaction[], place: Place): number {
  return lowest(block.length, (at) => isBefore(block[at] as Transaction, place))
}

/** The lowest index for which `isTooLow` does not hold, when it holds for all below. */
function lowest(length: number, isTooLow: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isTooLow(middle)) low = middle + 1
    else high = middle
  }
  return low
}

function isBefore(one: Place, other: Place): boolean {
  return one.begin < other.begin || (one.begin === other.begin && one.globalTxId < other.globalTxId)
}
