import { type IncomingHttpHeaders, request } from 'node:http'
import type { Engine } from './engine.ts'
import { startEngine } from './engine.ts'
import { ManualClock } from './kernel/manual-clock.ts'
import { Secret } from './kernel/secret.ts'
import type { Secrets } from './secrets.ts'
import { loadSettings } from './settings.ts'

const QUIET = { error() {}, warn() {}, info() {} }
const FLAGS = ['--server.port', '0', '--store.kind', 'memory', '--server.drainSeconds', '0', '--auth.mode', 'on']

export const ROOT_PASSWORD = 'Root-4-the-gate'
export const PASSWORD = 'User-4-the-gate'

/** An answer. Of one that stays open (a WebSocket, a stream) only its head. */
export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: answers of all routes
  readonly json: any
}

interface Sent {
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** For tests: an engine with access control, which lives by a clock that the test moves, and who asks it. */
export class TestAccess {
  readonly engine: Engine
  readonly clock: ManualClock
  /** A token of root. */
  root = ''

  private constructor(engine: Engine, clock: ManualClock) {
    this.engine = engine
    this.clock = clock
  }

  static async start(flags: readonly string[] = [], secrets: Secrets = {}): Promise<TestAccess> {
    const clock = new ManualClock()
    const settings = loadSettings([...FLAGS, ...flags], {})
    const known = { rootPassword: new Secret(ROOT_PASSWORD), ...secrets }
    const access = new TestAccess(await startEngine(settings, { log: QUIET, clock, secrets: known }), clock)
    access.root = await access.signIn('root', ROOT_PASSWORD)
    return access
  }

  /** Sends the path as it stands, which fetch would tidy. */
  readonly send = (method: string, path: string, { token, headers = {}, body }: Sent = {}): Promise<Reply> => {
    const { hostname, port } = new URL(this.engine.url)
    const text = body === undefined ? '' : JSON.stringify(body)
    const credential = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    const all = { ...credential, ...headers, 'Content-Length': String(Buffer.byteLength(text)) }
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, method, path, headers: all })
      sent.on('error', reject)
      sent.on('upgrade', (response, socket) => {
        socket.destroy()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: '', json: undefined })
      })
      sent.on('response', (response) => {
        const { statusCode: status = 0, headers: got } = response
        const isStream = got['content-type'] === 'text/event-stream'
        let said = ''
        const end = () => resolve({ status, headers: got, text: said, json: parse(said) })
        response.setEncoding('utf8').on('data', (chunk) => {
          said += chunk
        })
        response.on('end', end)
        if (!isStream) return
        end()
        sent.destroy()
      })
      sent.end(text)
    })
  }

  /** @returns a token */
  async signIn(name: string, password = PASSWORD): Promise<string> {
    return (await this.send('POST', '/v4/token', { body: { name, password } })).json.token
  }

  /** Does as root what must work. @returns the answer's body */
  async rule(method: string, path: string, body?: unknown): Promise<Reply['json']> {
    const { status, json, text } = await this.send(method, path, { token: this.root, body })
    if (status !== 200) throw new Error(`${method} ${path} got ${status}: ${text}`)
    return json
  }

  /** A new account. @returns its token */
  async account(name: string, roles: readonly string[]): Promise<string> {
    await this.rule('POST', '/v4/accounts', { name, password: PASSWORD, roles })
    return this.signIn(name)
  }

  /** A new account with a role of its own, `role-{name}`. @returns its token */
  async accountThatMay(name: string, perms: readonly object[]): Promise<string> {
    await this.rule('POST', '/v4/roles', { name: `role-${name}`, perms })
    return this.account(name, [`role-${name}`])
  }

  close(): Promise<void> {
    return this.engine.close()
  }
}

function parse(text: string): Reply['json'] {
  return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined
}

/** The newer monitoring API spells it in its own way. */
export function codeOf(json: Reply['json']): string | undefined {
  return json?.errorCode ?? json?.error_code
}
