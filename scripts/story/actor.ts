import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'

/** Something that a process has said. Lines that are no JSON have the event `text`. */
export interface Said {
  /** When it happened, milliseconds since the Unix epoch. */
  readonly at: number
  readonly event: string
  readonly text?: string
  readonly state?: string
  readonly watch?: string
  readonly url?: string
  readonly instanceId?: string
  readonly known?: readonly string[]
  readonly added?: readonly string[]
  readonly removed?: readonly string[]
}

interface Expectation {
  /** In words, for the case that it does not come. */
  readonly what: string
  readonly withinMs: number
  /** Only what happened at this time or later counts. */
  readonly since?: number
}

const ERROR_TEXT_LENGTH_MAX = 4_000

/** A process with a part in the story. */
export class Actor {
  readonly name: string
  readonly #child: ChildProcess
  readonly #said: Said[] = []
  readonly #news = new EventEmitter()
  #errorText = ''

  constructor(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.name = name
    this.#child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    const { stdout, stderr } = this.#child
    if (stdout !== null) createInterface({ input: stdout }).on('line', (line) => this.#hear(line))
    stderr?.on('data', (chunk: Buffer) => {
      this.#errorText = (this.#errorText + chunk.toString()).slice(-ERROR_TEXT_LENGTH_MAX)
    })
    this.#child.on('exit', () => this.#news.emit('news'))
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** The last that was said of this kind, so far. */
  last(isIt: (said: Said) => boolean): Said | undefined {
    return this.#said.findLast(isIt)
  }

  /** The first that is said of this kind, be it said already. @throws Error when it does not come in time */
  async until(isIt: (said: Said) => boolean, { what, withinMs, since = 0 }: Expectation): Promise<Said> {
    const deadline = AbortSignal.timeout(withinMs)
    for (;;) {
      const found = this.#said.find((said) => said.at >= since && isIt(said))
      if (found !== undefined) return found
      if (!this.isRunning) throw new Error(`${this.name} has ended before ${what}\n${this.#errorText}`)
      try {
        await once(this.#news, 'news', { signal: deadline })
      } catch (cause) {
        throw new Error(`${this.name}: ${what} did not happen within ${withinMs / 1000} s\n${this.#errorText}`, {
          cause,
        })
      }
    }
  }

  /** Sends a signal and waits for the end of the process. @returns when it ended, milliseconds since the Unix epoch */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number> {
    if (this.isRunning) {
      const exit = once(this.#child, 'exit')
      this.#child.kill(signal)
      await exit
    }
    return Date.now()
  }

  #hear(line: string): void {
    this.#said.push(parse(line))
    this.#news.emit('news')
  }
}

function parse(text: string): Said {
  try {
    return JSON.parse(text) as Said
  } catch {
    return { at: Date.now(), event: 'text', text }
  }
}
