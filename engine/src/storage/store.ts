/**
 * The storage port: a durable, ordered, watchable map from text keys to text values, with leases.
 *
 * The store moves bytes and revisions; it knows nothing of services. Every adapter must pass the suite in
 * `tests/conformance/store`, which is the exact text of this contract.
 */

/** A number that grows by one with every commit that changed something; 0 means "never" or "absent". */
export type Revision = number

/** A lease's name: a decimal number, unique in the store for ever, as text (etcd's are 64 bits wide). */
export type LeaseId = string

/** One stored key. */
export interface Entry {
  readonly key: string
  readonly value: string
  /** Revision of the commit that wrote this value. */
  readonly revision: Revision
  /** The lease that keeps the key alive, when it was written with one. */
  readonly lease?: LeaseId
}

/**
 * A condition on a commit, checked atomically with its writes.
 * `key`: the key's revision is exactly `revision` (0: the key is absent).
 * `prefix`: nothing below the prefix was created or updated after revision `since`. Deletions go unnoticed: that is
 * all that a range comparison in etcd can promise, so callers may rely on no more.
 */
export type Guard =
  | { readonly key: string; readonly revision: Revision }
  | { readonly prefix: string; readonly since: Revision }

/**
 * A write: `value` undefined deletes the key (deleting an absent key is allowed and changes nothing). A value with a
 * lease goes away with it; a value without one lets go of the lease that the key had before.
 */
export interface Write {
  readonly key: string
  readonly value?: string
  readonly lease?: LeaseId
}

/** What a commit changed: the new entry, or `value` undefined for a key that went away. */
export type Change = Entry | { readonly key: string; readonly value?: undefined }

/** Something that folds the store's changes into memory. */
export interface Fold {
  /** Where in the store its keys are. */
  readonly prefixes: readonly string[]
  /** Takes in one change; called in commit order, first for everything that is there, then for every change. */
  apply(change: Change): void
}

/** All changes of one commit, in the order of its writes. */
export interface Batch {
  readonly revision: Revision
  readonly changes: readonly Change[]
}

/** Outcome of a commit: the store's revision after it, or `undefined` when a guard no longer held. */
export type CommitResult = Revision | undefined

/** Receives what happens below a watched prefix. Called synchronously and in order; must not throw. */
export interface WatchSink {
  /** One call for each commit that touched the prefix, holding only changes below it; revisions strictly grow. */
  onBatch(batch: Batch): void
  /** The watch has ended and will deliver nothing more: the asked history is gone; read again and watch anew. */
  onCompacted(): void
}

export interface Watch {
  stop(): void
}

export interface Capabilities {
  /** Whether several engines may use this store at the same time. */
  readonly clustered: boolean
  /** A commit with more writes is refused by an assertion; callers stage larger plans. */
  readonly maxWritesPerCommit: number
}

/** What `open` needs from its owner. */
export interface StoreOwner {
  /**
   * Asked just before leases expire on their own: for each one, how many more seconds to keep it (0: let it go).
   * Only stores that own their leases ask (not etcd's). Must answer at once and must not throw.
   */
  readonly spareLeases?: (due: readonly LeaseId[]) => readonly number[]
}

/** Result that may be at hand already: local adapters answer at once, remote ones later. */
export type MaybePromise<T> = T | Promise<T>

export interface Store {
  readonly capabilities: Capabilities

  /**
   * Opens the store; must be called once, before anything else.
   * Rejects with `StoreInUseError` when another process holds it and with `StoreUnavailableError` when it cannot be
   * opened; nothing is changed in either case. Every lease found gets its full time again.
   */
  open(owner?: StoreOwner): Promise<void>

  /** The revision of the latest commit whose changes have been handed to the watches. */
  readonly revision: Revision

  /**
   * Pages of all entries whose key starts with `prefix`, in ascending key order (by UTF-8 bytes), as of one single
   * revision, which is `revision` at the time of the call.
   */
  read(prefix: string): AsyncIterable<readonly Entry[]>

  /**
   * Applies all writes at once if every guard holds, else none.
   * The same key must not be written twice in one commit.
   *
   * Resolves after the changes are durable (synced to disk, or agreed by the cluster) AND have been handed to the
   * local watches, so that whoever awaits it reads its own write. A stale result also resolves only after the
   * local watches have seen what made it stale, so that a decision taken again sees it too.
   * A commit that changes nothing resolves to the current revision.
   * Rejects with `StoreUnavailableError` when it could not be made durable: then nothing of it is kept or shown.
   * Rejects with `LeaseNotFoundError` when every guard holds and a lease is unknown.
   */
  commit(guards: readonly Guard[], writes: readonly Write[]): Promise<CommitResult>

  /**
   * Hands over every commit after revision `after` that touches `prefix`: each once, in order, without a gap.
   * Ends with `onCompacted` when the history back to `after` is no longer kept.
   */
  watch(prefix: string, after: Revision, sink: WatchSink): Watch

  /** A new lease of `ttlSeconds` (a positive integer), already running. */
  grantLease(ttlSeconds: number): MaybePromise<LeaseId>

  /**
   * Gives each lease its full time again; false marks those that are unknown or expired.
   * Nothing is written and no watch hears of it. Rejects with `StoreUnavailableError` when the store cannot tell.
   */
  renewLeases(ids: readonly LeaseId[]): MaybePromise<readonly boolean[]>

  /**
   * Ends the lease and deletes, in one commit, the keys that are still bound to it; resolves as `commit` does, with
   * false when the lease was unknown. An expiry does the same by itself.
   */
  revokeLease(id: LeaseId): Promise<boolean>

  /** Everything that is durable now, for a backup; only stores that keep a disk of their own have it. */
  backup?(): Backup

  /** Finishes accepted commits, then lets go of files and connections. Closing twice is harmless. */
  close(): Promise<void>
}

/** A record as its adapter keeps it: the table that it belongs to, key and text. */
export type KeptRecord = readonly [table: string, key: string, text: string]

/**
 * Everything that was durable at one moment, while writes go on. Nothing is copied for it, but the file cannot reuse
 * its space while somebody reads: take the pages soon, or call `end`.
 */
export interface Backup {
  /** Of the latest commit in it; 0 for a journal, which has none. */
  readonly revision: number
  /** Rejects when the store is closed before everything was read. */
  readonly pages: AsyncIterable<readonly KeptRecord[]>
  /** Lets go of it; ending twice, or after the last page, is harmless. */
  end(): void
}

/** Tables of a backup. */
export const BACKUP_TABLES = {
  /** What the store keeps. */
  store: 'store',
  /** What the journal keeps, and where its streams have got to. */
  journal: 'journal',
  journalTails: 'journal-tails',
} as const

/** The store cannot serve now (disk full, sync failed, cluster away, closed). Wire form: 500011. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
}

/** Another process holds the store. */
export class StoreInUseError extends Error {
  override readonly name = 'StoreInUseError'
}

/** A commit named a lease that does not exist (any more). */
export class LeaseNotFoundError extends Error {
  override readonly name = 'LeaseNotFoundError'
}
