import type { Transaction } from './types.ts'

/** Where a transaction stands among all: by begin, then by id. */
export interface Place {
  readonly begin: number
  readonly globalTxId: string
}

/** Transactions sorted by begin. New ones belong near the end, so putting them in moves little. */
export class BeginOrder {
  #sorted: Transaction[] = []

  add(transaction: Transaction): void {
    this.#sorted.splice(this.#countBefore(transaction), 0, transaction)
  }

  /** Takes one out; it must be where it was added. */
  remove(transaction: Transaction): void {
    const at = this.#countBefore(transaction)
    if (this.#sorted[at] === transaction) this.#sorted.splice(at, 1)
  }

  /** Takes out all that `isGone` says. */
  removeAll(isGone: (transaction: Transaction) => boolean): void {
    this.#sorted = this.#sorted.filter((transaction) => !isGone(transaction))
  }

  /** From the latest before `place` to the earliest. */
  *backwards(place?: Place): Generator<Transaction> {
    for (let at = place === undefined ? this.#sorted.length : this.#countBefore(place); at > 0; at--) {
      yield this.#sorted[at - 1] as Transaction
    }
  }

  #countBefore(place: Place): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(this.#sorted[middle] as Transaction, place)) low = middle + 1
      else high = middle
    }
    return low
  }
}

function isBefore(one: Place, other: Place): boolean {
  return one.begin < other.begin || (one.begin === other.begin && one.globalTxId < other.globalTxId)
}
