import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { Committer } from '../../storage/commit.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { Quotas, QuotaView, StoredLimits } from '../quota/index.ts'
import { NewInstances, RegistryView, RetiredVersions, Services } from '../registry/index.ts'
import { decidePut, decideRemoval } from './decide.ts'
import { Contracts, ContractView, Retirement } from './index.ts'
import { retireContents } from './retired-contents.ts'

const TENANT = 'default/default'
const CONTENTS = '/cse-sr/ms/schema-content/'
const HOUR_MS = 3_600_000

let clock: ManualClock
let store: MemoryStore
let committer: Committer
let registry: RegistryView
let view: ContractView
let services: Services
let contracts: Contracts
let retirement: Retirement
let said: object[]
let told: string[]

beforeEach(async () => {
  clock = new ManualClock()
  store = new MemoryStore({ clock })
  await store.open()
  committer = new Committer(store)
  registry = new RegistryView(clock)
  view = new ContractView()
  await startFeed(store, [registry, view])
  said = []
  told = []
  const onRetired = (tenant: string, retired: readonly { readonly id: string }[]) =>
    void told.push(`${tenant}: ${retired.map(({ id }) => id).join(' ')}`)
  const log = { error() {}, warn: (facts: object) => said.push(facts), info: (facts: object) => said.push(facts) }
  const none = () => 0
  const counts = { service: none, instance: none, schema: none, tag: none, account: none, role: none }
  const defaults = { service: 99, instance: 99, schema: 99, tag: 9, account: 9, role: 9 }
  const quotas = new Quotas({
    source: new StoredLimits({ view: new QuotaView(), committer, defaults, sharedTenant: 'default/default' }),
    counts,
    log,
  })
  contracts = new Contracts({ registry, view, committer, editable: false, quotas })
  const limits = { minIntervalSeconds: 5, minTimes: 3, ttlSeconds: 0 }
  const newInstances = new NewInstances({ view: registry, clock, limits, newId: () => 'i' })
  const relations = {
    usage: { isUsedByOthers: () => false },
    companions: [contracts],
    quotas,
    environments: { guards: () => [] },
  }
  services = new Services({ view: registry, committer, relations, newInstances, clock })
  const versions = new RetiredVersions({ view: registry, committer, relations, clock })
  retirement = new Retirement({ registry, versions, contracts: view, committer, clock, log, onRetired })
})

const create = (version: string, tenant = TENANT) =>
  services.create(tenant, {
    service: { serviceName: 'cart', version, serviceId: version },
    tags: undefined,
    instances: [],
  })
const put = (id: string, schema: string, tenant = TENANT) =>
  contracts.put(tenant, id, { schemaId: 'a', summary: '', schema })

async function contents(): Promise<string[]> {
  const values: string[] = []
  for await (const page of store.read(CONTENTS)) values.push(...page.map(({ value }) => value))
  return values.sort()
}

const clean = (tenant: string | undefined, dryRun = false) => retireContents({ view, committer }, { tenant, dryRun })

test('contents that no contract has any more are counted by a dry run and removed by a real one', async () => {
  await create('1')
  await put('1', 'old')
  await put('1', 'new')
  expect(await clean(TENANT, true)).toEqual({ count: 1, length: 3 })
  expect(await contents()).toEqual(['new', 'old'])
  expect(await clean(TENANT)).toEqual({ count: 1, length: 3 })
  expect(await contents()).toEqual(['new'])
  expect((await contracts.get(TENANT, '1', 'a')).schema).toBe('new')
})

test('a content goes when the last of those that share it is gone', async () => {
  await create('1')
  await create('2')
  await put('1', 'shared')
  await put('2', 'shared')
  await contracts.remove(TENANT, '1', 'a')
  expect(await clean(TENANT)).toMatchObject({ count: 0 })
  await services.remove(TENANT, '2', true)
  expect(await clean(TENANT)).toMatchObject({ count: 1 })
  expect(await contents()).toEqual([])
})

test('other tenants are left alone, also those whose name begins alike', async () => {
  for (const tenant of ['a/b', 'a/b/c']) {
    await create('1', tenant)
    await put('1', tenant, tenant)
    await services.remove(tenant, '1', true)
  }
  expect(await clean('a/b')).toMatchObject({ count: 1 })
  expect(await contents()).toEqual(['a/b/c'])
  expect(await clean(undefined)).toMatchObject({ count: 1 })
})

describe('a contract that is stored meanwhile', () => {
  test('keeps or renews the content, whoever comes first', async () => {
    await create('1')
    await create('2')
    await put('1', 'x')
    await contracts.remove(TENANT, '1', 'a')
    await Promise.all([clean(TENANT), put('2', 'x')])
    expect((await contracts.get(TENANT, '2', 'a')).schema).toBe('x')
    await contracts.remove(TENANT, '2', 'a')
    await Promise.all([put('2', 'x'), clean(TENANT)])
    expect((await contracts.get(TENANT, '2', 'a')).schema).toBe('x')
  })

  test('does not rely on a content whose last reference has gone since', async () => {
    await create('1')
    await create('2')
    await put('1', 'x')
    const target = (id: string) => {
      const service = registry.service(TENANT, id)
      if (service === undefined) throw new Error(`no service ${id}`)
      return { view, service, editable: true }
    }
    const plan = decidePut(target('2'), { schemaId: 'a', summary: '', schema: 'x' })
    const removal = decideRemoval(target('1'), 'a')
    expect(await store.commit(removal.guards, removal.writes)).toBeDefined()
    expect(await clean(TENANT)).toMatchObject({ count: 1 })
    expect(await store.commit(plan.guards, plan.writes)).toBeUndefined()
  })
})

test('a run retires versions with their contracts, and then the contents that only they had', async () => {
  for (const version of ['1', '2', '3']) {
    await create(version)
    await put(version, `of ${version}`)
  }
  const rules = { keep: 2, minAgeSeconds: 0 }
  const report = await retirement.run(TENANT, { ...rules, dryRun: true })
  expect(report.verdicts.filter(({ reason }) => reason === undefined).map(({ id }) => id)).toEqual(['1'])
  expect(await contents()).toHaveLength(3)
  expect(await retirement.run(TENANT, { ...rules, dryRun: false })).toMatchObject({ contents: { count: 1 } })
  expect(await contents()).toEqual(['of 2', 'of 3'])
})

test('it runs by itself only when it is told how often, for all tenants', async () => {
  for (const tenant of [TENANT, 'other/default']) for (const version of ['1', '2']) await create(version, tenant)
  retirement.start(0, { keep: 1, minAgeSeconds: 0 })
  clock.advance(1000 * HOUR_MS)
  expect(said).toEqual([])
  retirement.start(2, { keep: 1, minAgeSeconds: 0 })
  clock.advance(2 * HOUR_MS)
  await expect.poll(() => said).toEqual([{ services: 2, contents: 0 }])
  expect(told.sort()).toEqual([`${TENANT}: 1`, 'other/default: 1'])
  retirement.stop()
  clock.advance(9 * HOUR_MS)
  expect(said).toHaveLength(1)
})
