import { beforeEach, expect, test } from 'vitest'
import { ManualClock } from './manual-clock.ts'

let clock: ManualClock
let ran: string[]

beforeEach(() => {
  clock = new ManualClock(1000)
  ran = []
})

const note = (name: string) => () => void ran.push(`${name}@${clock.monotonic()}`)

test('stands still until it is moved; wall time and elapsed time move together', () => {
  expect([clock.now(), clock.monotonic()]).toEqual([1000, 0])
  clock.advance(250)
  expect([clock.now(), clock.monotonic()]).toEqual([1250, 250])
})

test('runs each timer at its due time, in order, and those that are added on the way', () => {
  clock.after(30, note('late'))
  clock.every(20, note('tick'))
  clock.after(10, () => {
    note('first')()
    clock.after(5, note('added'))
  })
  clock.advance(45)
  expect(ran).toEqual(['first@10', 'added@15', 'tick@20', 'late@30', 'tick@40'])
  clock.advance(100)
  expect(ran).toHaveLength(10)
})

test('a stopped timer does not run, also when it is stopped by another one', () => {
  const other = clock.after(20, note('other'))
  const ticking = clock.every(10, () => {
    note('tick')()
    other.stop()
    if (ran.length === 2) ticking.stop()
  })
  clock.advance(100)
  ticking.stop()
  expect(ran).toEqual(['tick@10', 'tick@20'])
})
