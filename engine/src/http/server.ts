import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { ERRORS, errorBody } from '@rollcall/protocol/errors'
import { WebSocketServer } from 'ws'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Admission } from './admission.ts'
import type { SocketRoute } from './call.ts'
import type { Pipeline } from './pipeline.ts'
import { EngineRequest } from './request.ts'
import { EngineResponse } from './response.ts'
import type { Tls } from './tls.ts'
import { givenId, traceOf } from './trace.ts'

/** How long a client may take, seconds. */
interface Deadlines {
  /** For a TLS handshake, and for the head of a request. */
  readonly headerSeconds: number
  /** For a whole request. */
  readonly bodySeconds: number
  /** Between requests, and between two bytes that it takes of an answer. */
  readonly idleSeconds: number
}

interface Needs {
  readonly pipeline: Pipeline
  readonly admission: Pick<Admission, 'welcome' | 'close'>
  readonly log: Log
  readonly clock: Clock
  readonly headerBytesMax: number
  readonly deadlines: Deadlines
  /** Without it, plain HTTP. */
  readonly tls: Tls | undefined
}

/** How often Node looks for requests that are past their deadline. */
const DEADLINE_CHECK_MS = 500
const DRAIN_POLL_MS = 20
/** A connection is kept a little longer than the client is told, so that its last request does not meet the end. */
const KEEP_ALIVE_SPARE_MS = 1000
const GOING_AWAY = 1001

/** The listening socket and everything on it: requests, upgrades, and what is no HTTP at all. */
export class HttpServer {
  /** What is served, row by row. */
  readonly rows: Pipeline['rows']
  readonly #server:
    | Server<typeof EngineRequest, typeof EngineResponse>
    | SecureServer<typeof EngineRequest, typeof EngineResponse>
  readonly #pipeline: Pipeline
  readonly #admission: Needs['admission']
  readonly #log: Log
  readonly #clock: Clock
  /** One per message size, because `ws` bounds messages per server. */
  readonly #sockets = new Map<number, WebSocketServer>()

  constructor({ pipeline, admission, log, clock, headerBytesMax, deadlines, tls }: Needs) {
    this.#admission = admission
    this.#pipeline = pipeline
    this.rows = pipeline.rows
    this.#log = log
    this.#clock = clock
    const options = {
      maxHeaderSize: headerBytesMax,
      ...timeouts(deadlines),
      noDelay: true,
      IncomingMessage: EngineRequest,
      ServerResponse: EngineResponse,
      // Requests without a body never become streams: a tenth more finds per second.
      optimizeEmptyRequests: true,
      // A missing Host header harms nobody here, and refusing it would not have the documented form.
      requireHostHeader: false,
      // Only real WebSocket routes leave HTTP; other offers to upgrade (Java's h2c) are ordinary requests.
      shouldUpgradeCallback: (request: IncomingMessage) => this.#isWebSocket(request),
    }
    const keepAliveMs = deadlines.idleSeconds * 1000
    const handle = (request: EngineRequest, response: EngineResponse) => {
      // What the client is told, as if Node itself counted the time between two requests.
      response.keepAliveMs = keepAliveMs
      pipeline.handle(request, response)
    }
    this.#server =
      tls === undefined
        ? createServer(options, handle)
        : createSecureServer({ ...tls.serverOptions, ...options, handshakeTimeout: options.headersTimeout }, handle)
    // For the time between two requests too: Node's own timer for that is set anew twice for each, 5 % of a heartbeat.
    this.#server.timeout = keepAliveMs + KEEP_ALIVE_SPARE_MS
    this.#server.prependListener('connection', (socket) => admission.welcome(socket))
    if (tls !== undefined) tls.attach(this.#server as SecureServer)
    // An expectation that is not known is none: answered by Node itself, it would not have the documented form.
    this.#server.on('checkExpectation', handle)
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    this.#server.on('connect', (_, socket) => refuseBytes(new Error('CONNECT is not served'), socket))
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuseBytes(error, socket))
  }

