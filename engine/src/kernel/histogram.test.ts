import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from './histogram.ts'

test('a number counts for every bound that it is not above', () => {
  const histogram = new Histogram([1, 10])
  for (const value of [0, 1, 2, 10, 11]) histogram.observe(value)
  expect(histogram.cumulative()).toEqual([2, 4, 5])
  expect(histogram.sum).toBe(24)
})

test('counts are what counting by hand gives, for any numbers', () => {
  const bounds = [0.5, 3, 3.5, 100]
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 200, noNaN: true })), (values) => {
      const histogram = new Histogram(bounds)
      for (const value of values) histogram.observe(value)
      const upTo = (bound: number) => values.filter((value) => value <= bound).length
      expect(histogram.cumulative()).toEqual([...bounds.map(upTo), values.length])
    }),
  )
})
