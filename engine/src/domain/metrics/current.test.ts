import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { currentGroups, gatherGroups } from './current.ts'
import { Samples } from './samples.ts'
import { LIMITS, reportOf, TENANT } from './test-reports.ts'
import type { Level, Selection } from './types.ts'

let clock: ManualClock
let samples: Samples

beforeEach(() => {
  clock = new ManualClock()
  samples = new Samples(clock, LIMITS)
})

const add = (interfaces: object | readonly object[], members: object = {}) =>
  samples.add(TENANT, reportOf(interfaces, members))
const groups = (level: Level, selection: Selection = {}, asOf?: number) =>
  currentGroups(samples, { tenant: TENANT, selection, level, asOf })
const only = (level: Level = 'version') => {
  const [group, ...others] = groups(level)
  expect(others).toEqual([])
  return group
}

describe('adding up', () => {
  test('counts and calls per second add up, latency is weighted by calls, a breaker is open if any is', () => {
    add({ qps: 1, total: 10, failure: 1, latency: 100, l99: 200, shortCircuited: 5 })
    add({ qps: 3, total: 30, failure: 5, latency: 20, l99: 40, circuitBreakerOpen: true }, { instance: 'h2' })
    expect(only()?.numbers).toMatchObject({
      qps: 4,
      total: 40,
      failure: 6,
      latency: 40,
      failureRate: 15,
      rate: 85,
      l99: 80,
      worst: { l99: 200 },
      circuitBreakerOpen: true,
      breakerRateAgg: 11.1111,
    })
  })

  test('several documents of one interval are merged: different interfaces, and the same one again', () => {
    add({ name: 'a', qps: 1, total: 10 })
    add({ name: 'b', qps: 2, total: 20 })
    add({ name: 'b', qps: 4, total: 40 })
    expect(only()).toMatchObject({ instances: 1, interfaces: 2, numbers: { qps: 4, total: 70 } })
  })

  test('more failures than calls, as Java counts, are a rate of 100', () => {
    add({ total: 1, failure: 2 })
    expect(only()?.numbers).toMatchObject({ failureRate: 100, rate: 0, failure: 2 })
  })

  test('times of an interface without calls are shown as long as there is nothing better', () => {
    add({ name: 'idle', latency: 17, total: 0, qps: 0 })
    expect(only()?.numbers.latency).toBe(17)
    add({ name: 'busy', latency: 5, total: 10 })
    expect(only()?.numbers.latency).toBe(5)
  })

  test('each level has its groups and their names', () => {
    add([
      { name: 'a', qps: 1 },
      { name: 'b', qps: 2 },
    ])
    add({ name: 'a', qps: 4 }, { version: '2.0.0', serviceId: 's', instanceId: 'i' })
    add({ name: 'a', qps: 8 }, { name: 'other' })
    const seen = (level: Level) =>
      groups(level).map(({ name, numbers }) => [Object.values(name).join(' ').trim(), numbers.qps])
    expect(seen('application')).toEqual([['shop', 15]])
    expect(seen('service')).toEqual([
      ['shop cart', 7],
      ['shop other', 8],
    ])
    expect(seen('version')).toEqual([
      ['shop cart 1.0.0', 3],
      ['shop cart 2.0.0', 4],
      ['shop other 1.0.0', 8],
    ])
    expect(seen('instance')).toContainEqual(['shop cart 2.0.0 i h1', 4])
    expect(seen('interface')).toEqual([
      ['shop cart 1.0.0 a', 1],
      ['shop cart 1.0.0 b', 2],
      ['shop cart 2.0.0 a', 4],
      ['shop other 1.0.0 a', 8],
    ])
  })

  test.each<[Selection, number | undefined]>([
    [{ serviceNames: new Set(['cart']) }, 3],
    [{ serviceNames: new Set(['nobody']) }, undefined],
    [{ appId: 'other' }, undefined],
    [{ environment: 'production' }, undefined],
    [{ version: '1.0.0' }, 3],
    [{ instance: 'h1' }, 3],
    [{ function: 'Provider.a' }, 1],
    [{ function: 'Provider.*' }, 3],
    [{ function: 'Consumer.*' }, undefined],
  ])('%j narrows the answer', (selection, qps) => {
    add([
      { name: 'Provider.a', qps: 1 },
      { name: 'Provider.b', qps: 2 },
    ])
    expect(groups('version', selection)[0]?.numbers.qps).toBe(qps)
  })

  test('totals of all levels are the same, however reports are spread', () => {
    const report = fc.record({
      name: fc.constantFrom('cart', 'order'),
      version: fc.constantFrom('1', '2'),
      instance: fc.constantFrom('h1', 'h2'),
      interface: fc.constantFrom('a', 'b', 'c'),
      total: fc.nat(1000),
    })
    fc.assert(
      fc.property(fc.array(report, { maxLength: 30 }), (reports) => {
        samples = new Samples(clock, LIMITS)
        for (const { interface: name, total, ...members } of reports) add({ name, total, qps: 0 }, members)
        const expected = reports.reduce((sum, { total }) => sum + total, 0)
        for (const level of ['application', 'service', 'version', 'instance', 'interface'] as const) {
          expect(groups(level).reduce((sum, { numbers }) => sum + numbers.total, 0)).toBe(expected)
        }
      }),
    )
  })
})

