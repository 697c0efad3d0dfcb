import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyFilter } from './key-filter.ts'

test('never forgets a key', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 60 })), (keys) => {
      const filter = new KeyFilter()
      for (const key of keys) filter.add(key)
      expect(keys.filter((key) => !filter.mayHold(key))).toEqual([])
    }),
    { numRuns: 20 },
  )
})

test('tells nearly all new instances from those that are there', () => {
  const filter = new KeyFilter()
  const key = (index: number): string => `/cse-sr/inst/files/default/default/service-${index % 100}/instance-${index}`
  for (let index = 0; index < 100_000; index += 1) filter.add(key(index))
  const confused = Array.from({ length: 10_000 }, (_, index) => key(100_000 + index)).filter((one) =>
    filter.mayHold(one),
  )
  expect(confused.length).toBeLessThan(20)
})
