import type { Change, Revision } from '../store.ts'
import type { StoredValue } from './records.ts'

/** A commit that has been accepted and is not durable yet. */
export interface PendingCommit {
  readonly revision: Revision
  readonly changes: readonly Change[]
  /** What each changed key held before. */
  readonly before: ReadonlyMap<string, StoredValue | undefined>
}

/** What a pending commit will make of a key; no value: it goes away. */
type Outcome = StoredValue | { readonly revision: Revision; readonly value?: undefined }

/** The accepted commits on their way to the disk: they count for guards, and nobody sees them. */
export class PendingCommits {
  /** In order of acceptance. */
  readonly #commits = new Set<PendingCommit>()
  readonly #outcomes = new Map<string, Outcome>()

  add(commit: PendingCommit): void {
    this.#commits.add(commit)
    const { revision } = commit
    for (const change of commit.changes) {
      if (change.value === undefined) this.#outcomes.set(change.key, { revision })
      else this.#outcomes.set(change.key, { revision, lease: change.lease, value: change.value })
    }
  }

  /** Takes out a commit that is durable. */
  remove(commit: PendingCommit): void {
    this.#commits.delete(commit)
    for (const { key } of commit.changes) {
      if (this.#outcomes.get(key)?.revision === commit.revision) this.#outcomes.delete(key)
    }
  }

  /** Takes out all of them, the latest first. */
  removeAll(): readonly PendingCommit[] {
    const commits = [...this.#commits].reverse()
    this.#commits.clear()
    this.#outcomes.clear()
    return commits
  }

  outcome(key: string): Outcome | undefined {
    return this.#outcomes.get(key)
  }

  /** Whether something below `prefix` will be created or updated after revision `since`. */
  touches(prefix: string, since: Revision): boolean {
    for (const [key, { revision, value }] of this.#outcomes) {
      if (value !== undefined && revision > since && key.startsWith(prefix)) return true
    }
    return false
  }

  /** What the keys below `prefix` held before the pending commits up to revision `last` changed them. */
  heldBefore(prefix: string, last: Revision): Map<string, StoredValue | undefined> {
    const held = new Map<string, StoredValue | undefined>()
    for (const { revision, before } of this.#commits) {
      if (revision > last) break
      for (const [key, value] of before) if (key.startsWith(prefix) && !held.has(key)) held.set(key, value)
    }
    return held
  }
}
