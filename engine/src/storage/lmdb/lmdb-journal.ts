import { dirname } from 'node:path'
import type { Clock, Stoppable } from '../../kernel/clock.ts'
import {
  JOURNAL_DROPS_PER_STEP_MAX,
  JOURNAL_PAGE_CHARACTERS_MAX,
  JOURNAL_WAITING_CHARACTERS_MAX,
} from '../../kernel/limits.ts'
import type { AppendOptions, Journal, JournalEntry, JournalOwner, Scan } from '../journal.ts'
import { checkStream } from '../journal.ts'
import { BACKUP_TABLES, type Backup, type KeptRecord, StoreUnavailableError } from '../store.ts'
import { makeFolder } from './folder.ts'
import { GroupCommit } from './group-commit.ts'
import { endOf, type JournalKey, journalKey, parseJournalKey, placeOf, TAIL_FACTS, tailFact } from './journal-keys.ts'
import type { Change } from './room.ts'
import { Snapshot } from './snapshot.ts'
import { countsOf, noteFormat, openTables, putSynced, REFUSED, type Tables, unavailable } from './tables.ts'

/** Of the file. */
export const JOURNAL_FORMAT = 'journal-1'

/** What nobody waits for is gathered so long, so that it costs others no sync. */
const UNHURRIED_MS = 50

/** Writes into LMDB, when its turn has come. */
interface Job {
  readonly run: () => void
  /** What it changes, for the room that this takes. */
  readonly changes: readonly Change[]
}

interface Needs extends JournalOwner {
  /** Its file; the folder is made if needed, and must be used by one process only. */
  readonly path: string
  readonly clock: Clock
  /** What entries may take; from then on appends are refused until some have been removed. */
  readonly bytesMax?: number
}

interface Waiting {
  readonly stream: string
  readonly texts: readonly string[]
  readonly time: number
}

