import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Engine } from './engine.ts'
import { startEngine } from './engine.ts'
import { ManualClock } from './kernel/manual-clock.ts'
import { loadSettings } from './settings.ts'

/** What an answer says. */
export interface Reply {
  readonly status: number
  /** The body, decoded; undefined when there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of all routes
  readonly json: any
}

/** A whole answer. */
export interface Answer extends Reply {
  readonly headers: Headers
  readonly text: string
}

/** A request, besides method and path. */
export interface Asked {
  /** A string goes out as it is, anything else as JSON. */
  readonly body?: unknown
  /** Who asks: the header X-ConsumerId. */
  readonly consumer?: string
  readonly tenant?: string
}

/** How the engine of a test file is run. */
export interface Run {
  /** What every path that is asked for begins with. */
  readonly base?: string
  /** Settings, besides a free port and no pause when it stops. */
  readonly flags?: readonly string[]
  /** An engine for each test: for state that all tenants share. Otherwise each test has a tenant of its own. */
  readonly perTest?: boolean
  /** On the disk, in a folder that goes with the engine; otherwise in memory. */
  readonly onDisk?: boolean
}

const QUIET = { error() {}, warn() {}, info() {} }

/** For tests: a real engine in this process, which lives by a clock that the test moves. */
export class TestEngine {
  readonly clock = new ManualClock()
  readonly #run: Run
  #engine: Engine | undefined
  #folder: string | undefined
  #tenants = 0

  constructor(run: Run) {
    this.#run = run
  }

  get running(): Engine {
    if (this.#engine === undefined) throw new Error('the engine runs only inside tests and their hooks')
    return this.#engine
  }

  get url(): string {
    return this.running.url
  }

  /** The tenant of the test that runs. */
  get tenant(): string {
    return this.#tenants === 0 ? 'default' : `tenant-${this.#tenants}`
  }

  /** @param flags settings besides those of the file */
  readonly start = async (flags: readonly string[] = []): Promise<void> => {
    const { onDisk = false } = this.#run
    if (onDisk) this.#folder = await mkdtemp(join(tmpdir(), 'rollcall-test-'))
    const store = this.#folder === undefined ? ['memory'] : ['lmdb', '--store.path', this.#folder]
    const all = [
      '--server.port',
      '0',
      '--server.drainSeconds',
      '0',
      '--store.kind',
      ...store,
      ...(this.#run.flags ?? []),
      ...flags,
    ]
    this.#engine = await startEngine(loadSettings(all, {}), { log: QUIET, clock: this.clock })
  }

  readonly stop = async (): Promise<void> => {
    await this.#engine?.close()
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true })
  }

  readonly changeTenant = (): void => {
    this.#tenants++
  }

  readonly send = async (method: string, path: string, asked: Asked = {}): Promise<Answer> => {
    const { body, consumer, tenant = this.tenant } = asked
    const headers = { 'X-Domain-Name': tenant, ...(consumer === undefined ? {} : { 'X-ConsumerId': consumer }) }
    const content = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const response = await fetch(`${this.url}${this.#run.base ?? ''}${path}`, { method, headers, ...content })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
    const json = isJson && text !== '' ? JSON.parse(text) : undefined
    return { status: response.status, headers: response.headers, text, json }
  }

  readonly call = async (method: string, path: string, body?: unknown): Promise<Reply> => {
    const { status, json } = await this.send(method, path, { body })
    return { status, json }
  }
}

/** Gives the tests of the calling file an engine; its methods may be taken out of it. */
export function useEngine(run: Run = {}): TestEngine {
  const engine = new TestEngine(run)
  if (run.perTest === true) {
    beforeEach(() => engine.start())
    afterEach(engine.stop)
  } else {
    beforeAll(() => engine.start())
    afterAll(engine.stop)
    beforeEach(engine.changeTenant)
  }
  return engine
}
