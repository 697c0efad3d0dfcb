import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Stoppable } from '../../kernel/clock.ts'
import { startLeaseClock } from '../lease-clock.ts'
import { LeaseTable } from '../lease-table.ts'
import type {
  Change,
  CommitResult,
  Entry,
  Guard,
  LeaseId,
  Revision,
  Store,
  StoreOwner,
  Watch,
  WatchSink,
  Write,
} from '../store.ts'
import { LeaseNotFoundError, StoreInUseError, StoreUnavailableError } from '../store.ts'
import { WatchLog } from '../watch-log.ts'
import { FolderLock } from './folder-lock.ts'
import { GroupCommit } from './group-commit.ts'
import type { StoredLease, StoredValue } from './records.ts'
import { decodeValue, encodeValue, entryOf } from './records.ts'
import type { Tables } from './tables.ts'
import { openTables } from './tables.ts'

const PAGE_ENTRIES = 1000
const KEY_BYTES_MAX = 1900
/** Above every character that a key can hold. */
const LAST = '\u{10ffff}'
const LEASES_PER_MS = 1024

/** The embedded store: one LMDB file in one folder, for one process. */
export class LmdbStore implements Store {
  readonly capabilities = { clustered: false, maxWritesPerCommit: 1_000_000 }
  readonly #path: string
  readonly #clock: Clock
  readonly #lock = new FolderLock()
  readonly #leases = new LeaseTable()
  readonly #log = new WatchLog()
  readonly #group: GroupCommit
  /** Accepted changes that are not durable yet, by key; they count for guards and for nothing else. */
  readonly #accepted = new Map<string, StoredValue | { readonly revision: Revision; readonly value?: undefined }>()
  readonly #acceptedLeases = new Map<LeaseId, StoredLease | undefined>()
  #tables: Tables | undefined
  #durableRevision: Revision = 0
  #acceptedRevision: Revision = 0
  #lastLease = 0
  #timer: Stoppable | undefined