  /** Starts to listen. @returns the bound port. Rejects with the system's error, for example EADDRINUSE. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ host, port, backlog: 1024 }, () => {
        this.#server.off('error', reject)
        this.#server.on('error', (err) => this.#log.error({ err }, 'listening socket failed'))
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  /** Takes no new connections, lets requests under way finish for at most `drainMs`, then ends every connection. */
  async close(drainMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const server of this.#sockets.values()) {
      for (const socket of server.clients) socket.close(GOING_AWAY)
    }
    await this.#drained(drainMs)
    for (const server of this.#sockets.values()) {
      for (const socket of server.clients) socket.terminate()
    }
    this.#server.closeAllConnections()
    this.#admission.close()
    await closed
  }

  /** Resolves when no connection is left, or after `drainMs`. */
  #drained(drainMs: number): Promise<void> {
    const giveUpAt = this.#clock.monotonic() + drainMs
    return new Promise((resolve) => {
      const look = () => {
        this.#server.closeIdleConnections()
        this.#server.getConnections((_, open) => {
          if (open === 0 || this.#clock.monotonic() >= giveUpAt) resolve()
          else this.#clock.after(DRAIN_POLL_MS, look)
        })
      }
      look()
    })
  }

  #isWebSocket(request: IncomingMessage): boolean {
    return isHandshake(request) && this.#pipeline.opening(request) !== undefined
  }

  #upgrade(request: IncomingMessage, raw: Duplex, head: Buffer): void {
    const opening = this.#pipeline.opening(request)
    if (opening === undefined) {
      raw.destroy()
      return
    }
    const { route, call } = opening
    this.#socketServer(route).handleUpgrade(request, raw, head, (socket) => {
      try {
        this.#pipeline.opened(request)
        route.open(call, socket, raw)
      } catch (err) {
        this.#log.warn({ err, ...traceOf(request), url: request.url }, 'WebSocket refused')
        socket.close(1008)
      }
    })
  }

  #socketServer({ messageBytesMax }: SocketRoute): WebSocketServer {
    let server = this.#sockets.get(messageBytesMax)
    if (server === undefined) {
      server = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax, perMessageDeflate: false })
      server.on('headers', (headers, request) => {
        const id = givenId(request)
        if (id !== undefined) headers.push(`X-Request-Id: ${id}`)
      })
      this.#sockets.set(messageBytesMax, server)
    }
    return server
  }
}

function timeouts({ headerSeconds, bodySeconds }: Deadlines) {
  return {
    headersTimeout: headerSeconds * 1000,
    // Node asks that the whole may take at least as long as its head.
    requestTimeout: Math.max(headerSeconds, bodySeconds) * 1000,
    keepAliveTimeout: 0,
    connectionsCheckingInterval: DEADLINE_CHECK_MS,
  }
}

/** Whether it is a handshake that can be accepted; any other is answered like a plain request, on an open connection. */
function isHandshake({ headers }: IncomingMessage): boolean {
  const { upgrade, 'sec-websocket-version': version, 'sec-websocket-key': key = '' } = headers
  return upgrade?.toLowerCase() === 'websocket' && version === '13' && /^[+/0-9A-Za-z]{22}==$/.test(String(key))
}

/** Answers bytes that are no HTTP request, in the documented form, and ends the connection: its framing is lost. */
function refuseBytes(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  // Node keeps the answer under way on its connection: the good request before the bad bytes still gets it.
  const underWay = (socket as { _httpMessage?: ServerResponse | null })._httpMessage
  if (underWay?.req.complete === true && !underWay.writableFinished) {
    underWay.once('finish', () => socket.end())
    return
  }
  const status = STATUS_BY_CODE[error.code ?? ''] ?? 400
  const body = JSON.stringify(errorBody(ERRORS.InvalidParameters, `not a valid HTTP request: ${error.message}`))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=UTF-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}
