import { randomInt } from 'node:crypto'
import type { Transaction } from './types.ts'

const SLOTS_MIN = 64

/**
 * Transactions by their id. A map follows pointers to several ids before it says that one is not known, each of them far away in
 * memory; here the hashes lie side by side, and an id is looked at only when its hash is the same. What is removed
 * leaves no trace, so that a table whose transactions come and go is never built anew.
 */
export class TransactionTable {
  /** Nobody outside can make ids whose hashes are the same. */
  readonly #seed = randomInt(2 ** 31)
  /** By slot; 0: free. A transaction is in the first free slot at or after the one that its hash asks for. */
  #hashes = new Int32Array(SLOTS_MIN)
  #transactions: (Transaction | undefined)[] = new Array(SLOTS_MIN).fill(undefined)
  #size = 0
  /** The latest hash that was asked for. */
  readonly #hashed = { text: '', hash: 1 }

  get size(): number {
    return this.#size
  }

  get(globalTxId: string): Transaction | undefined {
    return this.#transactions[this.#slotOf(globalTxId)]
  }

  /** Adds one whose id is not in the table. */
  add(transaction: Transaction): void {
    if (2 * this.#size >= this.#hashes.length) this.#grow()
    this.#size += 1
    this.#put(this.#hashOf(transaction.globalTxId), transaction)
  }

  /** Takes one out; nothing happens when it is not in. */
  delete({ globalTxId }: Transaction): void {
    let free = this.#slotOf(globalTxId)
    if (this.#hashes[free] === 0) return
    this.#size -= 1
    // Those that would have stood in a slot that is free now move up.
    for (let slot = this.#after(free); this.#hashes[slot] !== 0; slot = this.#after(slot)) {
      const wanted = (this.#hashes[slot] as number) & this.#last
      if (this.#distance(wanted, slot) < this.#distance(free, slot)) continue
      this.#hashes[free] = this.#hashes[slot] as number
      this.#transactions[free] = this.#transactions[slot]
      free = slot
    }
    this.#hashes[free] = 0
    this.#transactions[free] = undefined
  }

  /** All there are now, in no order. */
  all(): readonly Transaction[] {
    return this.#transactions.filter((transaction) => transaction !== undefined)
  }

  /** Where a transaction is, or the free slot that tells that it is not in. */
  #slotOf(globalTxId: string): number {
    const hash = this.#hashOf(globalTxId)
    let slot = hash & this.#last
    while (this.#hashes[slot] !== 0) {
      if (this.#hashes[slot] === hash && this.#transactions[slot]?.globalTxId === globalTxId) break
      slot = this.#after(slot)
    }
    return slot
  }

  #put(hash: number, transaction: Transaction | undefined): void {
    let slot = hash & this.#last
    while (this.#hashes[slot] !== 0) slot = this.#after(slot)
    this.#hashes[slot] = hash
    this.#transactions[slot] = transaction
  }

  #grow(): void {
    const [hashes, transactions] = [this.#hashes, this.#transactions]
    this.#hashes = new Int32Array(2 * hashes.length)
    this.#transactions = new Array(2 * hashes.length).fill(undefined)
    for (let slot = 0; slot < hashes.length; slot++) {
      if (hashes[slot] !== 0) this.#put(hashes[slot] as number, transactions[slot])
    }
  }

  get #last(): number {
    return this.#hashes.length - 1
  }

  #after(slot: number): number {
    return (slot + 1) & this.#last
  }

  /** Steps from one slot on to another. */
  #distance(from: number, to: number): number {
    return (to - from) & this.#last
  }

  #hashOf(text: string): number {
    // Whoever finds that an id is not in adds it next.
    if (text === this.#hashed.text) return this.#hashed.hash
    let hash = this.#seed
    for (let at = 0; at < text.length; at++) {
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x5bd1e995)
      hash ^= hash >>> 15
    }
    this.#hashed.text = text
    this.#hashed.hash = hash === 0 ? 1 : hash
    return this.#hashed.hash
  }
}
