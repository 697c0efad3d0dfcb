const OPCODE_TEXT = 1
const OPCODE_CLOSE = 8
const OPCODE_PING = 9

export interface FrameListener {
  onText(): void
  onPing(): void
  onClose(): void
}

/** Finds whole unmasked WebSocket frames in a stream of bytes; what a server sends to a watcher is not looked into. */
export class FrameReader {
  readonly #listener: FrameListener
  #rest: Buffer = Buffer.alloc(0)

  constructor(listener: FrameListener) {
    this.#listener = listener
  }

  take(bytes: Buffer): void {
    let buffer = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    for (;;) {
      const size = frameSize(buffer)
      if (size === undefined || buffer.length < size) break
      this.#report((buffer[0] ?? 0) & 0x0f)
      buffer = buffer.subarray(size)
    }
    this.#rest = Buffer.from(buffer)
  }

  #report(opcode: number): void {
    if (opcode === OPCODE_TEXT) this.#listener.onText()
    else if (opcode === OPCODE_PING) this.#listener.onPing()
    else if (opcode === OPCODE_CLOSE) this.#listener.onClose()
  }
}

/** Bytes of the first frame, head included; undefined while the head is incomplete. */
function frameSize(buffer: Buffer): number | undefined {
  if (buffer.length < 2) return undefined
  const length = (buffer[1] ?? 0) & 0x7f
  if (length < 126) return 2 + length
  if (length === 126) return buffer.length < 4 ? undefined : 4 + buffer.readUInt16BE(2)
  return buffer.length < 10 ? undefined : 10 + Number(buffer.readBigUInt64BE(2))
}
