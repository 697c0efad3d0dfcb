import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { Committer } from '../../storage/commit.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { Allowance } from './index.ts'
import { Quotas, QuotaView, StoredLimits } from './index.ts'

const TENANT = 'shop/default'
const DEFAULTS = { service: 10, instance: 20, schema: 3, tag: 4, account: 5, role: 6 }

let store: MemoryStore
/** What every tenant has stored. */
let stored: Record<keyof typeof DEFAULTS, number>
let warnings: object[]

beforeEach(async () => {
  store = new MemoryStore({ clock: new ManualClock() })
  await store.open()
  stored = { service: 0, instance: 0, schema: 0, tag: 0, account: 0, role: 0 }
  warnings = []
})

async function open(tenants: readonly string[] = []): Promise<Quotas> {
  const view = new QuotaView()
  await startFeed(store, [view])
  const source = new StoredLimits({
    view,
    committer: new Committer(store),
    defaults: DEFAULTS,
    sharedTenant: 'default/default',
  })
  return new Quotas({
    source,
    counts: {
      service: () => stored.service,
      instance: () => stored.instance,
      schema: () => stored.schema,
      tag: () => stored.tag,
      account: () => stored.account,
      role: () => stored.role,
    },
    tenants: () => tenants,
    log: { error() {}, warn: (facts) => void warnings.push(facts), info() {} },
  })
}

async function allowance(quotas: Quotas, tenant = TENANT): Promise<Allowance> {
  return await quotas.allowance(tenant)
}

test('what is being made counts until it is released', async () => {
  const quotas = await open()
  const allowed = await allowance(quotas)
  const holds = Array.from({ length: 10 }, () => quotas.hold(allowed, 'service', 1))
  expect(() => quotas.hold(allowed, 'service', 1)).toThrow('max num is 10, curNum is 10, apply num is 1')
  holds[0]?.release()
  holds[0]?.release()
  quotas.hold(allowed, 'service', 1)
  expect(() => quotas.hold(allowed, 'service', 1)).toThrow('QuotaExceeded')
})

