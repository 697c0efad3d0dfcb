import { randomBytes } from 'node:crypto'
import { clientFrame, closePayload, type Frame } from './frame-bytes.ts'
import { requestBytes } from './http-bytes.ts'
import { RawConnection } from './raw-connection.ts'
import type { Answer, Step } from './transcript.ts'

const CLOSE_WITHIN_MS = 5000

/** The WebSockets of one play, by the names that the transcript gives them. */
export class SocketSteps {
  readonly #url: URL
  readonly #connections = new Map<string, RawConnection>()

  constructor(url: URL) {
    this.#url = url
  }

  /** Asks for an upgrade. @returns the answer, with every header in lower case */
  async open(name: string, path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const connection = await RawConnection.open(this.#url)
    this.#connections.set(name, connection)
    const offer = {
      Host: this.#url.host,
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      'Sec-WebSocket-Version': '13',
    }
    connection.write(requestBytes({ method: 'GET', path }, { ...offer, ...headers }, undefined))
    const answer = await connection.readAnswer()
    if (answer === undefined) return { status: 0, body: 'the connection ended' }
    const lowered = answer.headers.map(([header, value]) => [header.toLowerCase(), value])
    return { status: answer.status, headers: Object.fromEntries(lowered), body: answer.body.toString() }
  }

  /** Takes frames as the step says. */
  async receive(step: Step): Promise<readonly Frame[]> {
    const { connection = '', count = 0, withinMs = 0, only } = step
    const frames: Frame[] = []
    const until = performance.now() + withinMs
    while (count === 0 || frames.length < count) {
      const frame = await this.#connection(connection).readFrame(Math.max(0, until - performance.now()))
      if (frame === undefined) break
      if (only === undefined || only.includes(frame.opcode)) frames.push(frame)
      if (frame.opcode === 'end') break
      // A close frame is answered, as every client has to; the server may wait for that before it ends.
      if (frame.opcode === 'close')
        this.#connection(connection).write(clientFrame('close', closePayload(frame.code ?? 1000)))
    }
    return frames
  }

  send({ connection = '', opcode = 'text', data = '' }: Step): void {
    this.#connection(connection).write(clientFrame(opcode, Buffer.from(data)))
  }

  /** Sends a close frame and takes all that comes up to the end of the connection. */
  async close({ connection = '', code = 1000 }: Step): Promise<readonly Frame[]> {
    this.#connection(connection).write(clientFrame('close', closePayload(code)))
    return this.receive({ method: 'WS-RECEIVE', connection, withinMs: CLOSE_WITHIN_MS, only: ['close', 'end'] })
  }

  closeAll(): void {
    for (const connection of this.#connections.values()) connection.close()
  }

  #connection(name: string): RawConnection {
    const connection = this.#connections.get(name)
    if (connection === undefined) throw new Error(`no WebSocket called ${name} has been opened`)
    return connection
  }
}
