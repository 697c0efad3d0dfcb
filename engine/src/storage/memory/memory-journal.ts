import type { Clock } from '../../kernel/clock.ts'
import type { Journal, JournalEntry, Scan } from '../journal.ts'
import { checkStream } from '../journal.ts'
import { StoreUnavailableError } from '../store.ts'

interface Stream {
  /** Oldest first, without gaps. */
  entries: JournalEntry[]
  last: { readonly sequence: number; readonly time: number }
}

/** A journal that forgets everything when it ends: the executable model of the port, for tests and throw-away runs. */
export class MemoryJournal implements Journal {
  readonly #clock: Clock
  readonly #streams = new Map<string, Stream>()
  #isClosed = false

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock
  }

  async open(): Promise<void> {}

  async append(name: string, texts: readonly string[]): Promise<void> {
    const stream = this.#stream(name)
    const time = Math.max(stream.last.time, this.#clock.now())
    let { sequence } = stream.last
    for (const text of texts) {
      sequence += 1
      stream.entries.push({ sequence, time, text })
    }
    stream.last = { sequence, time }
  }

  async scan(name: string, { direction, after, limit }: Scan): Promise<readonly JournalEntry[]> {
    const { entries, last } = this.#stream(name)
    const first = entries[0]?.sequence ?? last.sequence + 1
    if (direction === 'forward') {
      const from = Math.max(0, (after ?? 0) + 1 - first)
      return entries.slice(from, from + limit)
    }
    const end = Math.min(entries.length, Math.max(0, (after ?? Number.POSITIVE_INFINITY) - first))
    return entries.slice(Math.max(0, end - limit), end).reverse()
  }

  async dropBefore(name: string, time: number): Promise<number> {
    const stream = this.#stream(name)
    const kept = stream.entries.filter((entry) => entry.time >= time)
    const dropped = stream.entries.length - kept.length
    stream.entries = kept
    return dropped
  }

  async close(): Promise<void> {
    this.#isClosed = true
  }

  #stream(name: string): Stream {
    checkStream(name)
    if (this.#isClosed) throw new StoreUnavailableError('the journal is closed')
    let stream = this.#streams.get(name)
    if (stream === undefined) {
      stream = { entries: [], last: { sequence: 0, time: 0 } }
      this.#streams.set(name, stream)
    }
    return stream
  }
}