test('writers that run at the same time do not overshoot together', async () => {
  const quotas = await open()
  const committer = new Committer(store)
  const make = async (index: number) => {
    const hold = quotas.hold(await quotas.allowance(TENANT), 'service', 1)
    try {
      const writes = [{ key: `/${index}`, value: '' }]
      await committer.change(() => ({ guards: [], writes, result: undefined }))
      stored.service++
    } finally {
      hold.release()
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: 64 }, (_, index) => make(index)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  expect(stored.service).toBe(10)
})

test('tenants do not share a quota of services and instances', async () => {
  const quotas = await open()
  quotas.hold(await allowance(quotas), 'service', 10)
  quotas.hold(await allowance(quotas, 'other/default'), 'instance', 20)
  quotas.hold(await allowance(quotas, 'other/default'), 'service', 10)
  const allowed = await allowance(quotas)
  expect(() => quotas.hold(allowed, 'service', 1)).toThrow('SERVICE')
})

test.each([
  { resource: 'account', limit: 5 },
  { resource: 'role', limit: 6 },
] as const)('all tenants together have $limit of $resource', async ({ resource, limit }) => {
  const quotas = await open()
  quotas.hold(await allowance(quotas), resource, limit - 1)
  quotas.hold(await allowance(quotas, 'other/default'), resource, 1)
  const allowed = await allowance(quotas)
  expect(() => quotas.hold(allowed, resource, 1)).toThrow(`create ${resource.toUpperCase()}, max num is ${limit}`)
})

describe('limits set by operators', () => {
  test('hold at once, for one tenant only, and after a restart', async () => {
    const quotas = await open()
    await quotas.set(TENANT, { service: 1 })
    await quotas.set(TENANT, { schema: 2 })
    for (const current of [quotas, await open()]) {
      expect((await allowance(current)).limits).toEqual({ ...DEFAULTS, service: 1, schema: 2 })
      expect((await allowance(current, 'other/default')).limits).toEqual(DEFAULTS)
    }
  })

  test('set at the same time are all kept', async () => {
    const quotas = await open()
    await Promise.all([quotas.set(TENANT, { service: 1 }), quotas.set(TENANT, { role: 2 })])
    expect((await allowance(quotas)).limits).toEqual({ ...DEFAULTS, service: 1, role: 2 })
  })

  test('below what is there: nothing more is made, and nothing is taken away', async () => {
    const quotas = await open()
    stored.service = 5
    await quotas.set(TENANT, { service: 2 })
    const allowed = await allowance(quotas)
    expect(() => quotas.hold(allowed, 'service', 1)).toThrow('curNum is 5')
    expect((await quotas.list(TENANT))[0]).toEqual({ resource: 'service', limit: 2, used: 5, warning: true })
  })
})

test.each([
  { used: 7, warning: false },
  { used: 8, warning: true },
  { used: 10, warning: true },
])('$used of 10 used: warning $warning', async ({ used, warning }) => {
  const quotas = await open()
  stored.service = used
  expect((await quotas.list(TENANT))[0]).toMatchObject({ used, warning })
})

test('the log warns once when 80 % are reached, and again after it was less', async () => {
  const quotas = await open()
  for (const count of [5, 7, 8, 9, 3, 7]) {
    stored.service = count
    quotas.hold(await allowance(quotas), 'service', 1).release()
  }
  expect(warnings).toEqual([
    { tenant: TENANT, resource: 'service', used: 8, limit: 10 },
    { tenant: TENANT, resource: 'service', used: 8, limit: 10 },
  ])
})

test('a small service does not hide that another one is near its limit', async () => {
  const quotas = await open()
  const check = async (used: number, largest: number) => {
    quotas.check(await allowance(quotas), { resource: 'schema', used, amount: 1 })
    stored.schema = largest
  }
  await check(2, 3)
  await check(0, 3)
  await check(2, 3)
  expect(warnings).toEqual([{ tenant: TENANT, resource: 'schema', used: 3, limit: 3 }])
})

test('metrics see who is near a limit, for as long as that is so', async () => {
  const quotas = await open()
  stored.instance = 15
  const hold = quotas.hold(await allowance(quotas), 'instance', 2)
  stored.instance = 17
  hold.release()
  expect(quotas.nearLimit()).toEqual([{ tenant: TENANT, resource: 'instance', limit: 20, used: 17, warning: true }])
  stored.instance = 1
  expect(quotas.nearLimit()).toEqual([])
})

test('metrics see who was near a limit before the start, and who is since a limit was lowered', async () => {
  const quotas = await open([TENANT])
  stored.service = 9
  const near = (resource: string, limit: number, used: number) => ({
    tenant: TENANT,
    resource,
    limit,
    used,
    warning: true,
  })
  expect(quotas.nearLimit()).toEqual([near('service', 10, 9)])
  stored.instance = 5
  expect(quotas.nearLimit()).toHaveLength(1)
  await quotas.set(TENANT, { instance: 6 })
  expect(quotas.nearLimit()).toEqual([near('service', 10, 9), near('instance', 6, 5)])
  await quotas.set(TENANT, { instance: 100 })
  expect(quotas.nearLimit()).toEqual([near('service', 10, 9)])
  expect(warnings).toHaveLength(2)
})

test('limits of accounts and roles are those of all tenants, wherever they are set', async () => {
  const quotas = await open()
  const limitsOf = async (tenant: string) => {
    const { service, account, role } = (await allowance(quotas, tenant)).limits
    return { service, account, role }
  }
  await quotas.set('default/default', { service: 7, account: 8 })
  expect(await limitsOf(TENANT)).toEqual({ service: 10, account: 8, role: 6 })
  const { revision } = store
  await quotas.set(TENANT, { service: 2, role: 9 })
  expect(store.revision).toBe(revision + 1)
  expect(await limitsOf(TENANT)).toEqual({ service: 2, account: 8, role: 9 })
  expect(await limitsOf('default/default')).toEqual({ service: 7, account: 8, role: 9 })
})
