import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CallStatistics } from './call-statistics.ts'

const NO_BREAKER = { shortCircuited: 0, circuitBreakerOpen: false }
const EMPTY = { qps: 0, latency: 0, total: 0, failure: 0, failureRate: 0, rate: 1, ...NO_BREAKER }
const NO_TIMES = { l995: 0, l99: 0, l90: 0, l75: 0, l50: 0, l25: 0, l5: 0 }

test('counts calls and failures, and starts anew when it was read', () => {
  const statistics = new CallStatistics()
  for (let n = 0; n < 40; n++) statistics.add(20, n % 4 === 0)
  expect(statistics.take(10)).toMatchObject({
    qps: 4,
    latency: 20,
    total: 40,
    failure: 10,
    failureRate: 0.25,
    rate: 0.75,
  })
  expect(statistics.take(10)).toEqual({ ...EMPTY, ...NO_TIMES })
  expect(statistics.idleReads).toBe(1)
})

test('percentiles are at most 1 % off, whatever the times', () => {
  const times = fc.array(fc.double({ min: 0.02, max: 3_000_000, noNaN: true }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(times, (values) => {
      const statistics = new CallStatistics()
      for (const value of values) statistics.add(value, false)
      const sorted = values.toSorted((one, other) => one - other)
      const numbers = statistics.take(10)
      for (const [name, share] of [
        ['l995', 0.995],
        ['l90', 0.9],
        ['l50', 0.5],
        ['l5', 0.05],
      ] as const) {
        // Which of two neighbours is meant where the rank is no whole number is the histogram's business.
        const rank = values.length * share
        const neighbours = [Math.floor(rank), Math.ceil(rank)].map((at) => sorted[Math.max(at, 1) - 1] as number)
        const off = neighbours.map((exact) => Math.abs(numbers[name] - exact) - exact * 0.01 - 0.001)
        expect(Math.min(...off)).toBeLessThanOrEqual(0)
      }
    }),
  )
})

test.each([0, -1, 1e12, 0.0001])('%d ms does no harm', (ms) => {
  const statistics = new CallStatistics()
  statistics.add(ms, false)
  const { total, l50 } = statistics.take(1)
  expect(total).toBe(1)
  expect(Number.isFinite(l50)).toBe(true)
})

test('the state of a breaker is told until it changes, calls that it held back once', () => {
  const statistics = new CallStatistics()
  statistics.isBreakerOpen = true
  statistics.addShortCircuited()
  expect(statistics.take(10)).toMatchObject({ shortCircuited: 1, circuitBreakerOpen: true, total: 0 })
  expect(statistics.take(10)).toMatchObject({ shortCircuited: 0, circuitBreakerOpen: true })
  expect(statistics.idleReads).toBe(0)
  statistics.isBreakerOpen = false
  expect(statistics.take(10)).toMatchObject({ shortCircuited: 0, circuitBreakerOpen: false })
})
