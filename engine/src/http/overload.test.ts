import { beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../kernel/manual-clock.ts'
import { Overload } from './overload.ts'

const PERIOD_MS = 100
const LIMIT_MS = 500

let clock: ManualClock
/** How much later than it is due whatever is due happens. */
let lateMs: number
let logged: string[]
let overload: Overload

beforeEach(() => {
  clock = new ManualClock()
  lateMs = 0
  logged = []
  const note = (_: object, sentence: string) => void logged.push(sentence)
  const log = { error: note, warn: note, info: note }
  let shift = 0
  const late = {
    now: () => clock.now(),
    after: clock.after.bind(clock),
    monotonic: () => clock.monotonic() + shift,
    every: (periodMs: number, run: () => void) =>
      clock.every(periodMs, () => {
        shift += lateMs
        run()
      }),
  }
  overload = new Overload({ clock: late, log, overloadMs: LIMIT_MS })
})

function ticks(count: number, late: number): number {
  lateMs = late
  clock.advance(count * PERIOD_MS)
  return overload.level
}

test('five times late in a row is overload, and five times in time the end of it', () => {
  expect(ticks(4, LIMIT_MS)).toBe(0)
  expect(ticks(1, LIMIT_MS)).toBe(1)
  expect(ticks(4, 0)).toBe(1)
  expect(ticks(1, 0)).toBe(0)
  expect(logged).toEqual(['overloaded: finds are refused until the engine has caught up', 'no longer overloaded'])
})

test('one long pause is none, however long, nor are small ones without end', () => {
  expect(ticks(1, 3_600_000)).toBe(0)
  expect(ticks(1, 0)).toBe(0)
  expect(ticks(100, LIMIT_MS - 1)).toBe(0)
  expect(logged).toEqual([])
})

test('a moment in between starts the count anew', () => {
  expect(ticks(4, LIMIT_MS)).toBe(0)
  expect(ticks(1, 0)).toBe(0)
  expect(ticks(4, LIMIT_MS)).toBe(0)
})

test('four times as late is severe, for as long as it is', () => {
  expect(ticks(5, LIMIT_MS * 4)).toBe(2)
  expect(ticks(1, LIMIT_MS)).toBe(1)
})
