import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineProcess } from '../conformance/wire/engine-process.ts'

const REGISTRY = '/v4/default/registry'

/** A real engine with its own folder of data, and what another party asks of it. */
export class EngineUnderTest implements AsyncDisposable {
  readonly #folder: string
  readonly #flags: readonly string[]
  readonly url: URL
  #process: EngineProcess

  private constructor(folder: string, flags: readonly string[], engine: EngineProcess) {
    this.#folder = folder
    this.#flags = flags
    this.#process = engine
    this.url = engine.url
  }

  static async start(flags: readonly string[] = []): Promise<EngineUnderTest> {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-interop-data-'))
    return new EngineUnderTest(folder, flags, await EngineProcess.start(['--store.path', folder, ...flags]))
  }

  async crash(): Promise<void> {
    await this.#process.crash()
  }

  /** Starts it again where it was, on the same data. */
  async restart(): Promise<void> {
    const flags = ['--store.path', this.#folder, '--server.port', this.url.port, ...this.#flags]
    this.#process = await EngineProcess.start(flags)
  }

  /** Does a request to the registry that must work. @returns the answer's body */
  async call<Body = unknown>(method: string, path: string, body?: unknown): Promise<Body> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
    const response = await fetch(new URL(REGISTRY + path, this.url), init)
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${method} ${path} got ${response.status}: ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as Body
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop()
    await rm(this.#folder, { recursive: true })
  }
}