  constructor({ path, clock }: { readonly path: string; readonly clock: Clock }) {
    this.#path = path
    this.#clock = clock
    this.#group = new GroupCommit({
      transaction: (write) => this.#open().env.transaction(write),
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
      await this.#lock.take(this.#path)
      this.#tables = openTables(join(this.#path, 'registry.mdb'))
      this.#load(this.#tables)
    } catch (error) {
      await this.close()
      if (error instanceof StoreInUseError || error instanceof StoreUnavailableError) throw error
      throw unavailable(`cannot open the data folder ${this.#path}; check that it exists and may be written`, error)
    }
    const revoke = (id: LeaseId) => this.revokeLease(id)
    this.#timer = startLeaseClock({ clock: this.#clock, leases: this.#leases, owner, revoke })
  }

  async *read(prefix: string): AsyncIterable<readonly Entry[]> {
    const { entries } = this.#open()
    // The range keeps one read transaction, so later commits do not show in it.
    const snapshot = entries.useReadTransaction()
    try {
      let page: Entry[] = []
      for (const { key, value } of entries.getRange({ start: prefix, end: prefix + LAST, transaction: snapshot })) {
        page.push(entryOf(key, decodeValue(value)))
        if (page.length === PAGE_ENTRIES) {
          yield page
          page = []
        }
      }
      if (page.length > 0) yield page
    } finally {
      snapshot.done()
    }
  }

  async commit(guards: readonly Guard[], writes: readonly Write[]): Promise<CommitResult> {
    this.#open()
    for (const { lease } of writes) {
      if (lease !== undefined && !this.#leases.has(lease)) throw new LeaseNotFoundError(`no lease ${lease}`)
    }
    if (!guards.every((guard) => this.#holds(guard))) {
      await this.#group.settled()
      return undefined
    }
    return this.#accept(writes)
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
    const now = this.#clock.monotonic()
    const [only] = ids
    if (ids.length === 1 && only !== undefined) return this.#leases.renew(only, now) ? RENEWED : UNKNOWN
    return ids.map((id) => this.#leases.renew(id, now))
  }

  async revokeLease(id: LeaseId): Promise<boolean> {
    this.#open()
    const ttlSeconds = this.#leases.ttlSeconds(id)
    if (!this.#leases.remove(id)) return false
    const keys = this.#storedLease(id)?.keys ?? []
    try {
      await this.#accept(keys.map((key) => ({ key })))
    } catch (error) {
      // Nothing was stored, so the lease goes on with all that is bound to it.
      this.#leases.add(id, ttlSeconds, this.#clock.monotonic())
      throw error
    }
    return true
  }

  async close(): Promise<void> {
    this.#timer?.stop()
    await this.#group.settled()
    const tables = this.#tables
    this.#tables = undefined
    await tables?.env.close()
    this.#lock.release()
  }

  #open(): Tables {
    if (this.#tables === undefined) throw new StoreUnavailableError('the store is closed')
    return this.#tables
  }

  #load({ facts, leases }: Tables): void {
    this.#durableRevision = Number(facts.get('revision') ?? 0)
    this.#acceptedRevision = this.#durableRevision
    this.#log.startAt(this.#durableRevision)
    const now = this.#clock.monotonic()
    // Ids start from the time of day, so that even leases which were never stored do not come back with another meaning.
    this.#lastLease = Math.floor(this.#clock.now()) * LEASES_PER_MS
    for (const { key, value } of leases.getRange()) {
      const { ttlSeconds } = JSON.parse(value) as StoredLease
      this.#leases.add(key, ttlSeconds, now)
      this.#lastLease = Math.max(this.#lastLease, Number(key))
    }
  }

  #holds(guard: Guard): boolean {
    if ('key' in guard) return (this.#current(guard.key)?.revision ?? 0) === guard.revision
    for (const [key, { revision, value }] of this.#accepted) {
      if (value !== undefined && revision > guard.since && key.startsWith(guard.prefix)) return false
    }
    const range = this.#open().entries.getRange({ start: guard.prefix, end: guard.prefix + LAST })
    for (const { key, value } of range) {
      if (!this.#accepted.has(key) && decodeValue(value).revision > guard.since) return false
    }
    return true
  }

  /** What a key holds once everything accepted is durable. */
  #current(key: string): StoredValue | undefined {
    const accepted = this.#accepted.get(key)
    if (accepted !== undefined) return accepted.value === undefined ? undefined : accepted
    const text = this.#open().entries.get(key)
    return text === undefined ? undefined : decodeValue(text)
  }

  #storedLease(id: LeaseId): StoredLease | undefined {
    if (this.#acceptedLeases.has(id)) return this.#acceptedLeases.get(id)
    const text = this.#open().leases.get(id)
    return text === undefined ? undefined : (JSON.parse(text) as StoredLease)
  }

  async #accept(writes: readonly Write[]): Promise<Revision> {
    for (const { key } of writes) {
      if (Buffer.byteLength(key) > KEY_BYTES_MAX)
        throw new StoreUnavailableError(`key longer than ${KEY_BYTES_MAX} bytes`)
    }
    const before = new Map(writes.map(({ key }) => [key, this.#current(key)]))
    const effective = writes.filter(({ key, value }) => value !== undefined || before.get(key) !== undefined)
    if (effective.length === 0) {
      await this.#group.settled()
      return this.#durableRevision
    }
    this.#acceptedRevision += 1
    const revision = this.#acceptedRevision
    const changes = effective.map((write) => this.#overlay(write, revision))
    const leases = this.#rebind(effective, before)
    return new Promise((resolve, reject) => {
      this.#group.add({
        write: () => this.#put(revision, changes, leases),
        onDurable: () => {
          this.#becameDurable(revision, changes, leases)
          resolve(revision)
        },
        onFailed: reject,
      })
    })
  }

  #overlay({ key, value, lease }: Write, revision: Revision): Change {
    if (value === undefined) {
      this.#accepted.set(key, { revision })
      return { key }
    }
    const stored = { revision, lease, value }
    this.#accepted.set(key, stored)
    return entryOf(key, stored)
  }

  /** Moves keys between leases; answers what each touched lease holds then. */
  #rebind(
    writes: readonly Write[],
    before: ReadonlyMap<string, StoredValue | undefined>,
  ): ReadonlyMap<LeaseId, StoredLease | undefined> {
    const touched = new Map<LeaseId, StoredLease | undefined>()
    const update = (id: LeaseId, change: (keys: readonly string[]) => readonly string[]) => {
      const lease = touched.has(id) ? touched.get(id) : this.#storedLease(id)
      const keys = change(lease?.keys ?? [])
      const ttlSeconds = lease?.ttlSeconds ?? this.#leases.ttlSeconds(id)
      touched.set(id, keys.length === 0 ? undefined : { ttlSeconds, keys })
    }
    for (const { key, lease } of writes) {
      const old = before.get(key)?.lease
      if (old === lease) continue
      if (old !== undefined) update(old, (keys) => keys.filter((other) => other !== key))
      if (lease !== undefined) update(lease, (keys) => [...keys, key])
    }
    for (const [id, lease] of touched) this.#acceptedLeases.set(id, lease)
    return touched
  }

  #put(revision: Revision, changes: readonly Change[], leases: ReadonlyMap<LeaseId, StoredLease | undefined>): void {
    const tables = this.#open()
    for (const change of changes) {
      if (change.value === undefined) tables.entries.removeSync(change.key)
      else tables.entries.putSync(change.key, encodeValue({ ...change, lease: change.lease }))
    }
    for (const [id, lease] of leases) {
      if (lease === undefined) tables.leases.removeSync(id)
      else tables.leases.putSync(id, JSON.stringify(lease))
    }
    tables.facts.putSync('revision', String(revision))
  }

  #becameDurable(
    revision: Revision,
    changes: readonly Change[],
    leases: ReadonlyMap<LeaseId, StoredLease | undefined>,
  ): void {
    for (const { key } of changes) if (this.#accepted.get(key)?.revision === revision) this.#accepted.delete(key)
    for (const [id, lease] of leases) if (this.#acceptedLeases.get(id) === lease) this.#acceptedLeases.delete(id)
    this.#durableRevision = revision
    this.#log.publish({ revision, changes })
  }

  #forgetAccepted(): void {
    this.#accepted.clear()
    this.#acceptedLeases.clear()
    this.#acceptedRevision = this.#durableRevision
  }
}

const RENEWED: readonly boolean[] = [true]
const UNKNOWN: readonly boolean[] = [false]

function unavailable(what: string, cause: unknown): StoreUnavailableError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StoreUnavailableError(`${what} (${reason})`, { cause })
}
