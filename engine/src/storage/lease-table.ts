import { DueHeap } from '../kernel/heap.ts'
import type { LeaseId } from './store.ts'

const SLOTS_AT_FIRST = 1024

/**
 * The running leases of a store that owns them. A heartbeat writes one number, the deadline in the lease's slot; the
 * heap only remembers when to look at a slot next, and is put right when it looks too early.
 * Times are milliseconds on the clock that never jumps.
 */
export class LeaseTable {
  readonly #slots = new Map<LeaseId, number>()
  readonly #checks = new DueHeap<number>()
  readonly #free: number[] = []
  #ids: (LeaseId | undefined)[] = []
  #deadlines = new Float64Array(SLOTS_AT_FIRST)
  #ttls = new Float64Array(SLOTS_AT_FIRST)
  /** When each slot is looked at next: the heap's other entries for it are out of date. */
  #checkAt = new Float64Array(SLOTS_AT_FIRST)

  get size(): number {
    return this.#slots.size
  }

  has(id: LeaseId): boolean {
    return this.#slots.has(id)
  }

  ttlSeconds(id: LeaseId): number {
    const slot = this.#slots.get(id)
    return slot === undefined ? 0 : (this.#ttls[slot] ?? 0) / 1000
  }

  /** Starts a lease. */
  add(id: LeaseId, ttlSeconds: number, now: number): void {
    const slot = this.#free.pop() ?? this.#ids.length
    if (slot >= this.#deadlines.length) this.#grow()
    this.#ids[slot] = id
    this.#slots.set(id, slot)
    this.#ttls[slot] = ttlSeconds * 1000
    this.#setDeadline(slot, now + ttlSeconds * 1000)
  }

  /** Gives a lease its full time again; false when it is unknown. */
  renew(id: LeaseId, now: number): boolean {
    const slot = this.#slots.get(id)
    if (slot === undefined) return false
    this.#deadlines[slot] = now + (this.#ttls[slot] ?? 0)
    return true
  }

  /** Lets a lease run for some more seconds from now on. */
  postpone(id: LeaseId, seconds: number, now: number): void {
    const slot = this.#slots.get(id)
    if (slot !== undefined) this.#setDeadline(slot, now + seconds * 1000)
  }

  remove(id: LeaseId): boolean {
    const slot = this.#slots.get(id)
    if (slot === undefined) return false
    this.#slots.delete(id)
    this.#ids[slot] = undefined
    this.#checkAt[slot] = Number.NaN
    this.#free.push(slot)
    return true
  }

  /** Leases whose time is up, at most `most`. Each must then be removed or postponed, or it is not looked at again. */
  takeDue(now: number, most: number): LeaseId[] {
    const due: LeaseId[] = []
    while (due.length < most && this.#checks.earliest <= now) {
      const time = this.#checks.earliest
      const slot = this.#checks.pop() ?? 0
      const id = this.#ids[slot]
      if (id === undefined || this.#checkAt[slot] !== time) continue
      const deadline = this.#deadlines[slot] ?? 0
      if (deadline > now) this.#setDeadline(slot, deadline)
      else {
        // A slot used again may have two entries of the same time; only one of them counts.
        this.#checkAt[slot] = Number.NaN
        due.push(id)
      }
    }
    return due
  }

  /** Moves every deadline: time in which nobody could send a heartbeat does not count. */
  shift(ms: number): void {
    for (let slot = 0; slot < this.#ids.length; slot++) {
      this.#deadlines[slot] = (this.#deadlines[slot] ?? 0) + ms
    }
  }

  #setDeadline(slot: number, deadline: number): void {
    this.#deadlines[slot] = deadline
    this.#checkAt[slot] = deadline
    this.#checks.push(deadline, slot)
  }

  #grow(): void {
    const larger = (numbers: Float64Array<ArrayBuffer>) => {
      const copy = new Float64Array(numbers.length * 2)
      copy.set(numbers)
      return copy
    }
    this.#deadlines = larger(this.#deadlines)
    this.#ttls = larger(this.#ttls)
    this.#checkAt = larger(this.#checkAt)
  }
}
