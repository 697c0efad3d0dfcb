import { expect, test } from 'vitest'
import { FrameReader } from './frame-reader.ts'

const frame = (opcode: number, length: number): Buffer => {
  if (length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, length]), Buffer.alloc(length)])
  return Buffer.concat([Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff]), Buffer.alloc(length)])
}

function seen(pieces: readonly Buffer[]): string[] {
  const events: string[] = []
  const reader = new FrameReader({
    onText: () => events.push('text'),
    onPing: () => events.push('ping'),
    onClose: () => events.push('close'),
  })
  for (const piece of pieces) reader.take(piece)
  return events
}

const all = Buffer.concat([frame(1, 5), frame(9, 0), frame(1, 600), frame(8, 2)])

test('frames of both sizes, several at once', () => {
  expect(seen([all])).toEqual(['text', 'ping', 'text', 'close'])
})

test('one byte at a time', () => {
  expect(seen([...all].map((byte) => Buffer.from([byte])))).toEqual(['text', 'ping', 'text', 'close'])
})
