import { expect, test } from 'vitest'
import { ManualClock } from './manual-clock.ts'
import { RecentRate } from './recent-rate.ts'

test('a rate is what came since the last look, and the same for all who look within ten seconds', () => {
  const clock = new ManualClock()
  const rate = new RecentRate(clock)
  expect(rate.of(50)).toBe(0)
  clock.advance(10_000)
  expect(rate.of(100)).toBe(10)
  clock.advance(9_000)
  expect(rate.of(5000)).toBe(10)
  clock.advance(11_000)
  expect(rate.of(500)).toBe(20)
})
