import type { Clock, Stoppable } from '../kernel/clock.ts'

/** Something that wants to be woken regularly. */
export interface PingTarget {
  /** Called once per turn of the wheel. */
  onTurn(): void
}

const TICK_MS = 1000

/** Wakes each target every `periodSeconds`, spread evenly: one timer for any number of sockets, no burst of pings. */
export class PingWheel {
  readonly #slots: Set<PingTarget>[]
  readonly #home = new WeakMap<PingTarget, Set<PingTarget>>()
  readonly #timer: Stoppable
  #at = 0

  constructor(clock: Clock, periodSeconds: number) {
    this.#slots = Array.from({ length: periodSeconds }, () => new Set())
    this.#timer = clock.every(TICK_MS, () => this.#tick())
  }

  /** The first turn comes after a whole period. */
  add(target: PingTarget): void {
    const slot = this.#slots[this.#at]
    if (slot === undefined) return
    slot.add(target)
    this.#home.set(target, slot)
  }

  remove(target: PingTarget): void {
    this.#home.get(target)?.delete(target)
  }

  stop(): void {
    this.#timer.stop()
  }

  #tick(): void {
    this.#at = (this.#at + 1) % this.#slots.length
    for (const target of this.#slots[this.#at] ?? []) target.onTurn()
  }
}
