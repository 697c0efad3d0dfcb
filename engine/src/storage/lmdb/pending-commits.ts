import type { Change, LeaseId, Revision, Write } from '../store.ts'
import type { LoggedChange, LoggedCommit } from './log-frames.ts'
import { decodeValue, encodeHead, entryOf, type StoredValue, toChange } from './records.ts'

/** A commit that has been accepted and that LMDB does not hold yet. */
export interface PendingCommit {
  readonly revision: Revision
  readonly changes: readonly Change[]
  /** The same as the log and LMDB keep it. */
  readonly logged: LoggedCommit
  /** What the changed keys held before, those that held anything. */
  readonly before: ReadonlyMap<string, StoredValue>
}

/** What a pending commit makes of a key; no value: it goes away. */
type Outcome = StoredValue | { readonly revision: Revision; readonly value?: undefined }

/**
 * The accepted commits on their way to LMDB. All of them count for guards; those that are durable are seen by readers,
 * the others by nobody.
 */
export class PendingCommits {
  /** In order of revisions. */
  #commits: PendingCommit[] = []
  /** Of the first `#noted` commits: most commits are never asked about, for their keys are new. */
  readonly #outcomes = new Map<string, Outcome>()
  #noted = 0

  add(commit: PendingCommit): void {
    this.#commits.push(commit)
  }

  /** Takes out the commits up to a revision, which LMDB holds now. */
  removeUpTo(last: Revision): void {
    this.#keep(this.#commits.slice(this.#firstAfter(last)))
  }

  /** Takes out the commits after a revision, which came to nothing. @returns them, the latest first */
  removeAfter(revision: Revision): readonly PendingCommit[] {
    const end = this.#firstAfter(revision)
    const removed = this.#commits.slice(end).reverse()
    this.#keep(this.#commits.slice(0, end))
    return removed
  }

  outcome(key: string): Outcome | undefined {
    return this.#noteAll().get(key)
  }

  /** Whether something below `prefix` is created or updated after revision `since`. */
  touches(prefix: string, since: Revision): boolean {
    for (const [key, { revision, value }] of this.#noteAll()) {
      if (value !== undefined && revision > since && key.startsWith(prefix)) return true
    }
    return false
  }

  /** What the commits after one revision, up to another, store for the keys below `prefix`; undefined: they go away. */
  textsBetween(prefix: string, after: Revision, last: Revision): Map<string, string | undefined> {
    const texts = new Map<string, string | undefined>()
    for (const { logged } of this.#commits.slice(this.#firstAfter(after), this.#firstAfter(last))) {
      for (const { key, text } of logged.changes) if (key.startsWith(prefix)) texts.set(key, text)
    }
    return texts
  }

  #keep(commits: PendingCommit[]): void {
    this.#commits = commits
    this.#outcomes.clear()
    this.#noted = 0
  }

  #noteAll(): ReadonlyMap<string, Outcome> {
    for (; this.#noted < this.#commits.length; this.#noted++) {
      const { changes, revision } = this.#commits[this.#noted] as PendingCommit
      for (const change of changes) this.#outcomes.set(change.key, outcomeOf(change, revision))
    }
    return this.#outcomes
  }

  /** Where the commits after `revision` begin; revisions grow by one, without a gap. */
  #firstAfter(revision: Revision): number {
    const first = this.#commits[0]?.revision ?? 0
    return Math.min(Math.max(0, revision + 1 - first), this.#commits.length)
  }
}

function outcomeOf(change: Change, revision: Revision): Outcome {
  return change.value === undefined ? { revision } : change
}

/** What a commit needs beside its writes. */
export interface Given {
  readonly revision: Revision
  readonly before: PendingCommit['before']
  /** How long a lease runs without being renewed. */
  readonly ttlSeconds: (lease: LeaseId) => number
}

/** The commit that some writes make. */
export function pendingOf(writes: readonly Write[], { revision, before, ttlSeconds }: Given): PendingCommit {
  const changes: Change[] = []
  const logged: LoggedChange[] = []
  let head: string | undefined
  let lease: LeaseId | undefined
  for (const write of writes) {
    const change = toChange(write, revision)
    changes.push(change)
    // One head for all of a lease: it stays in memory until LMDB has it.
    if (head === undefined || write.lease !== lease) {
      lease = write.lease
      head = encodeHead(revision, lease, lease === undefined ? 0 : ttlSeconds(lease))
    }
    logged.push({ key: change.key, text: change.value === undefined ? undefined : head + change.value })
  }
  return { revision, changes, logged: { revision, changes: logged }, before }
}

/** The commit that was found in the log. */
export function replayedFrom(logged: LoggedCommit, before: PendingCommit['before']): PendingCommit {
  const changes = logged.changes.map(({ key, text }) =>
    text === undefined ? { key } : entryOf(key, decodeValue(text)),
  )
  return { revision: logged.revision, changes, logged, before }
}
