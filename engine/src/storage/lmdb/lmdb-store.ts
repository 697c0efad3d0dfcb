import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Stoppable } from '../../kernel/clock.ts'
import { LeaseBindings } from '../lease-bindings.ts'
import { startLeaseClock } from '../lease-clock.ts'
import { LeaseTable } from '../lease-table.ts'
import {
  type Change,
  type CommitResult,
  type Entry,
  type Guard,
  type LeaseId,
  LeaseNotFoundError,
  type Revision,
  type Store,
  StoreInUseError,
  type StoreOwner,
  StoreUnavailableError,
  type Watch,
  type WatchSink,
  type Write,
} from '../store.ts'
import { WatchLog } from '../watch-log.ts'
import { FolderLock } from './folder-lock.ts'
import { GroupCommit } from './group-commit.ts'
import { isStorable, KEY_BYTES_MAX } from './keys.ts'
import { type PendingCommit, PendingCommits } from './pending-commits.ts'
import { decodeLease, decodeRevision, decodeValue, encodeValue, entryOf, type StoredValue } from './records.ts'
import { Snapshot } from './snapshot.ts'
import { openTables, putSynced, type Tables } from './tables.ts'

const LEASES_PER_MS = 1024

/** The embedded store: one LMDB file in one folder, for one process. */
export class LmdbStore implements Store {
  readonly capabilities = { clustered: false, maxWritesPerCommit: 1_000_000 }
  readonly #path: string
  readonly #clock: Clock
  readonly #lock = new FolderLock()
  readonly #leases = new LeaseTable()
  /** As they will be when everything accepted is durable. */
  readonly #bindings = new LeaseBindings()
  readonly #log = new WatchLog()
  readonly #group: GroupCommit
  readonly #pending = new PendingCommits()
  readonly #snapshots = new Set<Snapshot>()
  #tables: Tables | undefined
  #durableRevision: Revision = 0
  #acceptedRevision: Revision = 0
  #lastLease = 0
  #timer: Stoppable | undefined
  #closing: Promise<void> | undefined

