import { type ChildProcess, fork } from 'node:child_process'
import type { Clock, Stoppable } from '../kernel/clock.ts'

/** What is to be run, and its bounds. */
interface Bounds {
  readonly program: URL
  /** How long a task may take, and the start of the process besides. */
  readonly workMs: number
  readonly startMs: number
  /** How long it is kept without a task. */
  readonly idleMs: number
  readonly heapMiB: number
}

/** A process that has nothing of the engine but the tasks it is sent, one after the other, and ends with it. */
export class KeptProcess<Task extends object, Outcome> {
  readonly #clock: Clock
  readonly #bounds: Bounds
  #last: Promise<unknown> = Promise.resolve()
  #child: ChildProcess | undefined
  #idle: Stoppable | undefined

  constructor(clock: Clock, bounds: Bounds) {
    this.#clock = clock
    this.#bounds = bounds
  }

  /** What the process says of a task; `lost` when it ends without a word or takes too long. The next has a new one. */
  ask(task: Task): Promise<Outcome | 'lost'> {
    const turn = this.#last.then(() => this.#run(task))
    this.#last = turn
    return turn
  }

  end(): void {
    this.#idle?.stop()
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }

  async #run(task: Task): Promise<Outcome | 'lost'> {
    this.#idle?.stop()
    const { workMs, startMs, idleMs } = this.#bounds
    const known = this.#child?.connected === true ? this.#child : undefined
    const child = known ?? this.#start()
    this.#child = child
    const withinMs = workMs + (known === undefined ? startMs : 0)
    // Only while it works does it keep the engine from ending: the first password is hashed before anybody listens.
    hold(child, true)
    const outcome = await outcomeOf<Outcome>(child, task, (run) => this.#clock.after(withinMs, run))
    hold(child, false)
    if (outcome === 'lost') this.end()
    else this.#idle = this.#clock.after(idleMs, () => this.end())
    return outcome
  }

  #start(): ChildProcess {
    const { program, heapMiB } = this.#bounds
    const execArgv = [`--max-old-space-size=${heapMiB}`]
    return fork(program, { env: {}, execArgv, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  }
}

function hold(child: ChildProcess, isHeld: boolean): void {
  for (const handle of [child, child.channel]) isHeld ? handle?.ref() : handle?.unref()
}

function outcomeOf<Outcome>(
  child: ChildProcess,
  task: object,
  whenLate: (run: () => void) => Stoppable,
): Promise<Outcome | 'lost'> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome | 'lost') => {
      timer.stop()
      child.removeAllListeners()
      // It may fail once more while it is killed.
      child.on('error', () => {})
      resolve(outcome)
    }
    const timer = whenLate(() => settle('lost'))
    child.on('message', (outcome) => settle(outcome as Outcome))
    child.on('exit', () => settle('lost'))
    child.on('error', () => settle('lost'))
    child.send(task)
  })
}
