import type { Clock, Stoppable } from '../../kernel/clock.ts'
import { AUDIT_BLOCK_LENGTH, AUDIT_GATHERED_LENGTH_MAX, AUDIT_WAITING_LENGTH_MAX } from '../../kernel/limits.ts'
import type { Journal, JournalEntry, Sequence } from '../../storage/journal.ts'
import type { StoredEntry } from './record.ts'
import { encodeBlock, encodeRecord, parseBlock, writtenOf } from './record.ts'
import type { AuditRecord } from './types.ts'

/** What nobody waits for is gathered so long: each write is a sync that everything else on the disk waits for. */
const GATHER_MS = 500
/** So much later than it happened, at most, an entry is written. */
const LATE_MS = 60_000
/** Records encoded at a time: one by one, between everything else, each takes three times as long. */
const ENCODED_TOGETHER = 64
/** Of an entry, beside what its record says at length. */
const ENTRY_LENGTH = 200
/** Blocks read at a time; others are served between. */
const PAGE_BLOCKS = 8

/** Where an entry is: in which block, and the how manieth in it. */
export interface Place {
  readonly sequence: Sequence
  readonly index: number
}

export interface PlacedEntry {
  readonly place: Place
  readonly entry: StoredEntry
}

/** A record that is not encoded yet. */
interface Noted {
  readonly record: AuditRecord
  /** When it happened. */
  readonly at: number
}

interface Needs {
  readonly stream: string
  readonly journal: Journal
  readonly clock: Clock
  /** Told of entries that could not be written. */
  readonly onLost: (count: number, cause: unknown) => void
}

/**
 * One stream of the journal, written in blocks: what comes in one turn of the event loop, or while nobody waits, shares
 * one. Each block counts the characters before it, so that the size of the stream is known without reading it.
 */
export class Strand {
  readonly #stream: string
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #onLost: Needs['onLost']
  #noted: Noted[] = []
  #waiting: string[] = []
  #waitingLength = 0
  #underWayLength = 0
  #written = 0
  #timer: Stoppable | undefined
  #last: Promise<void> = Promise.resolve()
  #gathering: Promise<void> | undefined

  constructor({ stream, journal, clock, onLost }: Needs) {
    this.#stream = stream
    this.#journal = journal
    this.#clock = clock
    this.#onLost = onLost
  }

  async open(): Promise<void> {
    const [newest] = await this.#journal.scan(this.#stream, { direction: 'backward', limit: 1 })
    this.#written = newest === undefined ? 0 : writtenOf(newest.text)
  }

  /** Adds an entry; resolves when it is on disk, or lost for good. Never rejects. */
  add(record: AuditRecord): Promise<void> {
    this.#note(record)
    // All entries of this turn of the event loop go together.
    this.#gathering ??= Promise.resolve().then(() => this.flush())
    return this.#gathering
  }

