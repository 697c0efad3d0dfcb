import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { programBeside } from '../../kernel/program-beside.ts'
import { applyFrames, type Following } from './apply-frames.ts'
import type { Tables } from './tables.ts'

/** Where the thread writes. */
export interface FollowerData {
  /** Of the database, which is open in this thread too. */
  readonly path: string
  readonly format: string
}

/** What the thread says when it has tried. */
export interface Followed {
  /** In words of the system or LMDB; absent: it is on the disk. */
  readonly refusal?: string
}

const THREAD = programBeside('follower-thread', import.meta.url)
/** What it makes of a batch is gone when the next comes. */
const LIMITS = { maxYoungGenerationSizeMb: 8 }

/**
 * A thread that writes LMDB from the log. Thousands of puts in one go would hold up whatever else the engine has to answer;
 * there they do not. It starts with the first batch, and anew after it was lost.
 */
export class Follower {
  readonly #data: FollowerData
  readonly #tables: Tables
  #thread: Worker | undefined
  /** What it is asked for now. */
  #asked: PromiseWithResolvers<Followed> | undefined

  /** @param tables the same database, as this thread reads it */
  constructor(data: FollowerData, tables: Tables) {
    this.#data = data
    this.#tables = tables
  }

  /** Resolves when it is in LMDB, and seen by reads. One call at a time. @throws Error with the reason of the refusal */
  async follow(following: Following): Promise<void> {
    const thread = this.#thread ?? this.#start()
    this.#asked = Promise.withResolvers()
    // Only while it works does it keep the process from ending.
    thread.ref()
    thread.postMessage(following)
    const { refusal } = await this.#asked.promise.finally(() => thread.unref())
    if (refusal !== undefined) throw new Error(refusal)
    this.#tables.env.resetReadTxn()
  }

  /** The same, without the thread, which ends: for the last batch, when nothing else is to be done here. */
  async finish(following: Following): Promise<void> {
    await this.close()
    await applyFrames(this.#tables, following)
  }

  async close(): Promise<void> {
    if (this.#thread === undefined) return
    const exit = once(this.#thread, 'exit')
    this.#thread.ref()
    this.#thread.postMessage(undefined)
    await exit
  }

  #start(): Worker {
    const thread = new Worker(THREAD, { workerData: this.#data, resourceLimits: LIMITS })
    const lose = (cause: Error) => {
      if (this.#thread !== thread) return
      this.#thread = undefined
      this.#asked?.reject(cause)
    }
    thread.on('message', (followed: Followed) => this.#asked?.resolve(followed))
    thread.on('error', lose)
    thread.on('exit', () => lose(new Error('the thread that writes it ended')))
    this.#thread = thread
    return thread
  }
}
