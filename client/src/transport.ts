import type { FailedAttempt } from './errors.ts'
import { ConnectionError, RollcallError } from './errors.ts'
import type { Dispatcher } from './secure-connections.ts'
import type { Surroundings } from './surroundings.ts'

/** `registry`: /v4/{project}/registry. `admin`: /v4/{project}/admin. `monitoring`: /v2/{project}/csemonitor. `access`: /v4. */
type Api = 'registry' | 'admin' | 'monitoring' | 'access'

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Segments below `/v4/{project}/registry`, or below the place that `api` names; not yet encoded. */
  readonly path: readonly string[]
  readonly api?: Api
  readonly query?: Readonly<Record<string, string | undefined>>
  /** Service id of who asks. */
  readonly consumerId?: string | undefined
  readonly body?: unknown
  /** Whether sending it twice does no harm. Left out: everything but POST. */
  readonly isRepeatable?: boolean
}

export interface Reply {
  readonly status: number
  /** `X-Resource-Revision`; empty when there is none. */
  readonly revision: string
  /** `X-Schema-Summary`; empty when there is none. */
  readonly summary: string
  /** What the JSON said; undefined when there was no body. */
  readonly body: unknown
}

/** Fixed text, or asked for before each request. */
export type Token = string | (() => string | Promise<string>)

/** What requests are sent with. */
export interface TransportNeeds extends Surroundings {
  readonly urls: readonly string[]
  readonly domain: string
  readonly project: string
  readonly token: Token | undefined
  readonly fetch: typeof globalThis.fetch
  readonly timeoutMs: number
  /** Makes the connections; undefined: as Node does. */
  readonly dispatcher: Dispatcher | undefined
}

/** Codes of system and fetch errors that mean: the request has never left. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])
const AWAY = new Set([502, 503, 504])
const EXCERPT_LENGTH_MAX = 200

/** Sends requests to the engine at the first of several addresses that answers, and stays with that one. */
export class Transport {
  readonly #needs: TransportNeeds
  #current = 0

  constructor(needs: TransportNeeds) {
    this.#needs = needs
  }

  /** The address in use, without a slash at its end. */
  get url(): string {
    return this.#needs.urls[this.#current] ?? ''
  }

  /** What makes connections for a WebSocket. */
  get dispatcher(): Dispatcher | undefined {
    return this.#needs.dispatcher
  }

  /** Goes on to the next address, unless something else has left this one already. */
  leave(url: string): void {
    if (this.url === url) this.#current = (this.#current + 1) % this.#needs.urls.length
  }

  /** Path of a resource, encoded. */
  path(segments: readonly string[], api: Api = 'registry'): string {
    if (api === 'access') return `/v4/${segments.map(encodeURIComponent).join('/')}`
    const { project } = this.#needs
    const base = api === 'monitoring' ? ['v2', project, 'csemonitor'] : ['v4', project, api]
    return `/${[...base, ...segments].map(encodeURIComponent).join('/')}`
  }

  /**
   * Headers that every request carries: the domain and who sends it.
   * @throws what the token function throws, or an Error when it takes longer than an answer may
   */
  async headers(): Promise<Record<string, string>> {
    const { domain, token } = this.#needs
    const text = typeof token === 'function' ? await this.#token(token) : token
    return { 'X-Domain-Name': domain, ...(text ? { Authorization: `Bearer ${text}` } : {}) }
  }

  /**
   * Answers 200 and 304 only.
   * @throws RollcallError when the engine refuses, ConnectionError when none answers, and as `headers`
   */
  async send(request: Request): Promise<Reply> {
    const { urls } = this.#needs
    // Not part of an attempt: that a token cannot be had says nothing about the engine.
    const headers = await this.headers()
    const isRepeatable = request.isRepeatable ?? request.method !== 'POST'
    const attempts: FailedAttempt[] = []
    let lastError: unknown
    for (let tried = 0; tried < urls.length; tried++) {
      const url = this.url
      try {
        const reply = await this.#sendTo(url, request, headers)
        const isLast = tried === urls.length - 1
        if (!AWAY.has(reply.status) || !isRepeatable || isLast) return accept(reply)
        attempts.push({ url, reason: `HTTP ${reply.status}` })
      } catch (error) {
        if (error instanceof RollcallError) throw error
        lastError = error
        const { reason, wasSent } = explain(error)
        attempts.push({ url, reason })
        if (wasSent && !isRepeatable) break
      }
      this.leave(url)
    }
    throw new ConnectionError(attempts, lastError)
  }

