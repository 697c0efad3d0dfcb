import type { Clock, Stoppable } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'

interface Needs {
  readonly clock: Clock
  readonly log: Log
  /** How late is too late; 0: never. */
  readonly overloadMs: number
}

const TICK_MS = 100
/** One long piece of work, or a machine that slept, is no overload. */
const TICKS_IN_A_ROW = 5
const SEVERE_TIMES = 4

/**
 * Whether the engine is asked for more than it can do: then whatever is due comes late, again and again. It counts as
 * caught up when it has been in time as often in a row.
 */
export class Overload {
  readonly #needs: Needs
  readonly #timer: Stoppable | undefined
  #lookedAt: number
  /** Ticks in a row that say otherwise than the level. */
  #against = 0
  #level = 0

  constructor(needs: Needs) {
    this.#needs = needs
    this.#lookedAt = needs.clock.monotonic()
    this.#timer = needs.overloadMs > 0 ? needs.clock.every(TICK_MS, () => this.#look()) : undefined
  }

  /** 0: none, 1: overloaded, 2: severely. */
  get level(): number {
    return this.#level
  }

  stop(): void {
    this.#timer?.stop()
  }

  #look(): void {
    const { clock, log, overloadMs } = this.#needs
    const now = clock.monotonic()
    const lateMs = now - this.#lookedAt - TICK_MS
    this.#lookedAt = now
    const isLate = lateMs >= overloadMs
    if (isLate === this.#level > 0) {
      this.#against = 0
      if (isLate) this.#level = severity(lateMs, overloadMs)
      return
    }
    this.#against++
    if (this.#against < TICKS_IN_A_ROW) return
    this.#against = 0
    this.#level = isLate ? severity(lateMs, overloadMs) : 0
    if (isLate) log.warn({ lateMs: Math.round(lateMs) }, 'overloaded: finds are refused until the engine has caught up')
    else log.info({}, 'no longer overloaded')
  }
}

function severity(lateMs: number, overloadMs: number): number {
  return lateMs >= overloadMs * SEVERE_TIMES ? 2 : 1
}
