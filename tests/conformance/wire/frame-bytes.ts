import { randomBytes } from 'node:crypto'

/** A WebSocket frame as tests see it; `end` stands for the end of the connection. */
export interface Frame {
  readonly opcode: string
  /** Text or payload; JSON is parsed. Not in close frames. */
  readonly body?: unknown
  /** Of a close frame. */
  readonly code?: number
  readonly text?: string
}

const OPCODES: Readonly<Record<number, string>> = {
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
}

interface Taken {
  readonly frame: Frame
  readonly length: number
}

/** Reads the first frame of `bytes`; undefined when it is not complete yet. */
export function takeFrame(bytes: Buffer): Taken | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes.readUInt8(1) & 0x7f
  const header = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < header) return undefined
  const size = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < header + size) return undefined
  const opcode = OPCODES[bytes.readUInt8(0) & 0x0f] ?? 'unknown'
  return { frame: readFrame(opcode, bytes.subarray(header, header + size)), length: header + size }
}

function readFrame(opcode: string, payload: Buffer): Frame {
  if (opcode !== 'close') return { opcode, body: opcode === 'text' ? parsed(payload.toString()) : payload.toString() }
  return payload.length < 2
    ? { opcode, code: 1005, text: '' }
    : { opcode, code: payload.readUInt16BE(0), text: payload.toString('utf8', 2) }
}

/** The value of a JSON text, or the text itself. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** One masked frame of a client. */
export function clientFrame(opcode: string, payload: Buffer): Buffer {
  const number = Object.entries(OPCODES).find(([, name]) => name === opcode)?.[0]
  if (number === undefined) throw new Error(`no such kind of frame: ${opcode}`)
  const { length } = payload
  const header = length < 126 ? Buffer.alloc(2) : Buffer.alloc(4)
  header.writeUInt8(0x80 | Number(number), 0)
  header.writeUInt8(0x80 | Math.min(length, 126), 1)
  if (length >= 126) header.writeUInt16BE(length, 2)
  const mask = randomBytes(4)
  return Buffer.concat([header, mask, payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))])
}

/** The payload of a close frame. */
export function closePayload(code: number): Buffer {
  const payload = Buffer.alloc(2)
  payload.writeUInt16BE(code)
  return payload
}
