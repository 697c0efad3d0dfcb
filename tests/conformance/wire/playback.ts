import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { Bindings, freshWord, TRANSCRIPT_GRAMMAR } from './placeholders.ts'
import type { Answer, Case } from './transcript.ts'

const SAMPLES: Readonly<Record<string, unknown>> = {
  '<number>': 7,
  '<any>': 'anything',
  '<timestamp>': '1700000000',
  '<jwt>': 'a.b.c',
}

/** A server that answers the requests of one scenario in turn with what was recorded. It tests the player. */
export class Playback {
  readonly #cases: readonly Case[]
  readonly #server: Server
  readonly #bindings = new Bindings(TRANSCRIPT_GRAMMAR)
  #next = 0

  constructor(cases: readonly Case[]) {
    this.#cases = cases
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => this.#answer(request, Buffer.concat(chunks).toString(), response))
    })
  }

  /** Listens on a free port. */
  start(): Promise<URL> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        resolve(new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`))
      })
    })
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #answer(request: IncomingMessage, body: string, response: ServerResponse): void {
    const played = this.#cases[this.#next++]
    if (played === undefined) throw new Error('more requests than were recorded')
    this.#learn(played, request, body)
    const { status = 200, headers = {}, body: shown } = this.#filled(played.response) as Answer
    const text = typeof shown === 'string' ? shown : JSON.stringify(shown)
    const bytes = headers['content-encoding'] === 'gzip' ? gzipSync(text) : Buffer.from(text)
    const length = status === 304 ? {} : { 'content-length': String(bytes.length) }
    response.writeHead(status, { ...headers, ...length })
    response.end(request.method === 'HEAD' || status === 304 ? undefined : bytes)
  }

  /** What the player chose shows in its requests. */
  #learn({ request: { path = '', body, headers = {} } }: Case, request: IncomingMessage, sent: string): void {
    this.#bindings.match(path, request.url ?? '')
    for (const [name, value] of Object.entries(headers)) {
      const got = request.headers[name.toLowerCase()]
      if (value !== null && typeof got === 'string') this.#bindings.match(value, got)
    }
    const pattern = JSON.stringify(body)
    if (pattern !== undefined && !pattern.includes('"$')) this.#bindings.match(pattern, sent)
    if (!this.#bindings.has('run')) {
      const domain = request.headers['x-domain-name']
      if (typeof domain === 'string') this.#bindings.match(`dom-\${run}`, domain)
    }
  }

  #filled(value: unknown): unknown {
    if (typeof value === 'string') return this.#filledText(value)
    if (Array.isArray(value)) return value.map((element) => this.#filled(element))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.#filled(member)]))
  }

  #filledText(text: string): unknown {
    if (text in SAMPLES) return SAMPLES[text]
    for (const name of this.#bindings.unknownNames(text)) this.#bindings.bind(name, freshWord())
    const sampled = text.replaceAll(/<(?:number|any|timestamp|jwt)>/g, (token) => String(SAMPLES[token]))
    return this.#bindings.expand(sampled)
  }
}
