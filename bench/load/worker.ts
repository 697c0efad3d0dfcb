import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface Reply {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** A process of its own that answers jobs, so that measuring and being measured do not share a thread. */
export class Worker<Job, Result> {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<Result>>()
  #jobs = 0

  /** @param file module that calls `answerJobs`, relative to this folder */
  constructor(file: string) {
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#process.on('message', (reply: Reply) => this.#settle(reply))
    this.#process.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${file} ended with ${code}`))
      this.#waiting.clear()
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  ask(job: Job): Promise<Result> {
    this.#jobs += 1
    const answer = Promise.withResolvers<Result>()
    this.#waiting.set(this.#jobs, answer)
    this.#process.send({ id: this.#jobs, job })
    return answer.promise
  }

  /** The process ends by itself when nobody can ask it any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.disconnect()
    await ended
  }

  #settle({ id, result, error }: Reply): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(result as Result)
    else waiting?.reject(new Error(error))
  }
}

/** The other side of a `Worker`: handles one job after the other until the parent is gone. */
export function answerJobs<Job, Result>(handle: (job: Job) => Promise<Result> | Result): void {
  process.on('disconnect', () => process.exit(0))
  process.on('message', async ({ id, job }: { readonly id: number; readonly job: Job }) => {
    try {
      process.send?.({ id, result: await handle(job) })
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
}
