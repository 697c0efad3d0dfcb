import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { Committer } from '../../storage/commit.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { Quotas, QuotaView } from './index.ts'

const TENANT = 'shop/default'

let store: MemoryStore
let stored: number
let warnings: object[]

beforeEach(async () => {
  store = new MemoryStore({ clock: new ManualClock() })
  await store.open()
  stored = 0
  warnings = []
})

async function open(): Promise<Quotas> {
  const view = new QuotaView()
  await startFeed(store, [view])
  const none = () => 0
  return new Quotas({
    view,
    committer: new Committer(store),
    defaults: { service: 10, instance: 20, schema: 3, tag: 4 },
    counts: { service: () => stored, instance: none, schema: none, tag: none },
    log: { error() {}, warn: (facts) => void warnings.push(facts), info() {} },
  })
}

test('what is being made counts until it is released', async () => {
  const quotas = await open()
  const holds = Array.from({ length: 10 }, () => quotas.hold(TENANT, 'service', 1))
  expect(() => quotas.hold(TENANT, 'service', 1)).toThrow('max num is 10, curNum is 10, apply num is 1')
  holds[0]?.release()
  holds[0]?.release()
  quotas.hold(TENANT, 'service', 1)
  expect(() => quotas.hold(TENANT, 'service', 1)).toThrow('QuotaExceeded')
})

test('writers that run at the same time do not overshoot together', async () => {
  const quotas = await open()
  const committer = new Committer(store)
  const make = async (index: number) => {
    const hold = quotas.hold(TENANT, 'service', 1)
    try {
      const writes = [{ key: `/${index}`, value: '' }]
      await committer.change(() => ({ guards: [], writes, result: undefined }))
      stored++
    } finally {
      hold.release()
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: 64 }, (_, index) => make(index)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  expect(stored).toBe(10)
})

test('tenants do not share a quota', async () => {
  const quotas = await open()
  quotas.hold(TENANT, 'service', 10)
  quotas.hold('other/default', 'instance', 20)
  expect(() => quotas.hold(TENANT, 'service', 1)).toThrow('SERVICE')
})

describe('limits set by operators', () => {
  test('hold at once, for one tenant only, and after a restart', async () => {
    const quotas = await open()
    await quotas.set(TENANT, { service: 1 })
    await quotas.set(TENANT, { schema: 2 })
    for (const current of [quotas, await open()]) {
      expect(current.limit(TENANT, 'service')).toBe(1)
      expect(current.limit(TENANT, 'schema')).toBe(2)
      expect(current.limit('other/default', 'service')).toBe(10)
    }
  })

  test('below what is there: nothing more is made, and nothing is taken away', async () => {
    const quotas = await open()
    stored = 5
    await quotas.set(TENANT, { service: 2 })
    expect(() => quotas.hold(TENANT, 'service', 1)).toThrow('curNum is 5')
    expect(quotas.list(TENANT)[0]).toEqual({ resource: 'service', limit: 2, used: 5, warning: true })
  })
})

test.each([
  { used: 7, warning: false },
  { used: 8, warning: true },
  { used: 10, warning: true },
])('$used of 10 used: warning $warning', async ({ used, warning }) => {
  const quotas = await open()
  stored = used
  expect(quotas.list(TENANT)[0]).toMatchObject({ used, warning })
})

test('the log warns once when 80 % are reached, and again after it was less', async () => {
  const quotas = await open()
  const use = (count: number) => {
    stored = count
    quotas.hold(TENANT, 'service', 1).release()
  }
  for (const count of [5, 7, 8, 9, 3, 7]) use(count)
  expect(warnings).toEqual([
    { tenant: TENANT, resource: 'service', used: 8, limit: 10 },
    { tenant: TENANT, resource: 'service', used: 8, limit: 10 },
  ])
})
