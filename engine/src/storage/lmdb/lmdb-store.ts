import { join } from 'node:path'
import type { Clock, Stoppable } from '../../kernel/clock.ts'
import { startLeaseClock } from '../lease-clock.ts'
import { LeaseTable } from '../lease-table.ts'
import {
  BACKUP_TABLES,
  type Backup,
  type CommitResult,
  type Entry,
  type Guard,
  type KeptRecord,
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
import { AcceptedState, type Before } from './accepted-state.ts'
import { Checkpoints } from './checkpoints.ts'
import { CommitLog } from './commit-log.ts'
import { makeFolder } from './folder.ts'
import { FolderLock } from './folder-lock.ts'
import { GroupCommit } from './group-commit.ts'
import { isStorable, KEY_BYTES_MAX } from './keys.ts'
import { asEntry, Snapshot } from './snapshot.ts'
import { formatOf, noteFormat, openTables, REFUSED, type Tables, unavailable } from './tables.ts'

/** With a commit log beside it, whose files begin with the folder's id. */
const FORMAT = '2'
/** The first start makes the log. */
export const FORMAT_WITHOUT_LOG = '1'
const LEASES_PER_MS = 1024

/** The embedded store: one folder, for one process. Commits become durable in a log; LMDB follows it. */
export class LmdbStore implements Store {
  readonly capabilities = { clustered: false, maxWritesPerCommit: 1_000_000 }
  readonly #path: string
  readonly #clock: Clock
  readonly #lock = new FolderLock()
  readonly #leases = new LeaseTable()
  readonly #watches = new WatchLog()
  readonly #group: GroupCommit
  readonly #commitLog = new CommitLog()
  readonly #snapshots = new Set<Snapshot<unknown>>()
  #tables: Tables | undefined
  #state: AcceptedState | undefined
  #durableRevision: Revision = 0
  #acceptedRevision: Revision = 0
  #lastLease = 0
  #checkpoints: Checkpoints | undefined
  #timer: Stoppable | undefined
  #closing: Promise<void> | undefined

  constructor({ path, clock }: { readonly path: string; readonly clock: Clock }) {
    this.#path = path
    this.#clock = clock
    this.#group = new GroupCommit({
      append: async (commits) => {
        const frame = await this.#commitLog.append(commits)
        this.#checkpoints?.add(frame, commits)
      },
      onFailure: () => this.#forgetAccepted(),
      toError: (cause) => unavailable(REFUSED, cause),
    })
  }

  get revision(): Revision {
    return this.#durableRevision
  }

  get leases(): number {
    return this.#leases.size
  }

  async open(owner?: StoreOwner): Promise<void> {
    try {
      await makeFolder(this.#path)
      this.#lock.take(this.#path)
      this.#tables = await openTables(join(this.#path, 'registry.mdb'), [FORMAT, FORMAT_WITHOUT_LOG])
      this.#state = this.#load(this.#tables)
      await this.#recover(this.#tables, this.#state)
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
    return this.#pages(prefix, asEntry).pages
  }

  /** Everything that is durable now. @throws StoreUnavailableError when the store is closed */
  backup(): Backup {
    const { pages, end } = this.#pages('', (key, text): KeptRecord => [BACKUP_TABLES.store, key, text])
    return { revision: this.#durableRevision, pages, end }
  }

  commit(guards: readonly Guard[], writes: readonly Write[]): Promise<CommitResult> {
    try {
      return this.#decide(guards, writes)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  watch(prefix: string, after: Revision, sink: WatchSink): Watch {
    return this.#watches.watch(prefix, after, sink)
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
    const { state } = this.#open()
    const ttlSeconds = this.#leases.ttlSeconds(id)
    if (!this.#leases.remove(id)) return false
    const writes = state.keysOf(id).map((key) => ({ key }))
    try {
      await this.#accept(writes, state.before(writes))
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
    await this.#checkpoints?.finish()
    for (const snapshot of this.#snapshots) snapshot.end()
    const tables = this.#tables
    this.#tables = undefined
    await tables?.env.close()
    await this.#commitLog.close()
    this.#lock.release()
  }

  #pages<Item>(prefix: string, shape: (key: string, text: string) => Item) {
    const { tables, state } = this.#open()
    const snapshot = new Snapshot(tables, prefix, shape)
    this.#snapshots.add(snapshot)
    const last = this.#durableRevision
    snapshot.bringUp((after) => state.pending.textsBetween(prefix, after, last))
    const forget = () => void this.#snapshots.delete(snapshot)
    const end = () => {
      snapshot.end()
      forget()
    }
    return { pages: snapshot.pages(forget), end }
  }

  /** @throws StoreUnavailableError once `close` has been called: what was accepted before is still finished */
  #open(): { readonly tables: Tables; readonly state: AcceptedState } {
    if (this.#tables === undefined || this.#state === undefined || this.#closing !== undefined) {
      throw new StoreUnavailableError('the store is closed')
    }
    return { tables: this.#tables, state: this.#state }
  }

  #load(tables: Tables): AcceptedState {
    const [revision, lastLease] = (tables.facts.get('revision') ?? '0,0').split(',')
    this.#durableRevision = Number(revision)
    // Leases that nothing was ever bound to are not on disk; starting from the time of day leaves their ids behind.
    this.#lastLease = Math.max(Number(lastLease), Math.floor(this.#clock.now()) * LEASES_PER_MS)
    const now = this.#clock.monotonic()
    return new AcceptedState(tables, ({ lease, ttlSeconds }) => {
      if (!this.#leases.has(lease)) this.#leases.add(lease, ttlSeconds, now)
      this.#lastLease = Math.max(this.#lastLease, Number(lease))
    })
  }

  /** Takes in what is durable in the log and not in LMDB: the engine ended before it got there. */
  async #recover(tables: Tables, state: AcceptedState): Promise<void> {
    const applied = this.#durableRevision
    const log = { folder: this.#path, applied, id: tables.id, hasLog: formatOf(tables) === FORMAT }
    const missing = await this.#commitLog.open(log)
    const found = missing.map((logged) => state.replay(logged))
    noteFormat(tables, FORMAT)
    const { pending } = state
    const lastLease = () => String(this.#lastLease)
    const needs = { clock: this.#clock, log: this.#commitLog, pending, lastLease }
    this.#checkpoints = new Checkpoints(needs, tables, applied)
    this.#checkpoints.addFound(missing)
    for (const commit of found) {
      for (const held of commit.before.values()) this.#dropIfUnbound(held?.lease, state)
      this.#durableRevision = commit.revision
    }
    this.#acceptedRevision = this.#durableRevision
    this.#watches.startAt(this.#durableRevision)
  }

  /** A lease runs on after a restart when something is bound to it: one that has been revoked is not. */
  #dropIfUnbound(lease: LeaseId | undefined, state: AcceptedState): void {
    if (lease !== undefined && state.keysOf(lease).length === 0) this.#leases.remove(lease)
  }

  #decide(guards: readonly Guard[], writes: readonly Write[]): Promise<CommitResult> {
    const { state } = this.#open()
    const before = state.before(writes)
    if (!guards.every((guard) => state.holds(guard, before))) return this.#group.settled().then(() => undefined)
    // After the guards: what ended the lease usually made the decision stale as well, and that is the better answer.
    for (const { lease } of writes) {
      if (lease !== undefined && !this.#leases.has(lease)) throw new LeaseNotFoundError(`no lease ${lease}`)
    }
    return this.#accept(writes, before)
  }

  #accept(writes: readonly Write[], before: Before): Promise<Revision> {
    const { state } = this.#open()
    const effective = writes.filter(({ key, value }) => value !== undefined || before.get(key) !== undefined)
    if (effective.length === 0) return this.#group.settled().then(() => this.#durableRevision)
    for (const { key } of effective) {
      if (!isStorable(key)) throw new StoreUnavailableError(`a key is not text of at most ${KEY_BYTES_MAX} bytes`)
    }
    // What only deletes fits into the log while the disk is full, and may be what makes room.
    const failure = this.#checkpoints?.failure
    if (failure !== undefined && effective.some(({ value }) => value !== undefined)) throw unavailable(REFUSED, failure)
    this.#acceptedRevision += 1
    const ttlSeconds = (lease: LeaseId) => this.#leases.ttlSeconds(lease)
    const commit = state.accept(effective, { revision: this.#acceptedRevision, before, ttlSeconds })
    return new Promise((resolve, reject) => {
      this.#group.add({
        commit: commit.logged,
        onDurable: () => {
          this.#durableRevision = commit.revision
          this.#watches.publish(commit)
          resolve(commit.revision)
        },
        onFailed: reject,
      })
    })
  }

  #forgetAccepted(): void {
    this.#state?.forgetAfter(this.#durableRevision)
    this.#acceptedRevision = this.#durableRevision
  }
}

const RENEWED: readonly boolean[] = [true]
const UNKNOWN: readonly boolean[] = [false]
