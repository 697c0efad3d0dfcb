import { IncomingMessage } from 'node:http'

/** Who is told of the body of a request, as it comes. */
export interface BodySink {
  chunk(bytes: Buffer): void
  /** It is whole. */
  end(): void
  /** The connection ended before the body did. */
  cut(): void
}

/** Bytes of a body that nobody has asked for yet; node reads on when somebody does. */
const EARLY_BYTES_MAX = 65_536

/**
 * A request whose body goes straight from the parser to who reads it, past Node's streams: 2 to 10 % of what a small request
 * costs (`docs/decisions/0003-http-edge.md`). `push` is how node:http gives a stream its bytes, `_dump` how it skips what
 * nobody has read.
 */
export class EngineRequest extends IncomingMessage {
  #sink: BodySink | undefined
  #early: Buffer[] | undefined
  #earlyBytes = 0

  /** Gives the body to `sink`: at once what is there, then what comes. Only the first who asks gets it all. */
  readBody(sink: BodySink): void {
    this.#sink = sink
    const early = this.#early
    this.#early = undefined
    for (const chunk of early ?? NONE) sink.chunk(chunk)
    if (this.complete) sink.end()
    else if (this.#earlyBytes >= EARLY_BYTES_MAX) this._read(0)
  }

  override push(chunk: Buffer | null): boolean {
    const sink = this.#sink
    if (chunk === null) sink?.end()
    else if (sink !== undefined) sink.chunk(chunk)
    else {
      this.#early ??= []
      this.#early.push(chunk)
      this.#earlyBytes += chunk.length
      return this.#earlyBytes < EARLY_BYTES_MAX
    }
    return true
  }

  /** Called once the answer has been sent. */
  _dump(): void {
    if (!this.complete || this.#early !== undefined) this.readBody(NOBODY)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.complete) this.#sink?.cut()
    super._destroy(error, callback)
  }
}

// What node looks at to tell whether it may let go of a request.
Object.defineProperty(EngineRequest.prototype, 'readableEnded', {
  get(this: EngineRequest): boolean {
    return this.complete
  },
})

const NONE: readonly Buffer[] = []

const NOBODY: BodySink = { chunk() {}, end() {}, cut() {} }
