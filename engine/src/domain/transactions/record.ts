import type { TxReport } from '@rollcall/protocol/transactions'
import { readTxReport } from '@rollcall/protocol/transactions'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Journal, Sequence } from '../../storage/journal.ts'
import { noteReport } from './decide.ts'
import { snapshotOf } from './snapshot.ts'
import type { Note, ReceivedReport } from './types.ts'
import type { TransactionView } from './view.ts'

const STREAM = 'transactions'
const PAGE_ENTRIES = 1000
/** Notes that are written anew at a time; others are served between. */
const REWRITES_PER_STEP = 200
/** So much is added before the record is written anew, and twice what the last rewriting wrote. */
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
  #addedCharacters = 0
  #isRefused = false
  #rewrittenCharacters = 0

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
      for (const { sequence, text } of page) {
        after = sequence
        this.#addedCharacters += text.length
        beforeEach()
        try {
          applyEntry(view, JSON.parse(text))
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
      this.#addedCharacters += text.length
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
  get isLong(): boolean {
    return this.#addedCharacters > 4 * (GROWTH_CHARACTERS_MIN + this.#rewrittenCharacters)
  }

  /** Writes down what is known and removes what led to it, when so much has come together that it pays. */
  async shorten(view: TransactionView): Promise<void> {
    const isDue = this.#addedCharacters >= GROWTH_CHARACTERS_MIN + 2 * this.#rewrittenCharacters
    const isWanted = this.#isRefused && this.#addedCharacters > this.#rewrittenCharacters
    this.#isRefused = false
    if (!isDue && !isWanted) return
    const { journal, clock, log } = this.#needs
    const startedAt = clock.now()
    // What was noted before this moment must be in the view; what comes later stays in the journal.
    await Promise.allSettled(this.#pending)
    const before = this.#addedCharacters
    let written = 0
    try {
      for (const texts of rewritten(view)) {
        for (const text of texts) written += text.length
        await journal.append(STREAM, texts, { makesRoom: true })
      }
      await journal.dropBefore(STREAM, startedAt)
      this.#rewrittenCharacters = written
      this.#addedCharacters -= before
    } catch (err) {
      // Everything is as it was, only longer; the next attempt begins anew.
      log.warn({ err }, 'the record of transactions could not be shortened')
    }
  }
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
function applyEntry(view: TransactionView, entry: Entry): void {
  if (!('report' in entry)) {
    view.apply(entry)
    return
  }
  const { at, tenant, report } = entry
  const note = noteReport(readTxReport(report, 0), { tenant, at, view, isBusy: false })
  if (note !== undefined) view.apply(note)
}

function* rewritten(view: TransactionView): Generator<readonly string[]> {
  for (const [tenant, { transactions }] of [...view.tenants]) {
    let texts: string[] = []
    for (const transaction of [...transactions.values()]) {
      // Forgotten while others were written.
      if (transactions.get(transaction.globalTxId) !== transaction) continue
      texts.push(JSON.stringify(snapshotOf(tenant, transaction)))
      if (texts.length < REWRITES_PER_STEP) continue
      yield texts
      texts = []
    }
    if (texts.length > 0) yield texts
  }
}
