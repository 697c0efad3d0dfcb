import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineProcess } from '../conformance/wire/engine-process.ts'

const REGISTRY = '/v4/default/registry'
const ROOT_PASSWORD = 'Root-4-the-clients'

/** A real engine with its own folder of data, and what another party asks of it. */
export class EngineUnderTest implements AsyncDisposable {
  readonly #folder: string
  readonly #flags: readonly string[]
  readonly url: URL
  #process: EngineProcess
  /** Of root, where there is access control. */
  #token: string | undefined

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

  /** One with access control; what it is asked by `call` it is asked by root. */
  static async startWithAccounts(flags: readonly string[] = []): Promise<EngineUnderTest> {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-interop-data-'))
    const settings = ['--store.path', folder, '--auth.mode', 'on', ...flags]
    const process = await EngineProcess.start(settings, { ROLLCALL_ROOT_PASSWORD: ROOT_PASSWORD })
    const engine = new EngineUnderTest(folder, ['--auth.mode', 'on', ...flags], process)
    const credentials = { name: 'root', password: ROOT_PASSWORD }
    engine.#token = (await engine.#ask<{ token: string }>('POST', '/v4/token', credentials)).token
    return engine
  }

  /** A new account for a client, with these permissions. @returns what the step `connect` takes of it */
  async account(name: string, perms: readonly object[]): Promise<{ account: string; password: string }> {
    const password = `${name}-4-the-Engine`
    await this.#ask('POST', '/v4/roles', { name: `role-${name}`, perms })
    await this.#ask('POST', '/v4/accounts', { name, password, roles: [`role-${name}`] })
    return { account: name, password }
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
  call<Body = unknown>(method: string, path: string, body?: unknown): Promise<Body> {
    return this.#ask(method, REGISTRY + path, body)
  }

  async #ask<Body = unknown>(method: string, path: string, body?: unknown): Promise<Body> {
    const headers: Record<string, string> = this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` }
    const content = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(new URL(path, this.url), { method, headers, ...content })
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${method} ${path} got ${response.status}: ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as Body
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop()
    await rm(this.#folder, { recursive: true })
  }
}