/** The journal in a file of its own; what waits in one turn of the event loop, or during a sync, shares one sync. */
export class LmdbJournal implements Journal {
  readonly #path: string
  readonly #clock: Clock
  readonly #owner: JournalOwner
  readonly #bytesMax: number
  readonly #group: GroupCommit<Job>
  /** The last entry of each stream, as far as it is known; forgotten when a write failed. */
  readonly #tails = new Map<string, JournalKey>()
  readonly #snapshots = new Set<Snapshot<unknown>>()
  #tables: Tables | undefined
  #unhurried: Waiting[] = []
  #timer: Stoppable | undefined
  #waitingCharacters = 0
  #isFull = false
  #trouble: string | undefined
  #dropping: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor({ path, clock, bytesMax = Number.POSITIVE_INFINITY, ...owner }: Needs) {
    this.#path = path
    this.#clock = clock
    this.#bytesMax = bytesMax
    this.#owner = owner
    this.#group = new GroupCommit({
      append: (jobs) => this.#putAll(jobs),
      onFailure: () => this.#tails.clear(),
      toError: (cause) => unavailable(REFUSED, cause),
    })
  }

  get waitingCharacters(): number {
    return this.#waitingCharacters
  }

  async open(): Promise<void> {
    try {
      await makeFolder(dirname(this.#path))
      this.#tables = await openTables(this.#path, [JOURNAL_FORMAT])
      noteFormat(this.#tables, JOURNAL_FORMAT)
      this.#measure(this.#tables)
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error
      throw unavailable(`cannot open the journal ${this.#path}; check that it is undamaged and may be written`, error)
    }
  }

  async append(stream: string, texts: readonly string[], options: AppendOptions = {}): Promise<void> {
    const { durable = true, makesRoom = false } = options
    this.#checkUse(stream)
    if (this.#isFull && !makesRoom) {
      if (durable) throw this.#fullError()
      this.#owner.onLost({ stream, count: texts.length, cause: this.#fullError() })
      return
    }
    if (this.#waitingCharacters > JOURNAL_WAITING_CHARACTERS_MAX) {
      throw new StoreUnavailableError('too much waits for the disk of the journal')
    }
    const waiting = { stream, texts, time: this.#clock.now() }
    this.#waitingCharacters += lengthOf(waiting)
    if (durable) {
      this.#hurry()
      return this.#submit(waiting)
    }
    this.#unhurried.push(waiting)
    this.#timer ??= this.#clock.after(UNHURRIED_MS, () => this.#hurry())
  }

  async scan(stream: string, { direction, after, limit }: Scan): Promise<readonly JournalEntry[]> {
    const { entries } = this.#checkUse(stream)
    const range =
      direction === 'forward'
        ? { start: placeOf(stream, (after ?? 0) + 1), end: endOf(stream) }
        : {
            reverse: true,
            start: after === undefined ? endOf(stream) : placeOf(stream, after),
            end: placeOf(stream, 0),
          }
    const page: JournalEntry[] = []
    let characters = 0
    for (const { key, value } of entries.getRange({ ...range, limit })) {
      page.push({ ...parseJournalKey(key), text: value })
      characters += value.length
      if (characters >= JOURNAL_PAGE_CHARACTERS_MAX) break
    }
    return page
  }

  async dropBefore(stream: string, time: number): Promise<number> {
    this.#checkUse(stream)
    // One after the other: each step counts what it finds.
    const dropped = this.#dropping.then(() => this.#drop(stream, time))
    this.#dropping = dropped.catch(() => {})
    return dropped
  }

  /** Everything that is on the disk now, and where the streams have got to. @throws StoreUnavailableError when closed */
  backup(): Backup {
    const tables = this.#open()
    const tails = [...tables.facts.getRange(TAIL_FACTS)]
    const snapshot = new Snapshot(tables, '', (key, text): KeptRecord => [BACKUP_TABLES.journal, key, text])
    const forget = () => void this.#snapshots.delete(snapshot)
    this.#snapshots.add(snapshot)
    async function* pages(): AsyncIterable<readonly KeptRecord[]> {
      yield tails.map(({ key, value }) => [BACKUP_TABLES.journalTails, key, value])
      yield* snapshot.pages(forget)
    }
    const end = () => {
      snapshot.end()
      forget()
    }
    return { revision: 0, pages: pages(), end }
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  async #finish(): Promise<void> {
    this.#hurry()
    await this.#group.settled().catch(() => {})
    await this.#dropping
    for (const snapshot of this.#snapshots) snapshot.end()
    const tables = this.#tables
    this.#tables = undefined
    await tables?.env.close()
  }

  async #putAll(jobs: readonly Job[]): Promise<void> {
    const tables = this.#open()
    const all = jobs.flatMap(({ changes }) => changes)
    try {
      await putSynced(tables, all, () => {
        for (const { run } of jobs) run()
      })
    } catch (cause) {
      this.#tell(unavailable(REFUSED, cause).message)
      throw cause
    }
    this.#measure(tables)
  }

  /** Whether there is room, by the pages that entries take; those that were freed will be used again. */
  #measure({ entries }: Tables): void {
    const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = countsOf(entries)
    this.#isFull = (treeBranchPageCount + treeLeafPageCount + overflowPages) * pageSize >= this.#bytesMax
    this.#tell(this.#isFull ? this.#fullError().message : undefined)
  }

  #fullError(): StoreUnavailableError {
    return new StoreUnavailableError(`the journal has reached ${this.#bytesMax} bytes (journal.maxMegabytes)`)
  }

  #tell(trouble: string | undefined): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    this.#owner.onTrouble?.(trouble)
  }

  #open(): Tables {
    if (this.#tables === undefined) throw new StoreUnavailableError('the journal is closed')
    return this.#tables
  }

  #checkUse(stream: string): Tables {
    checkStream(stream)
    if (this.#closing !== undefined) throw new StoreUnavailableError('the journal is closed')
    return this.#open()
  }

  /** Hands over what nobody waits for. */
  #hurry(): void {
    this.#timer?.stop()
    this.#timer = undefined
    const unhurried = this.#unhurried
    this.#unhurried = []
    for (const waiting of unhurried) {
      const { stream, texts } = waiting
      this.#submit(waiting).catch((cause) => this.#owner.onLost({ stream, count: texts.length, cause }))
    }
  }

  async #submit(waiting: Waiting): Promise<void> {
    const written = this.#run({ run: () => this.#put(waiting), changes: puttingOf(waiting) })
    await written.finally(() => {
      this.#waitingCharacters -= lengthOf(waiting)
    })
  }

  #run(job: Job): Promise<void> {
    return new Promise((resolve, reject) => this.#group.add({ commit: job, onDurable: resolve, onFailed: reject }))
  }

  #put({ stream, texts, time }: Waiting): void {
    const { entries } = this.#open()
    let tail = this.#tail(stream)
    for (const text of texts) {
      tail = { sequence: tail.sequence + 1, time: Math.max(tail.time, time) }
      void entries.put(journalKey(stream, tail), text)
    }
    this.#tails.set(stream, tail)
  }

  /** The last entry, also when it has been removed. */
  #tail(stream: string): JournalKey {
    const known = this.#tails.get(stream)
    if (known !== undefined) return known
    const { entries, facts } = this.#open()
    const noted = facts.get(tailFact(stream))
    const [last] = entries.getKeys({ reverse: true, start: endOf(stream), end: placeOf(stream, 0), limit: 1 })
    const key = last ?? noted
    return key === undefined ? { sequence: 0, time: 0 } : parseJournalKey(key)
  }

  async #drop(stream: string, time: number): Promise<number> {
    let count = 0
    for (;;) {
      const keys = this.#keysBefore(stream, time)
      if (keys.length > 0)
        await this.#run({ run: () => this.#remove(stream, keys), changes: keys.map((key) => ({ key })) })
      count += keys.length
      if (keys.length < JOURNAL_DROPS_PER_STEP_MAX || this.#closing !== undefined) return count
    }
  }

  #keysBefore(stream: string, time: number): readonly string[] {
    const keys: string[] = []
    const { entries } = this.#open()
    const range = { start: placeOf(stream, 0), end: endOf(stream), limit: JOURNAL_DROPS_PER_STEP_MAX }
    for (const key of entries.getKeys(range)) {
      if (parseJournalKey(key).time >= time) break
      keys.push(key)
    }
    return keys
  }

  #remove(stream: string, keys: readonly string[]): void {
    const { entries, facts } = this.#open()
    for (const key of keys) void entries.remove(key)
    // Should nothing be left, the sequences go on from here.
    void facts.put(tailFact(stream), journalKey(stream, this.#tail(stream)))
  }
}

/** What is to be written, under keys as long as theirs will be. */
function puttingOf({ stream, texts, time }: Waiting): readonly Change[] {
  const key = journalKey(stream, { sequence: 0, time })
  return texts.map((text) => ({ key, text }))
}

function lengthOf({ texts }: Waiting): number {
  return texts.reduce((characters, text) => characters + text.length, 0)
}
