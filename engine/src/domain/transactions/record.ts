import type { TxReport } from '@rollcall/protocol/transactions'
import { readTxReport } from '@rollcall/protocol/transactions'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { Pace } from '../../kernel/pace.ts'
import type { Journal, Sequence } from '../../storage/journal.ts'
import { noteReport } from './decide.ts'
import { KeptLength } from './kept-length.ts'
import { reportersNote, snapshotOf } from './snapshot.ts'
import type { Note, ReceivedReport, Transaction } from './types.ts'
import type { TransactionView } from './view.ts'

const STREAM = 'transactions'
const PAGE_ENTRIES = 1000
/** Notes that are written anew at a time; others are served between. */
const REWRITES_PER_STEP = 200
/** So much comes together in any case before some of it is removed. */
const GROWTH_CHARACTERS_MIN = 16_777_216

interface Needs {
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
}

/** What the journal has: a note, or a whole report that a note was made of. */
type Entry = Note | (Pick<Note, 'at' | 'tenant'> & { readonly report: TxReport })

/** The journal of what was told: enough to make the view again, and not much more. */
export class TransactionRecord {
  readonly #needs: Needs
  readonly #pending = new Set<Promise<void>>()
  readonly #kept = new KeptLength()
  #isRefused = false

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Gives a view what the journal has, in its order. @param beforeEach called before each entry */
  async replay(view: TransactionView, beforeEach: () => void): Promise<void> {
    const { journal, log } = this.#needs
    let after: Sequence = 0
    for (;;) {
      const page = await journal.scan(STREAM, { direction: 'forward', after, limit: PAGE_ENTRIES })
      if (page.length === 0) return
      for (const { sequence, time, text } of page) {
        after = sequence
        this.#kept.add(time, text.length)
        beforeEach()
        try {
          applyEntry(view, JSON.parse(text), time)
        } catch (err) {
          log.warn({ err, sequence }, 'a note of transactions cannot be read and is left out')
        }
      }
    }
  }

  /**
   * Keeps a note, then hands it to `apply`. What only says that all is as before is not worth waiting for the disk.
   * @throws StoreUnavailableError
   */
  async add(note: Note, received: ReceivedReport, apply: (note: Note) => void): Promise<void> {
    const text = isWorthWhole(note, received) ? wholeText(note, received.text) : JSON.stringify(note)
    const kept = this.#needs.journal.append(STREAM, [text], { durable: note.branches.length > 0 }).then(() => {
      this.#kept.add(note.at, text.length)
      apply(note)
    })
    this.#pending.add(kept)
    try {
      await kept
    } catch (error) {
      // Perhaps there is no room: what has been written twice can go.
      this.#isRefused = true
      throw error
    } finally {
      this.#pending.delete(kept)
    }
  }

  /** Whether so much has come together that shortening cannot wait for its time. */
  isLong(view: TransactionView): boolean {
    return this.#kept.characters > 2 * dueAt(view)
  }

  /**
   * Removes the older half when so much has come together that it pays, all when the disk has no room. What is still
   * known of it is written down anew before; of transactions that came one after the other, that is next to nothing.
   */
  async shorten(view: TransactionView): Promise<void> {
    const isWanted = this.#isRefused
    this.#isRefused = false
    if (!isWanted && this.#kept.characters < dueAt(view)) return
    const { journal, clock, log } = this.#needs
    const startedAt = clock.now()
    // What was noted before this moment must be in the view; what comes later stays in the journal.
    await Promise.allSettled(this.#pending)
    this.#kept.split(startedAt)
    const end = isWanted ? startedAt : (this.#kept.middle ?? startedAt)
    try {
      await this.#rewrite(view, end)
      await journal.dropBefore(STREAM, end)
      this.#kept.dropBefore(end)
    } catch (err) {
      // Everything is as it was, only longer; the next attempt begins anew.
      log.warn({ err }, 'the record of transactions could not be shortened')
    }
  }

  /** Writes down all that may be known from what was kept before `end` only. */
  async #rewrite(view: TransactionView, end: number): Promise<void> {
    const pace = new Pace()
    for (const [tenant, { transactions, reporters }] of [...view.tenants]) {
      const listers = [...reporters.values()]
      while (listers.length > 0) await this.#append([reportersNote(tenant, listers.splice(0, REWRITES_PER_STEP))])
      let step: Transaction[] = []
      for (const transaction of transactions.all()) {
        const pause = pace.step()
        if (pause !== undefined) await pause
        if (transaction.keptSince >= end) continue
        step.push(transaction)
        if (step.length < REWRITES_PER_STEP) continue
        await this.#rewriteEach(tenant, step)
        step = []
      }
      await this.#rewriteEach(tenant, step)
    }
  }

  async #rewriteEach(tenant: string, transactions: readonly Transaction[]): Promise<void> {
    const since = this.#needs.clock.now()
    // Some may have been forgotten while others were looked at.
    const left = transactions.filter(({ isForgotten }) => !isForgotten)
    await this.#append(left.map((transaction) => snapshotOf(tenant, transaction)))
    for (const transaction of left) transaction.keptSince = since
  }

  async #append(notes: readonly Note[]): Promise<void> {
    const time = this.#needs.clock.now()
    const texts = notes.map((note) => JSON.stringify(note))
    await this.#needs.journal.append(STREAM, texts, { makesRoom: true })
    for (const text of texts) this.#kept.add(time, text.length)
  }
}

/** So many characters are kept before some are removed. What is known takes about half as many as it takes bytes. */
function dueAt({ bytes }: TransactionView): number {
  return GROWTH_CHARACTERS_MIN + bytes
}

/** Whether so much of a report is new that writing it down as it came is less work than saying what is new. */
function isWorthWhole({ branches, isShort = false }: Note, { report }: ReceivedReport): boolean {
  const { activeTxList = [], finishedTxList = [], txInfo } = report
  return !isShort && 2 * branches.length > activeTxList.length + finishedTxList.length + (txInfo === undefined ? 0 : 1)
}

function wholeText({ at, tenant }: Note, text: string): string {
  return `{"at":${at},"tenant":${JSON.stringify(tenant)},"report":${text}}`
}

/** A report is noted anew: what it adds to the view as it is at this place. */
function applyEntry(view: TransactionView, entry: Entry, time: number): void {
  if (!('report' in entry)) {
    view.apply(entry, time)
    return
  }
  const { at, tenant, report } = entry
  const note = noteReport(readTxReport(report, 0), { tenant, at, view, isBusy: false })
  if (note !== undefined) view.apply(note, time)
}