  constructor({ path, clock }: { readonly path: string; readonly clock: Clock }) {
    this.#path = path
    this.#clock = clock
    this.#group = new GroupCommit({
      transaction: (write) => this.#sync(write),
      onFailure: () => this.#forgetAccepted(),
      toError: (cause) => unavailable('the disk refused the write; check free space and the health of the disk', cause),
    })
  }

  get revision(): Revision {
    return this.#durableRevision
  }

  async open(owner?: StoreOwner): Promise<void> {
    try {
      await mkdir(this.#path, { recursive: true, mode: 0o700 })
      this.#lock.take(this.#path)
      this.#tables = await openTables(join(this.#path, 'registry.mdb'))
      this.#load(this.#tables)
    } catch (error) {
      await this.close()
      if (error instanceof StoreInUseError || error instanceof StoreUnavailableError) throw error
      const advice = 'check that it is a folder of Rollcall, undamaged, and may be written'
      throw unavailable(`cannot open the data folder ${this.#path}; ${advice}`, error)
    }
    const revoke = (id: LeaseId) => this.revokeLease(id)
    this.#timer = startLeaseClock({ clock: this.#clock, leases: this.#leases, owner, revoke })
  }

  read(prefix: string): AsyncIterable<readonly Entry[]> {
    const snapshot = new Snapshot(this.#open(), prefix)
    this.#snapshots.add(snapshot)
    // LMDB may be ahead of what the watches have been told.
    snapshot.takeBack((last) => this.#pending.heldBefore(prefix, last))
    return snapshot.pages(() => void this.#snapshots.delete(snapshot))
  }

  async commit(guards: readonly Guard[], writes: readonly Write[]): Promise<CommitResult> {
    this.#open()
    const before = new Map(writes.map(({ key }) => [key, this.#current(key)]))
    if (!guards.every((guard) => this.#holds(guard, before))) {
      await this.#group.settled()
      return undefined
    }
    // After the guards: what ended the lease usually made the decision stale as well, and that is the better answer.
    for (const { lease } of writes) {
      if (lease !== undefined && !this.#leases.has(lease)) throw new LeaseNotFoundError(`no lease ${lease}`)
    }
    return this.#accept(writes, before)
  }

  watch(prefix: string, after: Revision, sink: WatchSink): Watch {
    return this.#log.watch(prefix, after, sink)
  }

  grantLease(ttlSeconds: number): LeaseId {
    this.#open()
    this.#lastLease += 1
    const id = String(this.#lastLease)
    this.#leases.add(id, ttlSeconds, this.#clock.monotonic())
    return id
  }

  renewLeases(ids: readonly LeaseId[]): readonly boolean[] {
    this.#open()
    const now = this.#clock.monotonic()
    const [only] = ids
    if (ids.length === 1 && only !== undefined) return this.#leases.renew(only, now) ? RENEWED : UNKNOWN
    return ids.map((id) => this.#leases.renew(id, now))
  }

  async revokeLease(id: LeaseId): Promise<boolean> {
    this.#open()
    const ttlSeconds = this.#leases.ttlSeconds(id)
    if (!this.#leases.remove(id)) return false
    const writes = this.#bindings.keysOf(id).map((key) => ({ key }))
    try {
      await this.#accept(writes, new Map(writes.map(({ key }) => [key, this.#current(key)])))
    } catch (error) {
      // Nothing was stored, so the lease goes on with all that is bound to it.
      this.#leases.add(id, ttlSeconds, this.#clock.monotonic())
      throw error
    }
    return true
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  async #finish(): Promise<void> {
    this.#timer?.stop()
    await this.#group.settled().catch(() => {})
    for (const snapshot of this.#snapshots) snapshot.end()
    const tables = this.#tables
    this.#tables = undefined
    await tables?.env.close()
    this.#lock.release()
  }

  /** @throws StoreUnavailableError once `close` has been called: what was accepted before is still finished */
  #open(): Tables {
    if (this.#tables === undefined || this.#closing !== undefined)
      throw new StoreUnavailableError('the store is closed')
    return this.#tables
  }

  #load({ facts, entries }: Tables): void {
    const [revision, lastLease] = (facts.get('revision') ?? '0,0').split(',')
    this.#durableRevision = Number(revision)
    this.#acceptedRevision = this.#durableRevision
    this.#log.startAt(this.#durableRevision)
    // Leases that nothing was ever bound to are not on disk; starting from the time of day leaves their ids behind.
    this.#lastLease = Math.max(Number(lastLease), Math.floor(this.#clock.now()) * LEASES_PER_MS)
    const now = this.#clock.monotonic()
    for (const { key, value } of entries.getRange()) {
      const stored = decodeLease(value)
      if (stored === undefined) continue
      if (!this.#leases.has(stored.lease)) this.#leases.add(stored.lease, stored.ttlSeconds, now)
      this.#bindings.bind(stored.lease, key)
    }
  }

  #holds(guard: Guard, known: ReadonlyMap<string, StoredValue | undefined>): boolean {
    if ('key' in guard) {
      const { key, revision } = guard
      const current = known.has(key) ? known.get(key) : this.#current(key)
      return (current?.revision ?? 0) === revision
    }
    const { prefix, since } = guard
    if (!isStorable(prefix)) return true
    if (this.#pending.touches(prefix, since)) return false
    for (const { key, value } of this.#open().entries.getRange({ start: prefix })) {
      if (!key.startsWith(prefix)) break
      if (decodeRevision(value) > since && this.#pending.outcome(key) === undefined) return false
    }
    return true
  }

  /** What a key holds once everything accepted is durable. */
  #current(key: string): StoredValue | undefined {
    const pending = this.#pending.outcome(key)
    if (pending !== undefined) return pending.value === undefined ? undefined : pending
    if (!isStorable(key)) return undefined
    const text = this.#open().entries.get(key)
    return text === undefined ? undefined : decodeValue(text)
  }

  async #accept(writes: readonly Write[], before: ReadonlyMap<string, StoredValue | undefined>): Promise<Revision> {
    const effective = writes.filter(({ key, value }) => value !== undefined || before.get(key) !== undefined)
    if (effective.length === 0) {
      await this.#group.settled()
      return this.#durableRevision
    }
    for (const { key } of effective) {
      if (!isStorable(key)) throw new StoreUnavailableError(`a key is not text of at most ${KEY_BYTES_MAX} bytes`)
    }
    this.#acceptedRevision += 1
    const revision = this.#acceptedRevision
    const changes = effective.map((write) => toChange(write, revision))
    for (const change of changes) this.#bindings.move(change.key, before.get(change.key)?.lease, leaseOf(change))
    const texts = changes.map((change) => this.#encode(change))
    const commit = { revision, changes, before }
    this.#pending.add(commit)
    return new Promise((resolve, reject) => {
      this.#group.add({
        write: () => this.#put(changes, texts),
        onDurable: () => {
          this.#becameDurable(commit)
          resolve(revision)
        },
        onFailed: reject,
      })
    })
  }

  /** With the lease's length, for as long as the lease is known. */
  #encode(change: Change): string | undefined {
    if (change.value === undefined) return undefined
    return encodeValue(change, change.lease === undefined ? 0 : this.#leases.ttlSeconds(change.lease))
  }

  #put(changes: readonly Change[], texts: readonly (string | undefined)[]): void {
    const { entries } = this.#tables as Tables
    changes.forEach(({ key }, index) => {
      const text = texts[index]
      void (text === undefined ? entries.remove(key) : entries.put(key, text))
    })
  }

  async #sync(write: () => void): Promise<void> {
    const tables = this.#tables as Tables
    await putSynced(tables, () => {
      write()
      void tables.facts.put('revision', `${this.#acceptedRevision},${this.#lastLease}`)
    })
  }

  #becameDurable(commit: PendingCommit): void {
    this.#pending.remove(commit)
    this.#durableRevision = commit.revision
    this.#log.publish(commit)
  }

  #forgetAccepted(): void {
    for (const { changes, before } of this.#pending.removeAll()) {
      for (const change of changes) this.#bindings.move(change.key, leaseOf(change), before.get(change.key)?.lease)
    }
    this.#acceptedRevision = this.#durableRevision
  }
}

const RENEWED: readonly boolean[] = [true]
const UNKNOWN: readonly boolean[] = [false]

function toChange({ key, value, lease }: Write, revision: Revision): Change {
  return value === undefined ? { key } : entryOf(key, { revision, lease, value })
}

function leaseOf(change: Change): LeaseId | undefined {
  return change.value === undefined ? undefined : change.lease
}

function unavailable(what: string, cause: unknown): StoreUnavailableError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StoreUnavailableError(`${what} (${reason})`, { cause })
}
