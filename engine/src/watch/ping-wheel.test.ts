import { beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../kernel/manual-clock.ts'
import { PingWheel } from './ping-wheel.ts'

const PERIOD_SECONDS = 30

let clock: ManualClock
let wheel: PingWheel

beforeEach(() => {
  clock = new ManualClock()
  wheel = new PingWheel(clock, PERIOD_SECONDS)
})

/** A target that notes when it was woken, seconds. */
function target() {
  const turns: number[] = []
  return { turns, onTurn: () => void turns.push(clock.monotonic() / 1000) }
}

test('wakes everybody once a period, the first time after a whole one', () => {
  const [first, second] = [target(), target()]
  wheel.add(first)
  clock.advance(10_000)
  wheel.add(second)
  clock.advance(3 * PERIOD_SECONDS * 1000)
  expect(first.turns).toEqual([30, 60, 90])
  expect(second.turns).toEqual([40, 70, 100])
})

test('those that come spread over a period are woken spread over it', () => {
  const targets = Array.from({ length: 300 }, () => target())
  for (const one of targets) {
    wheel.add(one)
    clock.advance(100)
  }
  const before = targets.map(({ turns }) => turns.length)
  clock.advance(1000)
  const woken = targets.filter(({ turns }, index) => turns.length > (before[index] ?? 0))
  expect(woken).toHaveLength(10)
})

test('who is removed is woken no more, also in the middle of a turn', () => {
  const [first, second] = [target(), target()]
  wheel.add(first)
  wheel.add({ onTurn: () => wheel.remove(second) })
  wheel.add(second)
  clock.advance(PERIOD_SECONDS * 1000)
  wheel.remove(first)
  wheel.remove(first)
  clock.advance(PERIOD_SECONDS * 1000)
  expect(first.turns).toEqual([30])
  expect(second.turns).toEqual([])
})

test('stops', () => {
  const one = target()
  wheel.add(one)
  wheel.stop()
  clock.advance(100_000)
  expect(one.turns).toEqual([])
})
