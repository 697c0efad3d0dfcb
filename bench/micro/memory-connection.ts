import type { Server } from 'node:http'
import { Duplex } from 'node:stream'

/** A connection to an HTTP server inside this process: no kernel, no second process, hence little noise. */
export class MemoryConnection extends Duplex {
  /** Called after each piece that the server has written. */
  onWritten = (): void => {}
  readonly #collected: Buffer[] = []
  #isCollecting = false

  constructor(server: Server) {
    // Strings arrive as they were written; turning them into buffers would be this class's cost, not the server's.
    super({ decodeStrings: false })
    server.emit('connection', this)
  }

  /** Sends one request and answers the bytes that come back. */
  async exchange(request: Buffer): Promise<Buffer> {
    this.#isCollecting = true
    await new Promise<void>((resolve) => {
      this.onWritten = resolve
      this.push(request)
    })
    this.#isCollecting = false
    return Buffer.concat(this.#collected.splice(0))
  }

  override _read(): void {}

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: () => void): void {
    this.#keep(chunk, encoding)
    done()
    this.onWritten()
  }

  override _writev(chunks: { chunk: Buffer | string; encoding: BufferEncoding }[], done: () => void): void {
    for (const { chunk, encoding } of chunks) this.#keep(chunk, encoding)
    done()
    this.onWritten()
  }

  /** What node:http asks of a socket. */
  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  #keep(chunk: Buffer | string, encoding: BufferEncoding): void {
    if (this.#isCollecting) this.#collected.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
  }
}
