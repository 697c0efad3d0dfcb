import type { Clock, Stoppable } from '../../kernel/clock.ts'
import { LeaseBindings } from '../lease-bindings.ts'
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
import { LeaseNotFoundError, StoreUnavailableError } from '../store.ts'
import { WatchLog } from '../watch-log.ts'

const PAGE_ENTRIES = 1000

/** A store that forgets everything when it ends: the executable model of the port, for tests and throw-away runs. */
export class MemoryStore implements Store {
  readonly capabilities = { clustered: false, maxWritesPerCommit: Number.MAX_SAFE_INTEGER }
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()
  readonly #leases = new LeaseTable()
  readonly #bindings = new LeaseBindings()
  readonly #log = new WatchLog()
  #revision: Revision = 0
  #lastLease = 0
  #timer: Stoppable | undefined
  #isClosed = false

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock
  }

  get revision(): Revision {
    return this.#revision
  }

  get leases(): number {
    return this.#leases.size
  }

  async open(owner?: StoreOwner): Promise<void> {
    const revoke = (id: LeaseId) => this.revokeLease(id)
    this.#timer = startLeaseClock({ clock: this.#clock, leases: this.#leases, owner, revoke })
  }

  read(prefix: string): AsyncIterable<readonly Entry[]> {
    this.#checkOpen()
    const found = [...this.#entries.values()].filter(({ key }) => key.startsWith(prefix))
    found.sort((one, other) => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)))
    return this.#pages(found)
  }

  async commit(guards: readonly Guard[], writes: readonly Write[]): Promise<CommitResult> {
    this.#checkOpen()
    if (!guards.every((guard) => this.#holds(guard))) return undefined
    for (const { lease } of writes) {
      if (lease !== undefined && !this.#leases.has(lease)) throw new LeaseNotFoundError(`no lease ${lease}`)
    }
    const changes = writes.flatMap((write) => this.#apply(write))
    if (changes.length > 0) {
      this.#revision += 1
      this.#log.publish({ revision: this.#revision, changes })
    }
    return this.#revision
  }

  watch(prefix: string, after: Revision, sink: WatchSink): Watch {
    return this.#log.watch(prefix, after, sink)
  }

  grantLease(ttlSeconds: number): LeaseId {
    this.#checkOpen()
    this.#lastLease += 1
    const id = String(this.#lastLease)
    this.#leases.add(id, ttlSeconds, this.#clock.monotonic())
    return id
  }

  renewLeases(ids: readonly LeaseId[]): readonly boolean[] {
    this.#checkOpen()
    const now = this.#clock.monotonic()
    return ids.map((id) => this.#leases.renew(id, now))
  }

  async revokeLease(id: LeaseId): Promise<boolean> {
    this.#checkOpen()
    if (!this.#leases.remove(id)) return false
    const writes = this.#bindings.keysOf(id).map((key) => ({ key }))
    await this.commit([], writes)
    return true
  }

  async close(): Promise<void> {
    this.#timer?.stop()
    this.#isClosed = true
  }

  #holds(guard: Guard): boolean {
    if ('key' in guard) return (this.#entries.get(guard.key)?.revision ?? 0) === guard.revision
    for (const { key, revision } of this.#entries.values()) {
      if (revision > guard.since && key.startsWith(guard.prefix)) return false
    }
    return true
  }

  #apply({ key, value, lease }: Write): Change[] {
    const before = this.#entries.get(key)
    this.#bindings.move(key, before?.lease, value === undefined ? undefined : lease)
    if (value === undefined) return this.#entries.delete(key) ? [{ key }] : []
    const plain = { key, value, revision: this.#revision + 1 }
    const entry: Entry = lease === undefined ? plain : { ...plain, lease }
    this.#entries.set(key, entry)
    return [entry]
  }

  async *#pages(found: readonly Entry[]): AsyncIterable<readonly Entry[]> {
    for (let from = 0; from < found.length; from += PAGE_ENTRIES) {
      this.#checkOpen()
      yield found.slice(from, from + PAGE_ENTRIES)
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StoreUnavailableError('the store is closed')
  }
}
