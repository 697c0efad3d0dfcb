import { type ChildProcess, fork } from 'node:child_process'
import type { Comparer, Comparison } from '../domain/contracts/index.ts'
import type { Clock, Stoppable } from '../kernel/clock.ts'
import { fail } from '../kernel/failure.ts'
import {
  COMPARER_START_MS_MAX,
  COMPARISON_HEAP_MIB_MAX,
  COMPARISON_MS_MAX,
  COMPARISONS_WAITING_MAX,
  IDLE_COMPARER_MS_MAX,
} from '../kernel/limits.ts'
import type { ComparisonOutcome, ComparisonTask } from './compare-process.ts'

/** Has the ending of this very file: a published package holds compiled JavaScript. */
const ENDING = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const PROGRAM = new URL(`./compare-process${ENDING}`, import.meta.url)

/**
 * Compares contracts in a process of its own, one pair after the other, within bounds of time and memory: contents come
 * from outside, requests must not wait for them, and what they break must not be the engine. Threads would not do:
 * Node aborts as a whole, now and then, when many are started and ended.
 */
export class ContractComparer implements Comparer {
  readonly #clock: Clock
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #child: ChildProcess | undefined
  #idle: Stoppable | undefined

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
      if ('defect' in outcome) throw new Error(`contracts could not be compared: ${outcome.defect}`)
      return 'comparison' in outcome ? outcome.comparison : fail('InvalidParameters', outcome.refusal)
    } finally {
      this.#waiting--
    }
  }

  /** The process is kept for the next pair, unless it has come to an end or has to. */
  async #run(task: ComparisonTask): Promise<ComparisonOutcome> {
    this.#idle?.stop()
    const known = this.#child?.connected === true ? this.#child : undefined
    const child = known ?? start()
    this.#child = child
    const withinMs = COMPARISON_MS_MAX + (known === undefined ? COMPARER_START_MS_MAX : 0)
    const outcome = await outcomeOf(child, task, (run) => this.#clock.after(withinMs, run))
    if (outcome === 'lost') {
      this.#end()
      const both = `${task.before.name} and ${task.after.name}`
      const bounds = `${COMPARISON_MS_MAX / 1000} s or ${COMPARISON_HEAP_MIB_MAX} MiB of memory`
      return { refusal: `${both} take more than ${bounds} to be compared` }
    }
    this.#idle = this.#clock.after(IDLE_COMPARER_MS_MAX, () => this.#end())
    return outcome
  }

  #end(): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}

/** A process that has nothing of the engine but the tasks it is sent, and ends with it. */
function start(): ChildProcess {
  const child = fork(PROGRAM, {
    env: {},
    execArgv: [`--max-old-space-size=${COMPARISON_HEAP_MIB_MAX}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  child.unref()
  child.channel?.unref()
  return child
}

/** What a process says of a task; `lost` when it ends without a word or takes too long. */
function outcomeOf(
  child: ChildProcess,
  task: ComparisonTask,
  whenLate: (run: () => void) => Stoppable,
): Promise<ComparisonOutcome | 'lost'> {
  return new Promise((resolve) => {
    const settle = (outcome: ComparisonOutcome | 'lost') => {
      timer.stop()
      child.removeAllListeners()
      // It may fail once more while it is killed.
      child.on('error', () => {})
      resolve(outcome)
    }
    const timer = whenLate(() => settle('lost'))
    child.on('message', settle)
    child.on('exit', () => settle('lost'))
    child.on('error', () => settle('lost'))
    child.send(task)
  })
}
