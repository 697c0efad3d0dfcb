import type { Comparer, Comparison } from '../domain/contracts/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { fail } from '../kernel/failure.ts'
import {
  COMPARISON_HEAP_MIB_MAX,
  COMPARISON_MS_MAX,
  COMPARISONS_WAITING_MAX,
  IDLE_PROCESS_MS_MAX,
  PROCESS_START_MS_MAX,
} from '../kernel/limits.ts'
import { programBeside } from '../kernel/program-beside.ts'
import type { ComparisonOutcome, ComparisonTask } from './compare-process.ts'
import { KeptProcess } from './kept-process.ts'

/**
 * Compares contracts in a process of its own, one pair after the other, within bounds of time and memory: contents come
 * from outside, requests must not wait for them, and what they break must not be the engine. Threads would not do:
 * Node aborts as a whole, now and then, when many are started and ended.
 */
export class ContractComparer implements Comparer {
  readonly #process: KeptProcess<ComparisonTask, ComparisonOutcome>
  #waiting = 0

  constructor(clock: Clock) {
    this.#process = new KeptProcess(clock, {
      program: programBeside('compare-process', import.meta.url),
      workMs: COMPARISON_MS_MAX,
      startMs: PROCESS_START_MS_MAX,
      idleMs: IDLE_PROCESS_MS_MAX,
      heapMiB: COMPARISON_HEAP_MIB_MAX,
    })
  }

  /** @throws Failure InvalidParameters for contents that cannot be compared, QuotaExceeded when too many wait */
  async compare(task: ComparisonTask): Promise<Comparison> {
    if (this.#waiting >= COMPARISONS_WAITING_MAX) {
      fail('QuotaExceeded', `${COMPARISONS_WAITING_MAX} comparisons of contracts are under way; try again later`)
    }
    this.#waiting++
    const outcome = await this.#process.ask(task).finally(() => {
      this.#waiting--
    })
    if (outcome === 'lost') {
      const both = `${task.before.name} and ${task.after.name}`
      const bounds = `${COMPARISON_MS_MAX / 1000} s or ${COMPARISON_HEAP_MIB_MAX} MiB of memory`
      fail('InvalidParameters', `${both} take more than ${bounds} to be compared`)
    }
    if ('defect' in outcome) throw new Error(`contracts could not be compared: ${outcome.defect}`)
    return 'comparison' in outcome ? outcome.comparison : fail('InvalidParameters', outcome.refusal)
  }
}
