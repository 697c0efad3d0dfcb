import { expect, test } from 'vitest'
import { ResponseReader } from './response-reader.ts'

const FULL = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const EMPTY = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'
const UNCHANGED = 'HTTP/1.1 304 Not Modified\r\nX-Resource-Revision: a\r\n\r\n'

function statuses(pieces: readonly string[]): number[] {
  const seen: number[] = []
  const reader = new ResponseReader((status) => seen.push(status))
  for (const piece of pieces) reader.take(Buffer.from(piece))
  return seen
}

test.each([
  ['whole answers', [FULL, EMPTY, UNCHANGED], [200, 200, 304]],
  ['one byte at a time', [...(FULL + EMPTY + UNCHANGED + FULL)], [200, 200, 304, 200]],
  ['several at once', [FULL + EMPTY + UNCHANGED + FULL], [200, 200, 304, 200]],
  ['a body in pieces', [FULL.slice(0, -4), 'el', 'lo'], [200]],
  ['nothing before the last byte', [FULL.slice(0, -1)], []],
])('%s', (_name, pieces, expected) => {
  expect(statuses(pieces)).toEqual(expected)
})

test('refuses what it cannot measure', () => {
  expect(() => statuses(['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'])).toThrow('unknown length')
})