describe('silence', () => {
  test('after three intervals an instance is silent, and its last numbers stand', () => {
    add({ qps: 5, total: 50 })
    clock.advance(30_000)
    expect(only()).toMatchObject({ isSilent: false, numbers: { qps: 5 } })
    clock.advance(1)
    expect(only()).toMatchObject({ isSilent: true, silentInstances: 1, numbers: { qps: 5 } })
    add({ qps: 6, total: 60 })
    expect(only()).toMatchObject({ isSilent: false, silentInstances: 0, numbers: { qps: 6 } })
  })

  test('a group counts without its silent instances as long as one reports', () => {
    add({ qps: 5 })
    clock.advance(40_000)
    add({ qps: 1 }, { instance: 'h2' })
    expect(only()).toMatchObject({ isSilent: false, instances: 2, silentInstances: 1, numbers: { qps: 1 } })
  })

  test('an instance that reports no interfaces is alive', () => {
    add([])
    expect(only()).toMatchObject({ isSilent: false, instances: 1, numbers: { qps: 0, total: 0 } })
  })

  test('an interface that its instance no longer names counts for nothing after a while', () => {
    add([
      { name: 'a', qps: 1 },
      { name: 'b', qps: 2 },
    ])
    for (let n = 0; n < 5; n++) {
      clock.advance(10_000)
      add({ name: 'a', qps: 1 })
    }
    expect(only()?.numbers.qps).toBe(1)
  })
})

test('what was known at a slot of the past can be asked again', () => {
  const slot = samples.fineSlot(clock.now())
  add({ qps: 1 })
  clock.advance(100_000)
  add({ qps: 2 })
  expect(groups('version', {}, slot)[0]?.numbers.qps).toBe(1)
  expect(groups('version', {}, slot + 2)[0]?.numbers.qps).toBe(1)
  expect(groups('version', {}, slot + 5)).toEqual([])
  expect(groups('version', {}, slot + 10)[0]?.numbers.qps).toBe(2)
})

test('numbers that are put together in turns are those up to the slot in which that began', () => {
  for (const instance of ['h1', 'h2', 'h3']) add({ qps: 1 }, { instance })
  const work = gatherGroups(samples, { tenant: TENANT, selection: {}, level: 'version' })
  let step = work.next()
  clock.advance(10_000)
  for (const instance of ['h1', 'h2', 'h3']) add({ qps: 100 }, { instance })
  while (step.done !== true) step = work.next()
  expect(step.value).toMatchObject([{ numbers: { qps: 3 } }])
})
