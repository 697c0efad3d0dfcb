import { expect, test } from 'vitest'
import { Backoff } from './backoff.ts'

test('pauses double up to the limit, and begin again after success', () => {
  const backoff = new Backoff({ firstMs: 100, maxMs: 500, random: () => 0 })
  expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([100, 200, 400, 500, 500])
  backoff.reset()
  expect(backoff.next()).toBe(100)
})

test('chance takes away up to half of a pause', () => {
  const backoff = new Backoff({ firstMs: 100, maxMs: 500, random: () => 0.5 })
  expect([backoff.next(), backoff.next()]).toEqual([75, 150])
})
