import type { Clock, Stoppable } from '../../kernel/clock.ts'
import type { LeaseId, Revision } from '../store.ts'
import type { CommitLog } from './commit-log.ts'
import type { LoggedChange } from './log-frames.ts'
import type { PendingCommit, PendingCommits } from './pending-commits.ts'
import type { Tables } from './tables.ts'
import { putSynced } from './tables.ts'

/** LMDB follows the log so much later, many commits at a time: what neighbours in one page share its write. */
const DELAY_MS = 250
/** After a failure: a full disk stays full for a while. */
const RETRY_MS = 1000
/** So much in the log is not left waiting for the clock. */
const CHARACTERS_MAX = 1_000_000

interface Needs {
  readonly clock: Clock
  readonly log: CommitLog
  readonly pending: PendingCommits
  /** The latest lease that was granted. */
  readonly lastLease: () => LeaseId
}

/** Brings the commits that are durable in the log into LMDB, so that the log can be overwritten. */
export class Checkpoints {
  readonly #needs: Needs
  readonly #tables: Tables
  /** The latest durable commit. */
  #durable: Revision
  /** Everything up to here is in LMDB. */
  #applied: Revision
  #waitingCharacters = 0
  #timer: Stoppable | undefined
  #running: Promise<void> | undefined
  #failure: unknown

  /** @param applied revision up to which LMDB holds everything */
  constructor(needs: Needs, tables: Tables, applied: Revision) {
    this.#needs = needs
    this.#tables = tables
    this.#applied = applied
    this.#durable = applied
  }

  /** Why LMDB could not follow; undefined while it can. The next success ends it. */
  get failure(): unknown {
    return this.#failure
  }

  /** Notes the next commit that is durable in the log. */
  add({ revision, logged }: PendingCommit): void {
    this.#durable = revision
    for (const { key, text = '' } of logged.changes) this.#waitingCharacters += key.length + text.length
    if (this.#running !== undefined) return
    if (this.#waitingCharacters > CHARACTERS_MAX && this.#failure === undefined) this.#start()
    else this.#timer ??= this.#needs.clock.after(this.#failure === undefined ? DELAY_MS : RETRY_MS, () => this.#start())
  }

  /** Brings over what is left, and nothing later. What LMDB refuses stays in the log. */
  async finish(): Promise<void> {
    await this.#running
    this.#timer?.stop()
    if (this.#durable > this.#applied) await this.#run()
    this.#timer?.stop()
  }

  #put(changes: readonly LoggedChange[], revision: string): Promise<void> {
    const { entries, facts } = this.#tables
    return putSynced(this.#tables, changes, () => {
      for (const { key, text } of changes) void (text === undefined ? entries.remove(key) : entries.put(key, text))
      void facts.put('revision', revision)
    })
  }

  #start(): void {
    this.#running = this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async #run(): Promise<void> {
    this.#timer?.stop()
    this.#timer = undefined
    const { pending, log, clock, lastLease } = this.#needs
    const last = this.#durable
    const revision = `${last},${lastLease()}`
    this.#waitingCharacters = 0
    log.turn(this.#applied)
    try {
      const changes = pending.upTo(last).flatMap(({ logged }) => logged.changes)
      // What has been overwritten or removed meanwhile needs no room: it may be what the disk has none for.
      await this.#put(changes, revision).catch(() => this.#put(pending.latest(last), revision))
      this.#applied = last
      this.#failure = undefined
      pending.removeUpTo(last)
    } catch (error) {
      this.#failure = error
    }
    if (this.#durable === this.#applied) return
    const delay = this.#failure === undefined ? DELAY_MS : RETRY_MS
    this.#timer = clock.after(delay, () => this.#start())
  }
}
