import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { currentGroups } from './current.ts'
import { PIECE_BYTES, Ring } from './ring.ts'
import { GAUGES_BYTES, sourceBytes } from './room.ts'
import { Samples } from './samples.ts'
import { LIMITS, reportOf, TENANT } from './test-reports.ts'

const MEGABYTE = 1_048_576
const RING_SLOTS = 31

/** What everything that is kept takes, counted afresh. */
function countedBytes(samples: Samples): number {
  let bytes = 0
  for (const { id, histories, instances } of samples.allVersions()) {
    bytes += sourceBytes(Object.values(id).join('\n'), 0)
    for (const [name, { pieces }] of histories) bytes += sourceBytes(name, pieces * PIECE_BYTES)
    for (const [key, { rings, history }] of instances) {
      bytes += sourceBytes(key, GAUGES_BYTES) + history.pieces * PIECE_BYTES
      for (const name of rings.keys()) bytes += sourceBytes(name, Ring.bytes(RING_SLOTS))
    }
  }
  return bytes
}

/** Bytes of living objects and buffers of this process. */
function settledBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // What the first one finalizes is gone with the second.
  collect()
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const names = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ name: `f${index + from}`, qps: 1 }))

describe('room', () => {
  test('whatever is reported, and whenever, never more is taken than may be, and all of it is accounted for', () => {
    const step = fc.record({
      service: fc.nat(4),
      instance: fc.nat(20),
      interfaces: fc.nat(40),
      from: fc.nat(60),
      wait: fc.constantFrom(0, 500, 10_000, 60_000, 3_600_000),
      isSweep: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new ManualClock()
        const samples = new Samples(clock, { ...LIMITS, interfacesPerInstance: 25, maxMegabytes: 1 })
        for (const { service, instance, interfaces, from, wait, isSweep } of steps) {
          samples.add(TENANT, reportOf(names(interfaces, from), { name: `s${service}`, instance: `h${instance}` }))
          clock.advance(wait)
          if (isSweep) samples.sweep()
          expect(samples.room.usedBytes).toBeLessThanOrEqual(MEGABYTE)
        }
        expect(samples.room.usedBytes).toBe(countedBytes(samples))
      }),
    )
  })

  test('the process takes no more memory than what is counted', () => {
    const before = settledBytes()
    const samples = new Samples(new ManualClock(), { ...LIMITS, maxMegabytes: 128 })
    // So many that what the test itself leaves behind hardly counts.
    for (let index = 0; index < 8000; index++) samples.add(TENANT, reportOf(names(20), { instance: `h${index}` }))
    const taken = settledBytes() - before
    expect(samples.room.usedBytes).toBeGreaterThan(127 * MEGABYTE)
    expect(samples.lost).toBeGreaterThan(0)
    expect(taken / samples.room.usedBytes).toBeLessThan(1.1)
  })

  test('one instance takes about 3.5 KB for each interface that is kept of it, and its history, whatever it names', () => {
    const kept = 50
    const samples = new Samples(new ManualClock(), { ...LIMITS, interfacesPerInstance: kept, maxMegabytes: 64 })
    const others = new Samples(new ManualClock(), { ...LIMITS, interfacesPerInstance: kept, maxMegabytes: 64 })
    for (let from = 0; from < 5000; from += 40) {
      // The version's histories, which all its instances share, are there in both.
      others.add(TENANT, reportOf(names(40, from), { instance: 'first' }))
      samples.add(TENANT, reportOf(names(40, from), { instance: 'first' }))
      samples.add(TENANT, reportOf(names(40, from), { instance: 'second' }))
    }
    const taken = samples.room.usedBytes - others.room.usedBytes
    expect(taken).toBeGreaterThan(kept * 3000)
    expect(taken).toBeLessThanOrEqual(kept * 3.6 * 1024 + 6 * 1024 + 2048)
  })

  test('silent instances make room for new ones', () => {
    const clock = new ManualClock()
    const samples = new Samples(clock, { ...LIMITS, maxMegabytes: 1 })
    samples.add(TENANT, reportOf(names(300)))
    const { lost } = samples
    expect(lost).toBeGreaterThan(0)
    clock.advance(60_000)
    samples.add(TENANT, reportOf({ name: 'new', qps: 5 }, { instance: 'h2' }))
    expect(samples.lost).toBe(lost)
    const [group] = currentGroups(samples, { tenant: TENANT, selection: { instance: 'h2' }, level: 'instance' })
    expect(group?.numbers.qps).toBe(5)
  })

  test('the oldest hour of all histories goes before anything new is refused', () => {
    const clock = new ManualClock()
    const samples = new Samples(clock, { ...LIMITS, maxMegabytes: 1 })
    for (let hour = 0; hour < 24; hour++) {
      samples.add(TENANT, reportOf(names(30)))
      clock.advance(3_600_000)
    }
    expect(samples.lost).toBe(0)
    const [version] = samples.allVersions()
    const pieces = version?.histories.get('f0')?.pieces ?? 0
    expect(pieces).toBeGreaterThan(1)
    expect(pieces).toBeLessThan(24)
  })
})

describe('interfaces of one instance', () => {
  const held = (samples: Samples) =>
    [...samples.allVersions()].flatMap(({ instances }) => [...instances.values()][0]?.rings.size)

  test('those that were reported last stay', () => {
    const clock = new ManualClock()
    const samples = new Samples(clock, { ...LIMITS, interfacesPerInstance: 10 })
    for (let turn = 0; turn < 5; turn++) {
      samples.add(TENANT, reportOf([{ name: 'always', qps: 7 }, ...names(8, turn * 8)]))
      clock.advance(10_000)
    }
    expect(held(samples)).toEqual([10])
    const [group] = currentGroups(samples, { tenant: TENANT, selection: { function: 'always' }, level: 'version' })
    expect(group?.numbers.qps).toBe(7)
  })

  test('of one report that names more, the rest is not kept', () => {
    const samples = new Samples(new ManualClock(), { ...LIMITS, interfacesPerInstance: 10 })
    samples.add(TENANT, reportOf(names(25)))
    expect(held(samples)).toEqual([10])
    expect(samples.lost).toBe(15)
  })
})

test('what an instance left is forgotten when nothing of it is kept any more', () => {
  const clock = new ManualClock()
  const samples = new Samples(clock, LIMITS)
  samples.add(TENANT, reportOf(names(3)))
  clock.advance(400_000)
  samples.sweep()
  const [version] = samples.allVersions()
  expect([...(version?.instances.values() ?? [])].map(({ rings }) => rings.size)).toEqual([0])
  clock.advance(26 * 3_600_000)
  samples.sweep()
  expect([...samples.allVersions()]).toEqual([])
  expect(samples.room.usedBytes).toBe(0)
})
