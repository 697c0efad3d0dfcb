import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

/** A script that starts an engine and services and tells of them. */
export class Story {
  output = ''
  readonly #child: ChildProcess

  constructor(script: string, args: readonly string[] = []) {
    const path = fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url))
    this.#child = spawn(process.execPath, [path, ...args], { env: { ...process.env, NO_COLOR: '1' } })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString()
      })
    }
  }

  /** The processes that it has told of. */
  get processes(): readonly number[] {
    return [...this.output.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid))
  }

  /** Waits until it tells something. */
  async heard(what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this.output)
      if (found !== null) return found
      if (this.#child.exitCode !== null) throw new Error(`it ended before it said ${what}\n${this.output}`)
      await Promise.race([once(this.#child.stdout as NodeJS.ReadableStream, 'data'), once(this.#child, 'close')])
    }
  }

  /** Waits for its end, after a signal if one is given. @returns its exit code */
  async end(signal?: 'SIGINT' | 'SIGTERM'): Promise<number | null> {
    const closed = once(this.#child, 'close') as Promise<[number | null]>
    if (signal !== undefined) this.#child.kill(signal)
    const [code] = await closed
    return code
  }

  expectNothingLeft(): void {
    const [, folder = ''] = /data in (\S+)/.exec(this.output) ?? []
    expect(folder).not.toBe('')
    expect(existsSync(folder)).toBe(false)
    for (const pid of this.processes) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  }
}
