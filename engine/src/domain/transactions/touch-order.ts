import type { Transaction } from './types.ts'

/** Transactions in the order in which they were touched, chained through themselves: cheaper than a set of them. */
export class TouchOrder implements Iterable<Transaction> {
  #oldest: Transaction | undefined
  #newest: Transaction | undefined

  /** Puts one at the end, wherever it was. */
  touch(transaction: Transaction): void {
    if (transaction === this.#newest) return
    this.remove(transaction)
    transaction.older = this.#newest
    if (this.#newest === undefined) this.#oldest = transaction
    else this.#newest.newer = transaction
    this.#newest = transaction
  }

  /** Takes one out; nothing happens when it is not in. */
  remove(transaction: Transaction): void {
    const { older, newer } = transaction
    if (older !== undefined) older.newer = newer
    else if (this.#oldest === transaction) this.#oldest = newer
    if (newer !== undefined) newer.older = older
    else if (this.#newest === transaction) this.#newest = older
    transaction.older = undefined
    transaction.newer = undefined
  }

  /** From the one that was touched longest ago; the one at hand may be taken out meanwhile. */
  *[Symbol.iterator](): Generator<Transaction> {
    let next = this.#oldest
    while (next !== undefined) {
      const transaction: Transaction = next
      next = transaction.newer
      yield transaction
    }
  }
}