  /**
   * An answer whose body comes for as long as it takes; from the address in use only.
   * @throws as `send`; the body's own errors come while it is read
   */
  async open(request: Request): Promise<AsyncIterable<Uint8Array>> {
    const { url } = this
    const common = await this.headers()
    try {
      return await this.#inTime(async (signal) => {
        const response = await this.#fetch(url, request, { common, signal })
        if (response.status === 200 && response.body !== null) return response.body as AsyncIterable<Uint8Array>
        accept(await readReply(response))
        throw new Error('no body')
      })
    } catch (error) {
      throw connectionError(url, error)
    }
  }

  /** Asks the application for its token, but not for ever. */
  async #token(token: () => string | Promise<string>): Promise<string> {
    const { clock, timeoutMs } = this.#needs
    const late = Promise.withResolvers<never>()
    const timer = clock.after(timeoutMs, () => late.reject(new Error(`no token within ${timeoutMs} ms`)))
    try {
      return await Promise.race([token(), late.promise])
    } finally {
      timer.stop()
    }
  }

  async #sendTo(url: string, request: Request, common: Readonly<Record<string, string>>): Promise<Reply> {
    return this.#inTime(async (signal) => readReply(await this.#fetch(url, request, { common, signal })))
  }

  #fetch(url: string, request: Request, { common, signal }: Sending): Promise<Response> {
    const { method, path, api, query = {}, consumerId, body } = request
    const target = new URL(url + this.path(path, api))
    for (const [name, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(name, value)
    const headers: Record<string, string> = { ...common }
    if (consumerId) headers['X-ConsumerId'] = consumerId
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    const { fetch, dispatcher } = this.#needs
    const init = { method, headers, signal, ...(dispatcher && { dispatcher }) }
    return fetch(target, body === undefined ? init : { ...init, body: JSON.stringify(body) })
  }

  async #inTime<Result>(run: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { clock, timeoutMs } = this.#needs
    const abort = new AbortController()
    const timer = clock.after(timeoutMs, () => abort.abort(new Error(`no answer within ${timeoutMs} ms`)))
    try {
      return await run(abort.signal)
    } finally {
      timer.stop()
    }
  }
}

interface Sending {
  readonly common: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

async function readReply(response: Response): Promise<Reply> {
  const header = (name: string) => response.headers.get(name) ?? ''
  const body = parse(await response.text())
  const { status } = response
  return { status, revision: header('X-Resource-Revision'), summary: header('X-Schema-Summary'), body }
}

/** JSON as a value; any other text stays text. */
function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function accept(reply: Reply): Reply {
  const { status, body } = reply
  if ((status === 200 && typeof body !== 'string') || status === 304) return reply
  const said = Object(body) as Readonly<Record<string, unknown>>
  const code = said.errorCode ?? said.error_code
  if (typeof code === 'string') {
    const message = String(said.errorMessage ?? said.error_message ?? '')
    throw new RollcallError({ status, code, message, detail: String(said.detail ?? '') })
  }
  const detail = typeof body === 'string' ? body.slice(0, EXCERPT_LENGTH_MAX).trim() : ''
  throw new RollcallError({ status, code: '', message: `unexpected answer with HTTP status ${status}`, detail })
}

/** What to throw when one address is all there was; refusals stay as they are. */
function connectionError(url: string, error: unknown): unknown {
  return error instanceof RollcallError ? error : new ConnectionError([{ url, reason: explain(error).reason }], error)
}

/** What a failed fetch means. */
function explain(error: unknown): { readonly reason: string; readonly wasSent: boolean } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const { code, message } = cause as NodeJS.ErrnoException
  const text = String(code ?? message ?? error)
  return { reason: text, wasSent: !NEVER_SENT.has(text) }
}
