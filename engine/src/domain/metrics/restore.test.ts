import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { MemoryJournal } from '../../storage/memory/memory-journal.ts'
import { currentGroups } from './current.ts'
import { decodeEntry, STREAMS } from './entry.ts'
import { Restore } from './restore.ts'
import { SampleLog } from './sample-log.ts'
import { Samples } from './samples.ts'
import { readSeries } from './series.ts'
import { LIMITS, reportOf, TENANT } from './test-reports.ts'
import type { Level, MetricLimits } from './types.ts'

const START = 1_700_000_040_000

let clock: ManualClock
let journal: MemoryJournal
let warnings: object[]

beforeEach(() => {
  clock = new ManualClock(START)
  journal = new MemoryJournal({ clock })
  warnings = []
})

/** What a process has of metrics. */
function open(limits: MetricLimits = LIMITS) {
  const samples = new Samples(clock, limits)
  const log = { error() {}, warn: (facts: object) => void warnings.push(facts), info() {} }
  return { samples, sampleLog: new SampleLog({ samples, journal, log }), restore: new Restore(samples, journal) }
}

async function reopen(limits?: MetricLimits): Promise<Samples> {
  const { samples, restore } = open(limits)
  await restore.run()
  return samples
}

const seen = (samples: Samples, level: Level, stepSeconds: number) =>
  readSeries(samples, TENANT, { selection: {}, level, from: START - 60_000, to: clock.now(), stepSeconds }).series
const current = (samples: Samples) => currentGroups(samples, { tenant: TENANT, selection: {}, level: 'instance' })

describe('an orderly end', () => {
  test('costs nothing: all resolutions and levels are as before', async () => {
    const { samples, sampleLog } = open()
    for (let turn = 0; turn < 20; turn++) {
      samples.add(
        TENANT,
        reportOf([
          { name: 'a', qps: turn, latency: 10 },
          { name: 'b', failure: 1, total: turn },
        ]),
      )
      if (turn % 2 === 0)
        samples.add(TENANT, reportOf({ name: 'a', qps: 100 }, { instance: 'h2', memory: { used: 7 } }))
      if (turn < 19) clock.advance(10_000)
      if (turn % 3 === 0) sampleLog.write()
    }
    await sampleLog.close()
    const after = await reopen()
    for (const level of ['application', 'version', 'instance', 'interface'] as const) {
      for (const step of [10, 60]) expect(seen(after, level, step)).toEqual(seen(samples, level, step))
    }
    expect(current(after)).toEqual(current(samples))
    expect(warnings).toEqual([])
  })

  test('several times within one slot adds nothing twice', async () => {
    let total = 0
    for (let life = 0; life < 4; life++) {
      const { samples, sampleLog, restore } = open()
      await restore.run()
      samples.add(TENANT, reportOf({ total: 10 }))
      total += 10
      await sampleLog.close()
      clock.advance(1000)
    }
    const after = await reopen()
    expect(
      seen(after, 'version', 10)
        .flatMap(({ points }) => points.map((point) => point?.total ?? 0))
        .reduce((a, b) => a + b),
    ).toBe(total)
    expect(
      seen(after, 'version', 60)
        .flatMap(({ points }) => points.map((point) => point?.total ?? 0))
        .reduce((a, b) => a + b),
    ).toBe(total)
  })
})

test('what is reported while older samples are still being read is added to them', async () => {
  const before = open()
  before.samples.add(TENANT, reportOf({ total: 10 }))
  await before.sampleLog.close()
  const { samples, restore } = open()
  samples.add(TENANT, reportOf({ total: 5 }))
  await restore.run()
  expect(current(samples)[0]?.numbers.total).toBe(15)
})

test('a crash costs the newest slot only', async () => {
  const { samples, sampleLog } = open()
  for (let turn = 0; turn < 3; turn++) {
    samples.add(TENANT, reportOf({ total: 10 }))
    clock.advance(10_000)
    sampleLog.write()
  }
  samples.add(TENANT, reportOf({ total: 10 }))
  const points = seen(await reopen(), 'version', 10)[0]?.points ?? []
  expect(points.map((point) => point?.total).filter((total) => total !== undefined)).toEqual([10, 10, 10])
})

test('nobody is silent only because the engine was away', async () => {
  const { samples, sampleLog } = open()
  samples.add(TENANT, reportOf({ qps: 5 }))
  await sampleLog.close()
  clock.advance(120_000)
  const after = await reopen()
  clock.advance(30_000)
  expect(current(after)[0]?.isSilent).toBe(false)
  clock.advance(1)
  expect(current(after)[0]?.isSilent).toBe(true)
})

test('samples of another resolution are left alone', async () => {
  const { samples, sampleLog } = open()
  samples.add(TENANT, reportOf({ qps: 5 }))
  await sampleLog.close()
  const after = await reopen({ ...LIMITS, fineSeconds: 5, coarseSeconds: 30 })
  expect([...after.allVersions()]).toEqual([])
})

test('what is too old goes from the journal, and is not read', async () => {
  const { samples, sampleLog } = open()
  samples.add(TENANT, reportOf({ qps: 5 }))
  await sampleLog.close()
  clock.advance(400_000)
  expect(seen(await reopen(), 'interface', 60)).toHaveLength(1)
  await sampleLog.drop()
  expect(await journal.scan(STREAMS.fine, { direction: 'forward', limit: 9 })).toEqual([])
  expect(await journal.scan(STREAMS.coarse, { direction: 'forward', limit: 9 })).toHaveLength(2)
  clock.advance(86_400_000)
  await sampleLog.drop()
  expect(await journal.scan(STREAMS.coarse, { direction: 'forward', limit: 9 })).toEqual([])
})

test('entries of a later format are skipped', () => {
  expect(decodeEntry('{"format":2,"anything":1}')).toBeUndefined()
})
