/**
 * The journal port: named streams of texts in the order in which they were appended, for what is told once and read
 * again some time (metric samples, transaction events, audit entries). It keeps text and time and knows nothing of
 * what it means. It is always local to the engine, never in a cluster's store.
 *
 * Every adapter must pass the suite in `tests/conformance/journal`, which is the exact text of this contract.
 */

import type { Backup } from './store.ts'

/** The place of an entry in its stream: 1 for the first one ever, then without gaps. Never given twice. */
export type Sequence = number

export interface JournalEntry {
  readonly sequence: Sequence
  /** When it was appended, ms since the epoch. Never less than that of the entry before it. */
  readonly time: number
  readonly text: string
}

export interface AppendOptions {
  /**
   * true (default): resolves when the entries are synced to disk; they are there after any crash, and a scan sees them.
   * false: resolves at once; the entries are written soon, before whatever is appended later. Until then a scan
   * does not see them, a crash loses them, and a disk that refuses them is told to `onLost`, not to the caller.
   */
  readonly durable?: boolean
  /** true: it is what allows to remove more than it takes, and is written though the journal is full. */
  readonly makesRoom?: boolean
}

/** Which part of a stream to read. */
export interface Scan {
  /** `forward`: the oldest first. `backward`: the latest first. */
  readonly direction: 'forward' | 'backward'
  /** The sequence of the last entry that was seen, in the same direction. Absent: from the end of the stream. */
  readonly after?: Sequence
  /** Most entries of the answer, a positive integer. */
  readonly limit: number
}

/** What the disk refused although nobody waited for it. */
export interface LostEntries {
  readonly stream: string
  readonly count: number
  readonly cause: unknown
}

export interface Journal {
  /**
   * Opens the journal; must be called once, before anything else. Rejects with `StoreUnavailableError` when its file
   * is damaged or not a journal, and changes nothing then.
   */
  open(): Promise<void>

  /**
   * Adds texts at the end of a stream, all or nothing, as neighbours. A stream is there as soon as it is named: small
   * letters, digits and hyphens.
   *
   * Rejects with `StoreUnavailableError` when the disk refused or the journal is full (then nothing of it is kept), when
   * more waits for the disk than may wait, and after `close`. The next append may succeed.
   */
  append(stream: string, texts: readonly string[], options?: AppendOptions): Promise<void>

  /**
   * Some entries of a stream in the asked direction. Fewer than `limit` does not mean that the end is reached, for
   * long texts make short answers; an empty answer does.
   */
  scan(stream: string, scan: Scan): Promise<readonly JournalEntry[]>

  /**
   * Removes the entries of a stream that were appended before `time`, in steps between which others are served.
   * Sequences go on as if they were still there. Rejects with `StoreUnavailableError` when the disk refused; what was
   * not removed then is removed by the next call.
   * @returns how many were removed
   */
  dropBefore(stream: string, time: number): Promise<number>

  /** Everything that is durable now, for a backup; only journals that keep a disk of their own have it. */
  backup?(): Backup

  /** Writes what was accepted, durable or not, then lets go of the file. Closing twice is harmless. */
  close(): Promise<void>
}

/** What an adapter needs from its owner. */
export interface JournalOwner {
  /** Told of entries that nobody waited for and that could not be written. Must not throw. */
  readonly onLost: (lost: LostEntries) => void
  /** Told in words when it begins to refuse appends, and with undefined when it takes them again. Must not throw. */
  readonly onTrouble?: (trouble: string | undefined) => void
}

const STREAM = /^[a-z][a-z0-9-]{0,63}$/

/** @throws RangeError for a name that no stream can have: a defect of the caller */
export function checkStream(stream: string): void {
  if (!STREAM.test(stream)) throw new RangeError(`a stream cannot be called ${JSON.stringify(stream)}`)
}
