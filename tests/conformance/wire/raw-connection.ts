import { connect, type Socket } from 'node:net'
import { type Frame, takeFrame } from './frame-bytes.ts'
import { type RawAnswer, takeAnswer } from './http-bytes.ts'

const ANSWER_WITHIN_MS = 15_000

/** A connection on which every byte is seen: HTTP first, WebSocket frames after an upgrade. */
export class RawConnection {
  readonly #socket: Socket
  #bytes: Buffer = Buffer.alloc(0)
  #ended = false
  #wake = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#wake()
    })
    const end = () => {
      this.#ended = true
      this.#wake()
    }
    // A reset is an end too; what it cut off is missing in the answer.
    socket.on('error', end)
    socket.on('close', end)
    socket.on('end', end)
  }

  /** Connects to host and port of `url`; without `isReading` whatever comes is left in the network. */
  static open(url: URL, { isReading = true } = {}): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: url.hostname, port: Number(url.port || 80), allowHalfOpen: true, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        const connection = new RawConnection(socket)
        if (!isReading) socket.pause()
        resolve(connection)
      })
    })
  }

  /** Whether the server has ended the connection. */
  get isEnded(): boolean {
    return this.#ended
  }

  /** Bytes that came and that nobody took yet. */
  get pending(): Buffer {
    return this.#bytes
  }

  write(bytes: Buffer | string): void {
    this.#socket.write(bytes)
  }

  /** Says that nothing more will be sent. */
  finish(): void {
    this.#socket.end()
  }

  close(): void {
    this.#socket.destroy()
  }

  /**
   * Takes the next answer. @returns undefined when the connection ended before a complete one
   * @throws Error when none comes in time
   */
  async readAnswer({ isHead = false, withinMs = ANSWER_WITHIN_MS } = {}): Promise<RawAnswer | undefined> {
    const taken = await this.#take((ended) => takeAnswer(this.#bytes, { isHead, ended }), withinMs)
    if (taken === 'late') throw new Error(`no answer within ${withinMs} ms`)
    if (taken === 'ended') return undefined
    this.#bytes = this.#bytes.subarray(taken.length)
    return taken.value
  }

  /** Takes the next frame; after the last one comes `end`, for ever. @returns undefined when none comes in time */
  async readFrame(withinMs: number): Promise<Frame | undefined> {
    const taken = await this.#take(() => takeFrame(this.#bytes), withinMs)
    if (taken === 'late') return undefined
    if (taken === 'ended') return { opcode: 'end' }
    this.#bytes = this.#bytes.subarray(taken.length)
    return taken.frame
  }

  /** Resolves when the server has ended the connection. @throws Error when it does not in time */
  async waitForEnd(withinMs = ANSWER_WITHIN_MS): Promise<void> {
    const outcome = await this.#take(() => undefined, withinMs)
    if (outcome === 'late') throw new Error(`the connection is still open after ${withinMs} ms`)
  }

  async #take<T>(attempt: (ended: boolean) => T | undefined, withinMs: number): Promise<T | 'ended' | 'late'> {
    const until = performance.now() + withinMs
    for (;;) {
      const ended = this.#ended
      const taken = attempt(ended)
      if (taken !== undefined) return taken
      if (ended) return 'ended'
      const leftMs = until - performance.now()
      if (leftMs <= 0) return 'late'
      await this.#change(leftMs)
    }
  }

  #change(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
