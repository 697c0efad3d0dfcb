import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { capture } from './capture.ts'
import type { InsideAnswer, InsideQuestion } from './inside.ts'

export interface EngineOptions {
  /** The engine's folder of state; several starts may share one. */
  readonly folder: string
  /** Main module; default: the engine of this checkout. */
  readonly entry?: string | undefined
  /** Folder for a CPU profile of the whole run. */
  readonly profileFolder?: string | undefined
  /** Whether it can be asked for its memory and its turns (`inside.ts`). */
  readonly isMetered?: boolean
  /** More settings, as on the command line. */
  readonly settings?: readonly string[]
  /** More environment variables. */
  readonly variables?: Readonly<Record<string, string>>
}

const ENTRY = fileURLToPath(new URL('../../engine/src/main.ts', import.meta.url))
const INSIDE = new URL('./inside.ts', import.meta.url).href
const READINESS = { method: 'GET', path: '/v4/default/registry/health/readiness' } as const
const START_SECONDS_MAX = 120
const STOP_SECONDS_MAX = 15
const POLL_MS = 5

/** An engine in a process of its own, with LMDB as its store. */
export class EngineProcess {
  readonly port: number
  /** From the start of the process to its first answer. */
  readonly startSeconds: number
  readonly #process: ChildProcess

  static async start(options: EngineOptions): Promise<EngineProcess> {
    const port = await freePort()
    const { folder, entry = ENTRY, profileFolder, isMetered = false, settings = [] } = options
    const profile = profileFolder === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileFolder]
    const meter = isMetered ? ['--expose-gc', '--import', INSIDE] : []
    const flags = ['--server.port', String(port), '--store.kind', 'lmdb', '--store.path', folder, '--log.level', 'warn']
    flags.push(...settings)
    const begin = performance.now()
    const child = spawn(process.execPath, [...profile, ...meter, entry, ...flags], {
      env: { ...process.env, ...options.variables },
      stdio: ['ignore', 'ignore', 'inherit', ...(isMetered ? (['ipc'] as const) : [])],
    })
    await firstAnswer(child, port)
    return new EngineProcess(child, port, (performance.now() - begin) / 1000)
  }

  private constructor(child: ChildProcess, port: number, startSeconds: number) {
    this.#process = child
    this.port = port
    this.startSeconds = startSeconds
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** Asks a metered engine. */
  async ask(question: InsideQuestion): Promise<number> {
    const answer = once(this.#process, 'message') as Promise<[InsideAnswer]>
    this.#process.send(question)
    const [{ value }] = await answer
    return value
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#process
    if (child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_SECONDS_MAX * 1000)
    await ended
    clearTimeout(killer)
  }
}

async function firstAnswer(child: ChildProcess, port: number): Promise<void> {
  const endsAt = performance.now() + START_SECONDS_MAX * 1000
  while (performance.now() < endsAt) {
    if (child.exitCode !== null) throw new Error(`the engine ended with ${child.exitCode} before it answered`)
    const answer = await capture(port, READINESS).catch(() => undefined)
    if (answer?.status === 200) return
    await wait(POLL_MS)
  }
  child.kill('SIGKILL')
  throw new Error(`no answer within ${START_SECONDS_MAX} s`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
