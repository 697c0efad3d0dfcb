import { Worker } from 'node:worker_threads'
import type { Comparer, Comparison } from '../domain/contracts/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { fail } from '../kernel/failure.ts'
import { COMPARISON_HEAP_MIB_MAX, COMPARISON_MS_MAX, COMPARISONS_WAITING_MAX } from '../kernel/limits.ts'
import type { ComparisonOutcome, ComparisonTask } from './compare-worker.ts'

/** Has the ending of this very file: a published package holds compiled JavaScript. */
const WORKER = new URL(`./compare-worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)

/**
 * Compares contracts in a thread of their own, one pair after the other, within bounds of time and memory: contents
 * come from outside, and requests must not wait for them.
 */
export class ContractComparer implements Comparer {
  readonly #clock: Clock
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @throws Failure InvalidParameters for contents that cannot be compared, QuotaExceeded when too many wait */
  async compare(task: ComparisonTask): Promise<Comparison> {
    if (this.#waiting >= COMPARISONS_WAITING_MAX) {
      fail('QuotaExceeded', `${COMPARISONS_WAITING_MAX} comparisons of contracts are under way; try again later`)
    }
    this.#waiting++
    const turn = this.#last.then(() => this.#run(task))
    this.#last = turn.catch(() => undefined)
    try {
      const outcome = await turn
      return 'comparison' in outcome ? outcome.comparison : fail('InvalidParameters', outcome.refusal)
    } finally {
      this.#waiting--
    }
  }

  #run(task: ComparisonTask): Promise<ComparisonOutcome> {
    const worker = new Worker(WORKER, {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: COMPARISON_HEAP_MIB_MAX },
    })
    const both = `${task.before.name} and ${task.after.name}`
    const tooSlow = { refusal: `${both} take longer than ${COMPARISON_MS_MAX / 1000} s to be compared` }
    return new Promise<ComparisonOutcome>((resolve, reject) => {
      const timer = this.#clock.after(COMPARISON_MS_MAX, () => resolve(tooSlow))
      worker.on('message', resolve)
      worker.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') reject(error)
        else resolve({ refusal: `${both} take more than ${COMPARISON_HEAP_MIB_MAX} MiB of memory to be compared` })
      })
      worker.on('exit', () => {
        timer.stop()
        reject(new Error('the comparing thread ended without a word'))
      })
    }).finally(() => void worker.terminate())
  }
}
