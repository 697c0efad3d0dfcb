import type { Clock, Stoppable } from '../kernel/clock.ts'
import type { LeaseTable } from './lease-table.ts'
import type { LeaseId, StoreOwner } from './store.ts'

const TICK_MS = 100
/** Expirations per tick: a mass of them is spread, so that heartbeats get their turn in between. */
const EXPIRATIONS_PER_TICK_MAX = 1000
/** A tick that comes so late means that the process stood still, and with it everybody's heartbeats. */
const STALL_MS = 1000
const RETRY_SECONDS = 1

interface Needs {
  readonly clock: Clock
  readonly leases: LeaseTable
  readonly owner: StoreOwner | undefined
  /** Ends a lease; rejects when that could not be stored. */
  readonly revoke: (id: LeaseId) => Promise<boolean>
}

/** Ends leases whose time is up; asks the owner before. */
export function startLeaseClock({ clock, leases, owner, revoke }: Needs): Stoppable {
  let lastTick = clock.monotonic()
  const letGo = async (id: LeaseId) => {
    try {
      await revoke(id)
    } catch {
      // The store refuses for now: the lease stays, and so does what is bound to it.
      leases.postpone(id, RETRY_SECONDS, clock.monotonic())
    }
  }
  return clock.every(TICK_MS, () => {
    const now = clock.monotonic()
    const late = now - lastTick - TICK_MS
    lastTick = now
    if (late > STALL_MS) leases.shift(late)
    const due = leases.takeDue(now, EXPIRATIONS_PER_TICK_MAX)
    if (due.length === 0) return
    const spared = owner?.spareLeases?.(due) ?? []
    due.forEach((id, index) => {
      const seconds = spared[index] ?? 0
      if (seconds > 0) leases.postpone(id, seconds, now)
      else void letGo(id)
    })
  })
}
