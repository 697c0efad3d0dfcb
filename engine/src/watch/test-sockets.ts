import { once } from 'node:events'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'

/** The client's end of a connection: keeps what it is sent, as `ws` decodes it. */
export class TestClient {
  readonly socket: WebSocket
  readonly messages: string[] = []
  /** Code and reason of the close frame, once the connection has ended. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  #wake = () => {}

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (bytes) => {
      this.messages.push(String(bytes))
      this.#wake()
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
  }

  /** Resolves when `isEnough` holds for what has come so far. */
  async until(isEnough: (messages: readonly string[]) => boolean): Promise<void> {
    while (!isEnough(this.messages)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** The first `count` messages, as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: frames of all kinds
  async frames(count: number): Promise<any[]> {
    await this.until(({ length }) => length >= count)
    return this.messages.map((message) => JSON.parse(message))
  }

  /** Resolves when the server has answered a ping: everything it sent before has come too. */
  async settle(): Promise<void> {
    const answered = once(this.socket, 'pong')
    this.socket.ping()
    await answered
  }
}

/** The engine's end of a connection. */
export interface Accepted {
  readonly client: TestClient
  readonly socket: WebSocket
  readonly raw: Duplex
}

/** For tests: real connections inside one process. */
export class TestSockets {
  readonly #http: Server = createServer()
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  readonly #clients: WebSocket[] = []

  /** Who waits for which connection, by its path. */
  readonly #awaited = new Map<string, (socket: WebSocket, raw: Duplex) => void>()

  async listen(): Promise<void> {
    this.#http.on('upgrade', (request, raw: Duplex, head: Buffer) => {
      this.#server.handleUpgrade(request, raw, head, (socket) => this.#awaited.get(request.url ?? '')?.(socket, raw))
    })
    this.#http.listen(0, '127.0.0.1')
    await once(this.#http, 'listening')
  }

  /** Opens a connection; `take` is the engine's end, called before the client can have sent anything. */
  async connect(take: (socket: WebSocket, raw: Duplex) => void = () => {}): Promise<Accepted> {
    const path = `/${this.#awaited.size}`
    const accepted = new Promise<Omit<Accepted, 'client'>>((resolve) => {
      this.#awaited.set(path, (socket, raw) => {
        take(socket, raw)
        resolve({ socket, raw })
      })
    })
    const { port } = this.#http.address() as AddressInfo
    const connection = new WebSocket(`ws://127.0.0.1:${port}${path}`)
    this.#clients.push(connection)
    connection.on('error', () => {})
    const client = new TestClient(connection)
    await once(connection, 'open')
    return { client, ...(await accepted) }
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.terminate()
    for (const socket of this.#server.clients) socket.terminate()
    this.#http.removeAllListeners('upgrade')
    this.#http.closeAllConnections()
    this.#http.close()
    await once(this.#http, 'close')
  }
}
