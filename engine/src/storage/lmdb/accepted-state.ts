import { LeaseBindings } from '../lease-bindings.ts'
import type { Change, Guard, LeaseId, Revision, Write } from '../store.ts'
import { KeyFilter } from './key-filter.ts'
import { isPrefix } from './keys.ts'
import type { LoggedCommit } from './log-frames.ts'
import { type Given, type PendingCommit, PendingCommits, pendingOf, replayedFrom } from './pending-commits.ts'
import { decodeLease, decodeRevision, decodeValue, leaseOf, type StoredLease, type StoredValue } from './records.ts'
import type { Tables } from './tables.ts'

const REVISIONS_MAX = 10_000

/** What those of the keys that a commit writes hold, before it, that hold anything. */
export type Before = ReadonlyMap<string, StoredValue>

const NOTHING: Before = new Map()

/** Every key as it will be once everything accepted is durable: decisions are taken on this, readers see less. */
export class AcceptedState {
  readonly pending = new PendingCommits()
  readonly #entries: Tables['entries']
  readonly #bindings = new LeaseBindings()
  /** Of every key there is or was: most that are asked for are new, and need not be looked for in LMDB. */
  readonly #keys = new KeyFilter()
  /** Of keys that are there and that guards name over and over, such as the service of many instances. */
  readonly #revisions = new Map<string, Revision>()
  readonly #onLease: (stored: StoredLease) => void

  /** @param onLease called for each lease that stored values have, perhaps more than once */
  constructor({ entries }: Tables, onLease: (stored: StoredLease) => void) {
    this.#entries = entries
    this.#onLease = onLease
    for (const { key, value } of entries.getRange({ start: '' })) {
      this.#keys.add(key)
      const stored = decodeLease(value)
      if (stored === undefined) continue
      if (this.#bindings.bind(stored.lease, key)) onLease(stored)
    }
  }

  /** Takes in a commit that is durable in the log. */
  replay(logged: LoggedCommit): PendingCommit {
    for (const { text } of logged.changes) {
      const stored = text === undefined ? undefined : decodeLease(text)
      if (stored !== undefined) this.#onLease(stored)
    }
    return this.#add(replayedFrom(logged, this.before(logged.changes)))
  }

  /** Takes in what some writes, which all change something, make of it. */
  accept(writes: readonly Write[], given: Given): PendingCommit {
    return this.#add(pendingOf(writes, given))
  }

  keysOf(lease: LeaseId): readonly string[] {
    return this.#bindings.keysOf(lease)
  }

  current(key: string): StoredValue | undefined {
    if (!this.#keys.mayHold(key)) return undefined
    const pending = this.pending.outcome(key)
    if (pending !== undefined) return pending.value === undefined ? undefined : pending
    const text = this.#entries.get(key)
    return text === undefined ? undefined : decodeValue(text)
  }

  before(keys: readonly { readonly key: string }[]): Before {
    let before: Map<string, StoredValue> | undefined
    for (const { key } of keys) {
      const held = this.current(key)
      if (held === undefined) continue
      before ??= new Map()
      before.set(key, held)
    }
    return before ?? NOTHING
  }

  holds(guard: Guard, before: Before): boolean {
    if ('key' in guard) {
      const { key, revision } = guard
      return (before.get(key)?.revision ?? this.#revision(key)) === revision
    }
    const { prefix, since } = guard
    if (!isPrefix(prefix)) return true
    if (this.pending.touches(prefix, since)) return false
    for (const { key, value } of this.#entries.getRange({ start: prefix })) {
      if (!key.startsWith(prefix)) break
      if (decodeRevision(value) > since && this.pending.outcome(key) === undefined) return false
    }
    return true
  }

  /** Takes back the commits after a revision, which came to nothing. */
  forgetAfter(revision: Revision): void {
    this.#revisions.clear()
    for (const { changes, before } of this.pending.removeAfter(revision)) {
      for (const change of changes) {
        const { key } = change
        const held = before.get(key)
        this.#set(held === undefined ? { key } : { key, ...held }, leaseOf(change), held?.lease)
      }
    }
  }

  #add(commit: PendingCommit): PendingCommit {
    for (const change of commit.changes) {
      const held = commit.before.get(change.key)
      if (held !== undefined) this.#revisions.delete(change.key)
      this.#set(change, held?.lease, leaseOf(change))
    }
    this.pending.add(commit)
    return commit
  }

  #set({ key, value }: Pick<Change, 'key' | 'value'>, from: LeaseId | undefined, to: LeaseId | undefined): void {
    this.#bindings.move(key, from, to)
    if (value !== undefined) this.#keys.add(key)
  }

  #revision(key: string): Revision {
    let revision = this.#revisions.get(key)
    if (revision === undefined) {
      revision = this.current(key)?.revision
      if (revision === undefined) return 0
      if (this.#revisions.size >= REVISIONS_MAX) this.#revisions.clear()
      this.#revisions.set(key, revision)
    }
    return revision
  }
}
