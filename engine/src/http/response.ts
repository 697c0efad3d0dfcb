import { ServerResponse, STATUS_CODES } from 'node:http'
import type { EngineRequest } from './request.ts'

/** What node:http keeps in an answer, by names that it does not document. */
interface Inner {
  _header: string
  _keepAliveTimeout: number
  _send(text: string, encoding: 'latin1', done: (error?: Error | null) => void): void
  _finish(): void
}

/**
 * An answer that can leave in one plain write of text that is there already, past what node:http does for each header and
 * around each write: a twentieth of what a heartbeat costs (`docs/decisions/0003-http-edge.md`).
 */
export class EngineResponse extends ServerResponse<EngineRequest> {
  /** How long the connection is kept between two requests, which the head of the answer tells. */
  set keepAliveMs(ms: number) {
    this.#inner._keepAliveTimeout = ms
  }

  /** Whether `sendWhole` may be used: it is this answer's turn on a connection that is kept, and all of it is wanted. */
  get isPlain(): boolean {
    const { socket, req } = this
    const current = (socket as { _httpMessage?: unknown } | null)?._httpMessage
    // Only clients of HTTP/1.1 take answers in chunks, and keep connections without asking for it.
    return this.shouldKeepAlive && this.useChunkedEncodingByDefault && current === this && req.method !== 'HEAD'
  }

  /**
   * Sends the answer and ends it, as `writeHead` and `end` would.
   * @param head lines of the head, each with its end, among them Content-Length and Date
   * @param body one character for each byte
   */
  sendWhole(status: number, head: string, body: string): void {
    const inner = this.#inner
    this.statusCode = status
    inner._header = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n${head}${keptLines(inner._keepAliveTimeout)}\r\n`
    inner._send(body, 'latin1', (error) => {
      if (!error && !this.socket?.errored) this.emit('finish')
    })
    this.finished = true
    inner._finish()
  }

  get #inner(): Inner {
    return this as unknown as Inner
  }
}

function keptLines(keepAliveMs: number): string {
  return `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n`
}
