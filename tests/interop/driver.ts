import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Command } from './toolchain.ts'

const ANSWER_WITHIN_MS = 30_000
const LOG_LENGTH_MAX = 8000

/** A line of a driver: what came of a step, or something that the client said by itself. */
interface Line {
  readonly id?: number
  readonly step?: string
  readonly ok?: boolean
  readonly error?: string
  readonly event?: string
  readonly member?: string
  readonly got?: unknown
}

/** Something that a client said by itself. */
export interface ClientEvent<Got = unknown> {
  readonly event: string
  /** Which of the driver's applications said it, where a driver runs several. */
  readonly member?: string
  readonly got: Got
}

/** Which event is meant. */
export interface Wanted<Got = unknown> {
  readonly event: string
  readonly member?: string
  readonly where?: (got: Got) => boolean
  readonly withinMs?: number
}

/** A published client library in a process of its own, which does one call for each step it is given. */
export class Driver implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #answers = new Map<number, Line>()
  #events: Line[] = []
  #log = ''
  #lastId = 0
  #wakers: (() => void)[] = []

  constructor({ command, args, env }: Command) {
    this.#child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-LOG_LENGTH_MAX)
    })
    if (this.#child.stdout === null) throw new Error('a driver has an output')
    createInterface({ input: this.#child.stdout }).on('line', (text) => this.#read(JSON.parse(text) as Line))
    this.#child.on('close', () => this.#wake())
  }

  /** Does a step that must work. @returns what the client gave back */
  async got<Got = unknown>(step: string, args: object = {}): Promise<Got> {
    const { ok, got, error } = await this.#ask(step, args)
    if (ok !== true) throw new Error(`${step} failed: ${error}`)
    return got as Got
  }

  /** Does a step that must not work. @returns the error as the client shows it */
  async refusal(step: string, args: object = {}): Promise<string> {
    const { ok, got, error } = await this.#ask(step, args)
    if (ok === true) throw new Error(`${step} worked: ${JSON.stringify(got)}`)
    return error ?? ''
  }

  /** The next event that is wanted, from what was said since the last one; those of its name before it are forgotten. */
  async untilEvent<Got = unknown>(wanted: Wanted<Got>): Promise<ClientEvent<Got>> {
    const isNamed = ({ event, member }: Line) => event === wanted.event && member === wanted.member
    const isWanted = (line: Line) => isNamed(line) && (wanted.where?.(line.got as Got) ?? true)
    const what = `the event ${wanted.event} of ${wanted.member ?? 'the client'}`
    const found = await this.#until(() => this.#events.find(isWanted), { what, withinMs: wanted.withinMs })
    const last = this.#events.indexOf(found)
    this.#events = this.#events.filter((line, index) => index > last || !isNamed(line))
    return { event: wanted.event, ...(found.member && { member: found.member }), got: found.got as Got }
  }

  /** Events of this name that nobody has waited for. */
  pending(event: string, member?: string): unknown[] {
    return this.#events.filter((line) => line.event === event && line.member === member).map(({ got }) => got)
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }

  async #ask(step: string, args: object): Promise<Line> {
    const id = ++this.#lastId
    this.#child.stdin?.write(`${JSON.stringify({ ...args, id, step })}\n`)
    return await this.#until(() => this.#answers.get(id), { what: `the answer to ${step}` })
  }

  #read(line: Line): void {
    if (line.id === undefined) this.#events.push(line)
    else this.#answers.set(line.id, line)
    this.#wake()
  }

  #wake(): void {
    const wakers = this.#wakers
    this.#wakers = []
    for (const wake of wakers) wake()
  }

  async #until(
    look: () => Line | undefined,
    { what, withinMs = ANSWER_WITHIN_MS }: { what: string; withinMs?: number | undefined },
  ): Promise<Line> {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      this.#wake()
    }, withinMs)
    try {
      for (;;) {
        const found = look()
        if (found !== undefined) return found
        if (this.#child.exitCode !== null) throw new Error(`the driver has ended; ${what} did not come:\n${this.#log}`)
        if (isLate) throw new Error(`${what} did not come within ${withinMs} ms:\n${this.#log}`)
        await new Promise<void>((resolve) => this.#wakers.push(resolve))
      }
    } finally {
      clearTimeout(timer)
    }
  }
}
