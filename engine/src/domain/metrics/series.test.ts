import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { Samples } from './samples.ts'
import { readSeries } from './series.ts'
import { LIMITS, reportOf, TENANT } from './test-reports.ts'
import type { SeriesQuery } from './types.ts'

const START = 1_700_000_040_000 - (1_700_000_040_000 % 60_000)

let clock: ManualClock
let samples: Samples

beforeEach(() => {
  clock = new ManualClock(START)
  samples = new Samples(clock, LIMITS)
})

const read = (query: Partial<SeriesQuery> = {}) =>
  readSeries(samples, TENANT, {
    selection: {},
    level: 'version',
    from: START,
    to: clock.now(),
    stepSeconds: 0,
    ...query,
  })
const values = (query: Partial<SeriesQuery>, member: 'qps' | 'total' | 'latency') =>
  read(query).series[0]?.points.map((point) => point?.[member])

/** Reports every 10 s, except when nothing is given. */
function play(...qps: readonly (number | undefined)[]): void {
  for (const value of qps) {
    if (value !== undefined) samples.add(TENANT, reportOf({ qps: value, total: value * 10, latency: value }))
    clock.advance(10_000)
  }
}

describe('fine', () => {
  test('a point per slot; where nothing was reported there is none', () => {
    play(1, 2, undefined, 4)
    expect(read()).toMatchObject({
      resolution: 'fine',
      stepSeconds: 10,
      times: [0, 1, 2, 3, 4].map((n) => START + n * 10_000),
    })
    expect(values({}, 'qps')).toEqual([1, 2, undefined, 4, undefined])
  })

  test('longer steps add counts up and take the mean of calls per second', () => {
    play(1, 3, 5, undefined)
    expect(values({ stepSeconds: 20 }, 'total')).toEqual([40, 50, undefined])
    expect(values({ stepSeconds: 20 }, 'qps')).toEqual([2, 5, undefined])
  })

  test('is kept for five minutes, in full', () => {
    play(...Array.from({ length: 40 }, (_, index) => index + 1))
    const from = clock.now() - 300_000
    expect(values({ from }, 'qps')).toEqual([...Array.from({ length: 30 }, (_, index) => index + 11), undefined])
  })

  test('a report that says when it was taken goes where it belongs', () => {
    play(undefined, undefined, undefined)
    samples.add(TENANT, reportOf({ qps: 7 }, { timestamp: START + 5000 }))
    samples.add(TENANT, reportOf({ qps: 8 }, { timestamp: START - 10_000_000 }))
    expect(values({}, 'qps')).toEqual([7, undefined, undefined, 8])
  })
})

describe('coarse', () => {
  test('a point per minute: calls divided by time', () => {
    play(1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2)
    const query = { stepSeconds: 60, to: START + 119_999 }
    expect(read(query)).toMatchObject({ resolution: 'coarse', stepSeconds: 60 })
    expect(values(query, 'total')).toEqual([60, 120])
    expect(values(query, 'qps')).toEqual([1, 2])
    expect(values({ ...query, level: 'instance' }, 'total')).toEqual([60, 120])
    expect(values({ ...query, level: 'interface' }, 'total')).toEqual([60, 120])
    expect(values({ ...query, stepSeconds: 120 }, 'total')).toEqual([180])
  })

  test('answers when fine samples are no longer there', () => {
    play(1)
    clock.advance(3_600_000)
    expect(read({ to: START + 60_000 }).resolution).toBe('coarse')
    expect(values({ to: START + 60_000 }, 'total')).toEqual([10, undefined])
  })

  test('is kept for a day', () => {
    play(1)
    clock.advance(86_400_000 - 20_000)
    samples.sweep()
    expect(values({ to: START, stepSeconds: 60 }, 'total')).toEqual([10])
    clock.advance(3_600_000)
    samples.sweep()
    expect(read({ to: START, stepSeconds: 60 }).series).toEqual([])
    expect([...samples.versions(TENANT)]).toEqual([])
    expect(samples.room.usedBytes).toBe(0)
  })
})

test.each<[Partial<SeriesQuery>, string]>([
  [{ to: START + 100 * 86_400_000, stepSeconds: 60 }, 'from, to: more than 1500 points of 60 s'],
  [{ stepSeconds: 60, level: 'interface', selection: { instance: 'h1' } }, 'function: an interface of one instance'],
])('%j is refused: %s', (query, words) => {
  expect(() => read(query)).toThrow(words)
})
