import type { Clock } from '../../kernel/clock.ts'
import { fail } from '../../kernel/failure.ts'
import type { Log } from '../../kernel/log.ts'
import { isEnded } from './judge.ts'
import type { Note, NotedBranch, TransactionFailure } from './types.ts'
import type { TransactionView } from './view.ts'

/** Room is made for so much at once: not at every report, and not so much that others wait long for it. */
const TARGET_SHARE = 0.98
/** When there was nothing to let go, the next look comes after this time. */
const PAUSE_MS = 1000
/** From one line of the log to the next. */
const QUIET_MS = 10_000

interface Needs {
  readonly view: TransactionView
  readonly clock: Clock
  readonly log: Log
  readonly bytesMax: number
}

/** Keeps the view within its bytes: what ended longest ago goes first, what is in flight never. */
export class Room {
  readonly #needs: Needs
  #fullUntil = Number.NEGATIVE_INFINITY
  #quietUntil = Number.NEGATIVE_INFINITY
  /** Let go and not yet told of. */
  #letGo = 0

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** @returns whether there is room, perhaps after letting go of what has ended */
  make(): boolean {
    const { view, clock, bytesMax } = this.#needs
    if (view.bytes < bytesMax) return true
    if (clock.monotonic() < this.#fullUntil) return false
    this.#tell(forgetEnded(view, bytesMax * TARGET_SHARE))
    if (view.bytes < bytesMax) return true
    this.#fullUntil = clock.monotonic() + PAUSE_MS
    return false
  }

  /** Says how many had to go, not more often than people read. */
  #tell(count: number): void {
    const { clock, log, bytesMax } = this.#needs
    this.#letGo += count
    if (this.#letGo === 0 || clock.monotonic() < this.#quietUntil) return
    log.warn({ count: this.#letGo, bytesMax }, 'ended transactions were let go before their time: no room')
    this.#letGo = 0
    this.#quietUntil = clock.monotonic() + QUIET_MS
  }

  /**
   * What of a note there is room for: how known transactions go on always, new ones only while there is.
   * @throws TransactionHeadInvalid
   */
  fit(note: Note): Note {
    if (note.branches.length === 0 || this.make()) return note
    const { view, bytesMax } = this.#needs
    if (!bringsNew(note, view)) return withoutTexts(note)
    return fail<TransactionFailure>(
      'TransactionHeadInvalid',
      `activeTxList: no room, transactions in flight take the ${bytesMax} bytes of transactions.maxBytes`,
    )
  }
}

function forgetEnded(view: TransactionView, bytesWanted: number): number {
  let count = 0
  for (const transaction of view.byTouch) {
    if (view.bytes <= bytesWanted) break
    if (!isEnded(transaction)) continue
    view.forget(transaction)
    count += 1
  }
  view.sweep()
  return count
}

/** Without what takes room: how things go on is taken in always. */
function withoutTexts(note: Note): Note {
  const branches = note.branches.map(
    ({ errorMessage: _, errorTime: __, participants: ___, name: ____, parentTxId: _____, ...rest }): NotedBranch =>
      rest,
  )
  return { ...note, branches, isShort: true }
}

/** Whether a note speaks of branches that are not known. */
function bringsNew({ tenant, branches }: Note, view: TransactionView): boolean {
  return branches.some(({ globalTxId, branchTxId }) => !view.transaction(tenant, globalTxId)?.branches.has(branchTxId))
}
