import { type IncomingMessage, type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http'
import { gzip } from 'node:zlib'
import type { Clock } from '../kernel/clock.ts'
import { GZIP_BYTES_MIN, ONE_WRITE_BYTES_MAX } from '../kernel/limits.ts'
import type { Answer, EventSink } from './call.ts'
import type { EngineResponse } from './response.ts'
import { givenId } from './trace.ts'

const VARY = 'Accept-Encoding, Origin'
const ANY_ORIGIN = ['Access-Control-Allow-Origin', '*'] as const

/** Methods and headers that pages of other origins may use, as in Service Center. */
const CORS_METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'DELETE', 'UPDATE'])
const CORS_HEADERS: ReadonlySet<string> = new Set(['Origin', 'Accept', 'Content-Type', 'X-Domain-Name', 'X-Consumerid'])

/** Writes answers. Headers go out as raw pairs, because clients compare the capitals of their names. */
export class Replier {
  readonly #server: string
  readonly #clock: Clock
  /** What all answers have, as lines of a head. */
  readonly #commonLines: string
  #date = { second: -1, line: '' }
  /** Many answers that are made anew share their headers. */
  #last: { readonly headers: readonly string[]; readonly lines: string } = { headers: NONE, lines: '' }

  /** @param server value of the `Server` header */
  constructor(server: string, clock: Clock) {
    this.#server = server
    this.#clock = clock
    this.#commonLines = linesOf(this.#common())
  }

  send(request: IncomingMessage, response: EngineResponse, answer: Answer): void {
    const { body } = answer
    if (answer.stream !== undefined) {
      this.#open(request, response, answer)
      answer.stream(sinkOf(response))
      return
    }
    if (body !== undefined && body.length >= GZIP_BYTES_MIN && takesGzip(request.headers['accept-encoding'])) {
      this.#sendCompressed(request, response, answer)
      return
    }
    if ((body !== undefined && body.length > ONE_WRITE_BYTES_MAX) || !response.isPlain) {
      this.#write(request, response, { status: answer.status, headers: this.#headers(answer, body), body })
      return
    }
    answer.head ??= this.#head(answer)
    // As text, head and body leave in one write: a third more requests per second than as two buffers.
    answer.latin1 ??= body?.toString('latin1') ?? ''
    const head = `${answer.head}${linesOf(ownHeaders(request))}${this.#dateLine()}`
    response.sendWhole(answer.status, head, answer.latin1)
  }

  /** Answers OPTIONS: 200 for every path; a preflight learns what it may do. */
  sendOptions(request: IncomingMessage, response: ServerResponse): void {
    const {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': asked = '',
    } = request.headers
    const headers = ['Server', this.#server, 'Content-Length', '0']
    if (method === undefined) headers.push('Vary', VARY)
    else {
      headers.push('Vary', `${VARY}, Access-Control-Request-Method, Access-Control-Request-Headers`)
      const names = asked
        .split(',')
        .map(canonical)
        .filter((name) => name !== '')
      if (origin !== undefined && CORS_METHODS.has(method) && names.every((name) => CORS_HEADERS.has(name))) {
        headers.push(...ANY_ORIGIN, 'Access-Control-Allow-Methods', method)
        if (names.length > 0) headers.push('Access-Control-Allow-Headers', names.join(', '))
      }
    }
    headers.push(...requestIdOf(request))
    response.writeHead(200, headers)
    response.end()
  }

  #sendCompressed(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
    const send = (body: Buffer) => {
      const headers = [...this.#headers(answer, body), 'Content-Encoding', 'gzip']
      this.#write(request, response, { status: answer.status, headers, body })
    }
    if (answer.gzipped !== undefined) {
      send(answer.gzipped)
      return
    }
    gzip(answer.body ?? '', (error, compressed) => {
      if (error !== null) {
        this.#write(request, response, { ...answer, headers: this.#headers(answer, answer.body) })
        return
      }
      answer.gzipped = compressed
      send(compressed)
    })
  }

  /** Sends the head of an answer that stays open; its end is the end of the connection's chunks. */
  #open(request: IncomingMessage, response: ServerResponse, { status, headers }: Answer): void {
    response.writeHead(status, [...headers, ...this.#common(), ...ownHeaders(request)])
    response.flushHeaders()
  }

  #common(): readonly string[] {
    return ['Server', this.#server, 'Vary', VARY]
  }

  #headers({ status, headers }: Answer, body: Buffer | undefined): string[] {
    return [...headers, ...this.#common(), ...lengthOf(status, body)]
  }

  /** The same as lines. */
  #head({ status, headers, body }: Answer): string {
    if (headers !== this.#last.headers) this.#last = { headers, lines: linesOf(headers) }
    return `${this.#last.lines}${this.#commonLines}${linesOf(lengthOf(status, body))}`
  }

  #write(
    request: IncomingMessage,
    response: ServerResponse,
    {
      status,
      headers,
      body,
    }: { readonly status: number; readonly headers: readonly string[]; readonly body: Buffer | undefined },
  ): void {
    const own = ownHeaders(request)
    const all = own.length === 0 ? headers : [...headers, ...own]
    response.writeHead(status, all as string[])
    if (body === undefined || request.method === 'HEAD') response.end()
    else response.end(body)
  }

  #dateLine(): string {
    const now = this.#clock.now()
    const second = Math.floor(now / 1000)
    if (second !== this.#date.second) this.#date = { second, line: `Date: ${new Date(now).toUTCString()}\r\n` }
    return this.#date.line
  }
}

const NONE: readonly string[] = []

function lengthOf(status: number, body: Buffer | undefined): readonly string[] {
  return status === 304 ? NONE : ['Content-Length', String(body?.length ?? 0)]
}

/** Headers as lines of a head. @throws TypeError for what could not stand there, as `writeHead` does */
function linesOf(headers: readonly string[]): string {
  let lines = ''
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string
    const value = headers[at + 1] as string
    validateHeaderName(name)
    validateHeaderValue(name, value)
    lines += `${name}: ${value}\r\n`
  }
  return lines
}

/** What only the answer to this very request has. */
function ownHeaders(request: IncomingMessage): readonly string[] {
  const { origin, 'x-request-id': id } = request.headers
  if (origin === undefined && id === undefined) return NONE
  return [...(origin === undefined ? NONE : ANY_ORIGIN), ...requestIdOf(request)]
}

/** Gives a client its `X-Request-Id` back. */
function requestIdOf(request: IncomingMessage): readonly string[] {
  const id = givenId(request)
  return id === undefined ? NONE : ['X-Request-Id', id]
}

function sinkOf(response: ServerResponse): EventSink {
  return {
    write: (text) => void response.write(text),
    get backlogBytes() {
      return response.writableLength
    },
    drained: () => drained(response),
    end: () => void response.end(),
    destroy: () => void response.destroy(),
    onClose: (run) => void response.once('close', run),
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    if (!response.writableNeedDrain || response.closed) resolve()
    else response.on('drain', done).on('close', done)
  })
}

/** Whether an Accept-Encoding header admits gzip. */
function takesGzip(header: string | string[] | undefined): boolean {
  if (header === undefined || !header.includes('gzip')) return false
  return /(?:^|[\s,])gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+)?\s*(?:,|$)/.test(String(header))
}

/** A header name the way Go writes it: each part with one capital. */
function canonical(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
}
