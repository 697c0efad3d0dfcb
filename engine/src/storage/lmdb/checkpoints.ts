import type { Clock, Stoppable } from '../../kernel/clock.ts'
import type { LeaseId, Revision } from '../store.ts'
import type { CommitLog } from './commit-log.ts'
import { Follower } from './follower.ts'
import { encodeFrame, type LoggedCommit, SALT_BYTES } from './log-frames.ts'
import type { PendingCommits } from './pending-commits.ts'
import type { Tables } from './tables.ts'

/** LMDB follows the log so much later, many commits at a time: what neighbours in one page share its write. */
const DELAY_MS = 250
/** After a failure: a full disk stays full for a while. */
const RETRY_MS = 1000
/** So much in the log is not left waiting for the clock. */
const BYTES_MAX = 1_000_000

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
  readonly #follower: Follower
  /** The latest durable commit. */
  #durable: Revision
  /** Everything up to here is in LMDB. */
  #applied: Revision
  /** Of the commits in between. */
  #frames: Buffer[] = []
  /** Of those that nobody has begun to bring over. */
  #waitingBytes = 0
  #timer: Stoppable | undefined
  #running: Promise<void> | undefined
  #failure: unknown

  /** @param applied revision up to which LMDB holds everything */
  constructor(needs: Needs, tables: Tables, applied: Revision) {
    this.#needs = needs
    this.#follower = new Follower(tables)
    this.#applied = applied
    this.#durable = applied
  }

  /** Why LMDB could not follow; undefined while it can. The next success ends it. */
  get failure(): unknown {
    return this.#failure
  }

  /** Notes what was found in the log at the start. */
  addFound(commits: readonly LoggedCommit[]): void {
    if (commits.length > 0) this.add(encodeFrame(Buffer.alloc(SALT_BYTES), commits), commits)
  }

  /** Notes what has become durable in the log. */
  add(frame: Buffer, commits: readonly LoggedCommit[]): void {
    this.#durable = commits.at(-1)?.revision ?? this.#durable
    this.#frames.push(frame)
    this.#waitingBytes += frame.length
    if (this.#running !== undefined) return
    if (this.#waitingBytes > BYTES_MAX && this.#failure === undefined) this.#start()
    else this.#timer ??= this.#needs.clock.after(this.#failure === undefined ? DELAY_MS : RETRY_MS, () => this.#start())
  }

  /** Brings over what is left, and nothing later. What LMDB refuses stays in the log. */
  async finish(): Promise<void> {
    await this.#running
    if (this.#durable > this.#applied) await this.#run((following) => this.#follower.finish(following))
    this.#timer?.stop()
    await this.#follower.close()
  }

  #start(): void {
    this.#running = this.#run((following) => this.#follower.follow(following))
  }

  async #run(follow: Follower['follow']): Promise<void> {
    this.#timer?.stop()
    this.#timer = undefined
    const { pending, log, clock, lastLease } = this.#needs
    const last = this.#durable
    const frames = Buffer.concat(this.#frames)
    const count = this.#frames.length
    this.#waitingBytes = 0
    log.turn(this.#applied)
    try {
      await follow({ frames, revision: `${last},${lastLease()}` })
      this.#applied = last
      this.#failure = undefined
      this.#frames = this.#frames.slice(count)
      pending.removeUpTo(last)
    } catch (error) {
      this.#failure = error
    }
    this.#running = undefined
    if (this.#durable === this.#applied) return
    const delay = this.#failure === undefined ? DELAY_MS : RETRY_MS
    this.#timer = clock.after(delay, () => this.#start())
  }
}
