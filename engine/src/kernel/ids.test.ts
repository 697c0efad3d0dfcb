import { expect, test } from 'vitest'
import { newIdsBy, sha1 } from './ids.ts'
import { ManualClock } from './manual-clock.ts'

test('random ids are 32 small hex digits and never the same', () => {
  const ids = Array.from({ length: 10_000 }, newIdsBy(new ManualClock()))
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
  expect(new Set(ids).size).toBe(ids.length)
})

test('SHA-1 of a text, as UTF-8', () => {
  expect(sha1('0.0,')).toBe('97784746be9a2d00f08bc72fe1ce5ff8c7d07ffe')
  expect(sha1('ü')).toBe('94a759fd37735430753c7b6b80684306d80ea16e')
})

test('ids that are made later come later', () => {
  const clock = new ManualClock()
  const newId = newIdsBy(clock)
  const ids = Array.from({ length: 100 }, () => {
    clock.advance(1)
    return newId()
  })
  expect([...ids].sort()).toEqual(ids)
})
