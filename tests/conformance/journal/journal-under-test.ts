import type { Clock } from '../../../engine/src/kernel/clock.ts'
import { ManualClock } from '../../../engine/src/kernel/manual-clock.ts'
import type { Journal, JournalEntry, Scan } from '../../../engine/src/storage/journal.ts'

/** A clock held in the hand that an operator can also set to another time of day. */
export class SettableClock implements Clock {
  readonly #manual = new ManualClock()
  #setMs = 0

  now(): number {
    return this.#manual.now() + this.#setMs
  }

  monotonic(): number {
    return this.#manual.monotonic()
  }

  every(periodMs: number, run: () => void) {
    return this.#manual.every(periodMs, run)
  }

  after(delayMs: number, run: () => void) {
    return this.#manual.after(delayMs, run)
  }

  advance(ms: number): void {
    this.#manual.advance(ms)
  }

  set(ms: number): void {
    this.#setMs += ms
  }
}

/** A journal on a place of its own, not opened yet. */
export interface Fresh {
  readonly journal: Journal
  readonly clock: SettableClock
  /** Closes the journal and forgets its place. */
  dispose(): Promise<void>
}

export type OpenFresh = () => Promise<Fresh>

/** Runs `body` on an open journal. */
export async function withJournal(
  fresh: OpenFresh,
  body: (journal: Journal, clock: SettableClock) => Promise<void>,
): Promise<void> {
  const { journal, clock, dispose } = await fresh()
  try {
    await journal.open()
    await body(journal, clock)
  } finally {
    await dispose()
  }
}

const LIMIT = 7

/** All entries of a stream, page by page. */
export async function allOf(
  journal: Journal,
  stream: string,
  direction: Scan['direction'] = 'forward',
): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = []
  for (;;) {
    const last = entries.at(-1)
    const scan = { direction, limit: LIMIT, ...(last && { after: last.sequence }) }
    const page = await journal.scan(stream, scan)
    if (page.length === 0) return entries
    entries.push(...page)
  }
}

export async function textsOf(journal: Journal, stream: string): Promise<readonly string[]> {
  return (await allOf(journal, stream)).map(({ text }) => text)
}