  /** Adds an entry that nobody waits for: it is written soon. */
  addSoon(record: AuditRecord): void {
    this.#note(record)
    if (this.#waitingLength >= AUDIT_GATHERED_LENGTH_MAX) void this.flush()
    else this.#timer ??= this.#clock.after(GATHER_MS, () => void this.flush())
  }

  /** Whether so much waits for the disk that no more should come. */
  get isFull(): boolean {
    return this.waitingLength > AUDIT_WAITING_LENGTH_MAX
  }

  /** Characters that are not on disk yet, about. */
  get waitingLength(): number {
    return this.#waitingLength + this.#underWayLength
  }

  /** Writes what waits; resolves when everything added so far is on disk, or lost. */
  flush(): Promise<void> {
    this.#timer?.stop()
    this.#timer = undefined
    this.#gathering = undefined
    this.#encode()
    if (this.#waiting.length > 0) {
      const entries = this.#waiting
      this.#waiting = []
      this.#underWayLength += this.#waitingLength
      this.#last = Promise.all([this.#last, this.#write(entries, this.#waitingLength)]).then(() => {})
      this.#waitingLength = 0
    }
    return this.#last
  }

  /** Removes what is older than `before`, and the oldest of what is more than `lengthMax` characters. */
  async shorten(before: number, lengthMax: number): Promise<void> {
    await this.#journal.dropBefore(this.#stream, before)
    const surplus = this.#written - lengthMax
    const [oldest] = await this.#journal.scan(this.#stream, { direction: 'forward', limit: 1 })
    if (oldest === undefined || writtenOf(oldest.text) > surplus) return
    const kept = await this.#firstWhere(oldest, ({ text }) => writtenOf(text) > surplus)
    await this.#journal.dropBefore(this.#stream, kept?.time ?? this.#clock.now())
  }

  /**
   * All entries before a place, the latest first; without one those that were written up to `until`. A group of entries
   * at a time: between groups others are served.
   */
  async *backwards(after: Place | undefined, until: number): AsyncGenerator<readonly PlacedEntry[]> {
    let sequence = after === undefined ? await this.#endAt(until) : after.sequence + 1
    for (;;) {
      const page = await this.#journal.scan(this.#stream, {
        direction: 'backward',
        limit: PAGE_BLOCKS,
        ...(sequence === undefined ? {} : { after: sequence }),
      })
      if (page.length === 0) return
      for (const block of page) {
        sequence = block.sequence
        const found = parseBlock(block.text).entries.map((entry, index) => ({
          place: { sequence: block.sequence, index },
          entry,
        }))
        yield found.filter(({ place }) => after === undefined || isBefore(place, after)).reverse()
      }
    }
  }

  /** The sequence after the last block that may hold entries of that time; undefined: after the very last. */
  async #endAt(until: number): Promise<Sequence | undefined> {
    const [newest] = await this.#journal.scan(this.#stream, { direction: 'backward', limit: 1 })
    const end = until + LATE_MS
    if (newest === undefined || newest.time <= end) return undefined
    const [oldest] = await this.#journal.scan(this.#stream, { direction: 'forward', limit: 1 })
    return oldest && (await this.#firstWhere(oldest, ({ time }) => time > end))?.sequence
  }

  /** The first block, not before `oldest`, of which something is true that stays true from there on. */
  async #firstWhere(oldest: JournalEntry, isTrue: (block: JournalEntry) => boolean): Promise<JournalEntry | undefined> {
    const [newest] = await this.#journal.scan(this.#stream, { direction: 'backward', limit: 1 })
    let low = oldest.sequence
    let high = newest?.sequence ?? 0
    let found: JournalEntry | undefined
    while (low <= high) {
      const middle = Math.floor((low + high) / 2)
      const [block] = await this.#journal.scan(this.#stream, { direction: 'forward', after: middle - 1, limit: 1 })
      if (block === undefined || isTrue(block)) {
        found = block ?? found
        high = middle - 1
      } else low = block.sequence + 1
    }
    return found
  }

  #note(record: AuditRecord): void {
    this.#noted.push({ record, at: this.#clock.now() })
    this.#waitingLength += lengthOf(record)
    if (this.#noted.length >= ENCODED_TOGETHER) this.#encode()
  }

  #encode(): void {
    for (const { record, at } of this.#noted) this.#waiting.push(encodeRecord(record, at))
    this.#noted = []
  }

  async #write(entries: readonly string[], length: number): Promise<void> {
    try {
      await this.#journal.append(this.#stream, this.#blocksOf(entries))
    } catch (cause) {
      this.#onLost(entries.length, cause)
    } finally {
      this.#underWayLength -= length
    }
  }

  #blocksOf(entries: readonly string[]): string[] {
    const blocks: string[] = []
    let some: string[] = []
    let length = 0
    const end = () => {
      this.#written += length
      blocks.push(encodeBlock(some, this.#written))
      some = []
      length = 0
    }
    for (const entry of entries) {
      some.push(entry)
      length += entry.length
      if (length >= AUDIT_BLOCK_LENGTH) end()
    }
    if (some.length > 0) end()
    return blocks
  }
}

/** About how long the entry of a record is. */
function lengthOf({ agent, detail = '', before = '', after = '' }: AuditRecord): number {
  return ENTRY_LENGTH + agent.length + detail.length + before.length + after.length
}

function isBefore(one: Place, other: Place): boolean {
  return one.sequence === other.sequence ? one.index < other.index : one.sequence < other.sequence
}
