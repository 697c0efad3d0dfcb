import { Agent, request } from 'node:http'
import type { Engine } from '@rollcall/engine/engine'
import { startEngine } from '@rollcall/engine/engine'
import type { ApiDocument } from '@rollcall/engine/http/api/document'
import { SCENE } from '@rollcall/engine/http/api/scene'
import { ManualClock } from '@rollcall/engine/kernel/manual-clock'
import { Secret } from '@rollcall/engine/kernel/secret'
import { loadSettings } from '@rollcall/engine/settings'
import { TestKieServer } from '@rollcall/engine/test-kie-server'
import { WebSocket } from 'ws'

const FLAGS = [
  '--server.port',
  '0',
  '--store.kind',
  'memory',
  '--server.drainSeconds',
  '0',
  '--auth.mode',
  'on',
  '--environments.free',
  'true',
]
const ROOT_PASSWORD = 'Root-4-the-document'
const ANSWER_WITHIN_MS = 10_000

export interface Sent {
  readonly method: string
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON, or text as it stands. */
  readonly body?: unknown
  readonly text?: string
  /** By somebody whose rights end at the services of the shop; absent: by root. */
  readonly isLimited?: boolean
}

export interface Received {
  readonly status: number
  readonly mediaType: string
  readonly text: string
}

/** Somebody who may do everything, but only with services of the shop. */
const LIMITED = {
  roles: {
    name: 'limited',
    perms: [
      {
        resources: ['service', 'service/schema'].map((type) => ({ type, labels: { appId: 'shop' } })),
        verbs: ['*'],
      },
    ],
  },
  accounts: { name: 'limited', password: 'Limited-4-the-shop', roles: ['limited'] },
}

interface Facts {
  readonly document: ApiDocument
  readonly token: string
  readonly limitedToken: string
  readonly defects: unknown[]
}

interface Running {
  readonly engine: Engine
  /** Keeps the policies. */
  readonly kie: TestKieServer
}

/** An engine with access control, whose time stands still, and the document that it serves about itself. */
export class DescribedEngine {
  readonly document: ApiDocument
  readonly defects: unknown[]
  readonly #engine: Engine
  readonly #kie: TestKieServer
  readonly #token: string
  readonly #limitedToken: string
  readonly #agent = new Agent({ keepAlive: true })

  private constructor({ engine, kie }: Running, facts: Facts) {
    this.#engine = engine
    this.#kie = kie
    this.#token = facts.token
    this.#limitedToken = facts.limitedToken
    this.document = facts.document
    this.defects = facts.defects
  }

  static async start(): Promise<DescribedEngine> {
    const defects: unknown[] = []
    const log = { error: (facts: object) => void defects.push(facts), warn() {}, info() {} }
    const kie = new TestKieServer()
    const flags = [...FLAGS, '--policies.kieUrl', await kie.start()]
    const secrets = { rootPassword: new Secret(ROOT_PASSWORD) }
    const engine = await startEngine(loadSettings(flags, {}), { log, secrets, clock: new ManualClock() })
    const json = async (path: string, init: RequestInit = {}) => (await fetch(`${engine.url}${path}`, init)).json()
    const signIn = async (name: string, password: string) =>
      ((await json('/v4/token', { method: 'POST', body: JSON.stringify({ name, password }) })) as { token: string })
        .token
    const token = await signIn('root', ROOT_PASSWORD)
    for (const [noun, body] of Object.entries(LIMITED)) {
      const headers = { authorization: `Bearer ${token}` }
      await fetch(`${engine.url}/v4/${noun}`, { method: 'POST', headers, body: JSON.stringify(body) })
    }
    const limitedToken = await signIn('limited', LIMITED.accounts.password)
    const document = (await json('/openapi.json')) as ApiDocument
    return new DescribedEngine({ engine, kie }, { document, token, limitedToken, defects })
  }

  /**
   * Sends a request as root, its target as it stands. An answer that stays open is cut off after its head.
   * Rejects when the connection ends before the answer, or nothing comes in time.
   */
  send({ method, target, headers = {}, body, text, isLimited = false }: Sent): Promise<Received> {
    const content = text ?? (body === undefined ? undefined : JSON.stringify(body))
    const { promise, resolve, reject } = Promise.withResolvers<Received>()
    const url = new URL(this.#engine.url)
    const framing = content === undefined ? {} : { 'content-length': Buffer.byteLength(content) }
    const token = isLimited ? this.#limitedToken : this.#token
    const all = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...framing, ...headers }
    const options = { host: url.hostname, port: url.port, method, path: target, headers: all, agent: this.#agent }
    const outgoing = request({ ...options, timeout: ANSWER_WITHIN_MS }, (response) => {
      const status = response.statusCode ?? 0
      const mediaType = (response.headers['content-type'] ?? '').replace(/;.*/, '')
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status, mediaType, text: Buffer.concat(chunks).toString() }))
      response.on('error', reject)
      if (mediaType !== 'text/event-stream') return
      resolve({ status, mediaType, text: '' })
      response.destroy()
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error(`nothing came within ${ANSWER_WITHIN_MS} ms`)))
    outgoing.on('error', reject)
    outgoing.end(content)
    return promise
  }

  /** Opens a WebSocket as root and ends it. @returns the status of the handshake */
  upgrade(target: string, domain: string): Promise<number> {
    const headers = { authorization: `Bearer ${this.#token}`, 'X-Domain-Name': domain }
    const socket = new WebSocket(`${this.#engine.url.replace('http', 'ws')}${target}`, { headers })
    return new Promise((resolve, reject) => {
      socket.on('upgrade', ({ statusCode = 0 }) => resolve(statusCode))
      socket.on('open', () => socket.terminate())
      socket.on('error', reject)
    })
  }

  /** Makes the scene of the examples in a domain. */
  async lay(domain: string): Promise<void> {
    for (const { method, path, body, isShared = false } of SCENE) {
      const { status, text } = await this.send({ method, target: path, headers: { 'X-Domain-Name': domain }, body })
      if (status !== 200 && !isShared) throw new Error(`the scene is refused: ${method} ${path}: ${status} ${text}`)
    }
  }

  async stop(): Promise<void> {
    this.#agent.destroy()
    await this.#engine.close()
    await this.#kie.stop()
  }
}
