import { expect, test } from 'vitest'
import { systemClock } from '../kernel/clock.ts'
import { WORK_SLICE_MS_MAX } from '../kernel/limits.ts'
import { LongText } from './long-text.ts'

const texts = Array.from({ length: 20_000 }, (_, index) => JSON.stringify({ index, text: 'ü€😀'.repeat(index % 5) }))

test('a list of any length and in any alphabet is what one encoding of the whole would be', async () => {
  for (const count of [1, 2, 1000, texts.length]) {
    const long = new LongText()
    long.add('{"a":')
    await long.addList(texts.slice(0, count), '[')
    long.add(']}')
    expect(long.bytes().equals(Buffer.from(`{"a":[${texts.slice(0, count).join(',')}]}`))).toBe(true)
  }
})

test('no element is no list', async () => {
  const long = new LongText()
  expect(await long.addList([], '[')).toBe(false)
  await long.addListOrNull([])
  await long.addListOrNull(['1', '2'])
  expect(long.bytes().toString()).toBe('null[1,2]')
})

test('others have their turn while it grows', async () => {
  let turns = 0
  const ticking = systemClock.every(1, () => turns++)
  function* slow(): Iterable<string> {
    for (let step = 0; step < 5; step++) {
      const end = systemClock.monotonic() + WORK_SLICE_MS_MAX + 1
      while (systemClock.monotonic() < end);
      yield '1'
    }
  }
  await new LongText().addList(slow())
  ticking.stop()
  expect(turns).toBeGreaterThan(1)
})
