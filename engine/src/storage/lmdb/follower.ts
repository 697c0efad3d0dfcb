import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { programBeside } from '../../kernel/program-beside.ts'
import { applyFrames, type Following } from './apply-frames.ts'
import type { Followed, FollowerData } from './follower-thread.ts'
import { formatOf, type Tables } from './tables.ts'

const THREAD = programBeside('follower-thread', import.meta.url)
/** Up to so much is written without the thread while there is none: it takes 20 MB, and about a millisecond of it is saved. */
const SMALL_BYTES = 100_000
/** What it makes of a batch is gone when the next comes. */
const LIMITS = { maxYoungGenerationSizeMb: 8 }

/**
 * A thread that writes LMDB from the log. Thousands of puts in one go would hold up whatever else the engine has to answer;
 * there they do not. It starts with the first batch that is not small. When it is lost the next batch is written here, and the one
 * after that has a new one.
 */
export class Follower {
  readonly #tables: Tables
  #thread: Worker | undefined
  /** Whether the last one ended, or could not begin. */
  #isLost = false
  /** What it is asked for now. */
  #asked: PromiseWithResolvers<Followed> | undefined

  /** @param tables as this thread reads them; their format must have been noted */
  constructor(tables: Tables) {
    this.#tables = tables
  }

  /** Resolves when it is in LMDB, and seen by reads. One call at a time. @throws Error with the reason of the refusal */
  async follow(following: Following): Promise<void> {
    if (this.#thread === undefined && (this.#isLost || following.frames.length <= SMALL_BYTES)) {
      this.#isLost = false
      return applyFrames(this.#tables, following)
    }
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
    const thread = this.#thread
    if (thread === undefined) return
    thread.ref()
    thread.postMessage(undefined)
    await new Promise((resolve) => thread.once('exit', resolve))
  }

  #start(): Worker {
    const workerData: FollowerData = { path: this.#tables.path, format: formatOf(this.#tables) ?? '' }
    const thread = new Worker(THREAD, { workerData, resourceLimits: LIMITS, env: compiledModules() })
    const lose = (cause: Error) => {
      if (this.#thread !== thread) return
      this.#thread = undefined
      this.#isLost = true
      this.#asked?.reject(cause)
    }
    thread.on('message', (followed: Followed) => this.#asked?.resolve(followed))
    thread.on('error', lose)
    thread.on('messageerror', () => void thread.terminate())
    thread.on('exit', () => lose(new Error('the thread that writes it ended')))
    this.#thread = thread
    return thread
  }
}

/** Without it each thread compiles its modules anew, which takes 20 MB more. */
function compiledModules(): NodeJS.Dict<string> {
  // The folder that the process itself was given has one folder for each version of Node.
  const folder = getCompileCacheDir()
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) }
}
