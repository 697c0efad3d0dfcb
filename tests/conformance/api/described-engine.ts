import { Agent, request } from 'node:http'
import type { Engine } from '@rollcall/engine/engine'
import { startEngine } from '@rollcall/engine/engine'
import type { ApiDocument } from '@rollcall/engine/http/api/document'
import { SCENE } from '@rollcall/engine/http/api/scene'
import { ManualClock } from '@rollcall/engine/kernel/manual-clock'
import { Secret } from '@rollcall/engine/kernel/secret'
import { loadSettings } from '@rollcall/engine/settings'
import { WebSocket } from 'ws'

const FLAGS = ['--server.port', '0', '--store.kind', 'memory', '--server.drainSeconds', '0', '--auth.mode', 'on']
const ROOT_PASSWORD = 'Root-4-the-document'
const ANSWER_WITHIN_MS = 10_000

export interface Sent {
  readonly method: string
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON, or text as it stands. */
  readonly body?: unknown
  readonly text?: string
}

export interface Received {
  readonly status: number
  readonly mediaType: string
  readonly text: string
}

/** An engine with access control, whose time stands still, and the document that it serves about itself. */
export class DescribedEngine {
  readonly document: ApiDocument
  readonly defects: unknown[]
  readonly #engine: Engine
  readonly #token: string
  readonly #agent = new Agent({ keepAlive: true })

  private constructor(engine: Engine, facts: { document: ApiDocument; token: string; defects: unknown[] }) {
    this.#engine = engine
    this.#token = facts.token
    this.document = facts.document
    this.defects = facts.defects
  }

  static async start(): Promise<DescribedEngine> {
    const defects: unknown[] = []
    const log = { error: (facts: object) => void defects.push(facts), warn() {}, info() {} }
    const secrets = { rootPassword: new Secret(ROOT_PASSWORD) }
    const engine = await startEngine(loadSettings(FLAGS, {}), { log, secrets, clock: new ManualClock() })
    const json = async (path: string, init: RequestInit = {}) => (await fetch(`${engine.url}${path}`, init)).json()
    const credentials = JSON.stringify({ name: 'root', password: ROOT_PASSWORD })
    const { token } = (await json('/v4/token', { method: 'POST', body: credentials })) as { token: string }
    const document = (await json('/openapi.json')) as ApiDocument
    return new DescribedEngine(engine, { document, token, defects })
  }

  /**
   * Sends a request as root, its target as it stands. An answer that stays open is cut off after its head.
   * Rejects when the connection ends before the answer, or nothing comes in time.
   */
  send({ method, target, headers = {}, body, text }: Sent): Promise<Received> {
    const content = text ?? (body === undefined ? undefined : JSON.stringify(body))
    const { promise, resolve, reject } = Promise.withResolvers<Received>()
    const url = new URL(this.#engine.url)
    const framing = content === undefined ? {} : { 'content-length': Buffer.byteLength(content) }
    const all = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json', ...framing, ...headers }
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
      const isThere = isShared && status === 409
      if (status !== 200 && !isThere) throw new Error(`the scene is refused: ${method} ${path}: ${status} ${text}`)
    }
  }

  stop(): Promise<void> {
    this.#agent.destroy()
    return this.#engine.close()
  }
}
