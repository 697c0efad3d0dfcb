import { afterEach, beforeEach, expect, test } from 'vitest'
import { textFrame } from './frame.ts'
import { TestSockets } from './test-sockets.ts'

const sockets = new TestSockets()

beforeEach(() => sockets.listen())
afterEach(() => sockets.close())

test('texts of every length, around the limits of each form of frame, are read by ws as they were', async () => {
  const { client, raw } = await sockets.connect()
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 300_000]
  const texts = [...lengths.map((length) => 'x'.repeat(length)), '服务中心😀', '"\n\u2028']
  for (const text of texts) raw.write(textFrame(text))
  await client.until(({ length }) => length === texts.length)
  expect(client.messages.map((text) => text.length)).toEqual(texts.map((text) => text.length))
  expect(client.messages).toEqual(texts)
})

test.each([
  ['hi', [0x81, 2, 0x68, 0x69]],
  ['', [0x81, 0]],
])('"%s" byte for byte', (text, bytes) => {
  expect([...textFrame(text)]).toEqual(bytes)
})
