import { expect, test } from 'vitest'
import { Histogram } from './histogram.ts'

test('quantiles are right within the width of a bucket', () => {
  const histogram = new Histogram()
  for (let milliseconds = 1; milliseconds <= 1000; milliseconds += 1) histogram.record(milliseconds)
  const { p50, p95, p99, max } = histogram.latency()
  expect(p50 / 500).toBeCloseTo(1, 1)
  expect(p95 / 950).toBeCloseTo(1, 1)
  expect(p99 / 990).toBeCloseTo(1, 1)
  expect(max).toBe(1000)
})

test('an empty histogram says zero', () => {
  expect(new Histogram().latency()).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 })
})

test('a quantile is never above the largest duration', () => {
  const histogram = new Histogram()
  histogram.record(0.5)
  expect(histogram.quantile(0.99)).toBe(0.5)
})
