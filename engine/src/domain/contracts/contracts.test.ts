import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { Committer } from '../../storage/commit.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { Quotas, QuotaView, StoredLimits } from '../quota/index.ts'
import { NewInstances, RegistryView, Services } from '../registry/index.ts'
import { Contracts, ContractView } from './index.ts'

const TENANT = 'default/default'
const contract = (schemaId: string, schema: string) => ({ schemaId, schema, summary: `sum${schema}` })

let store: MemoryStore
let services: Services
let contracts: Contracts
let strictButEditable: Contracts

beforeEach(async () => {
  const clock = new ManualClock()
  store = new MemoryStore({ clock })
  await store.open()
  const committer = new Committer(store)
  const registry = new RegistryView(clock)
  const view = new ContractView()
  await startFeed(store, [registry, view])
  const none = () => 0
  const counts = { service: none, instance: none, schema: none, tag: none, account: none, role: none }
  const defaults = { service: 9, instance: 9, schema: 40, tag: 9, account: 9, role: 9 }
  const log = { error() {}, warn() {}, info() {} }
  const quotas = new Quotas({
    source: new StoredLimits({ view: new QuotaView(), committer, defaults, sharedTenant: 'default/default' }),
    counts,
    log,
  })
  contracts = new Contracts({ registry, view, committer, editable: false, quotas })
  strictButEditable = new Contracts({ registry, view, committer, editable: true, quotas })
  const limits = { minIntervalSeconds: 5, minTimes: 3, ttlSeconds: 0 }
  const newInstances = new NewInstances({ view: registry, clock, limits, newId: () => 'i' })
  const usage = { isUsedByOthers: () => false }
  const relations = { usage, companions: [contracts], quotas, environments: { guards: () => [] } }
  services = new Services({ view: registry, committer, relations, newInstances, clock })
})

const create = (environment: string, schemas: readonly string[] = []) =>
  services.create(TENANT, {
    service: { serviceName: 'cart', environment, schemas },
    tags: undefined,
    instances: [],
  })

async function stored(): Promise<string[]> {
  const keys: string[] = []
  for await (const page of store.read('/cse-sr/ms/schema')) keys.push(...page.map(({ key }) => key))
  return keys
}

describe('production', () => {
  test.each([
    { what: 'an unlisted id', schemaId: 'b', schema: 'x', code: 'SchemaUndefined' },
    { what: 'other content for a stored one', schemaId: 'a', schema: 'y', code: 'SchemaReadOnly' },
  ])('$what is refused and changes nothing', async ({ schemaId, schema, code }) => {
    const id = await create('production', ['a'])
    await contracts.put(TENANT, id, contract('a', 'x'))
    await expect(contracts.put(TENANT, id, contract(schemaId, schema))).rejects.toMatchObject({ code })
    expect(await contracts.list(TENANT, id, true)).toEqual([contract('a', 'x')])
  })

  test('the same content again is fine, and so is everything where contracts are editable', async () => {
    const id = await create('production', ['a'])
    await contracts.put(TENANT, id, contract('a', 'x'))
    await contracts.put(TENANT, id, contract('a', 'x'))
    await strictButEditable.put(TENANT, id, contract('a', 'y'))
    await strictButEditable.put(TENANT, id, contract('b', 'z'))
    expect(await contracts.list(TENANT, id, true)).toEqual([contract('a', 'y'), contract('b', 'z')])
  })

  test('a service that lists none defines its set with the first upload', async () => {
    const id = await create('production')
    await contracts.putAll(TENANT, id, [contract('a', 'x'), contract('b', 'y')])
    await expect(contracts.put(TENANT, id, contract('c', 'z'))).rejects.toMatchObject({ code: 'SchemaUndefined' })
    expect(services.get(TENANT, id).record.schemas).toEqual(['a', 'b'])
  })

  test('a whole set leaves stored contracts as they are and adds the missing ones', async () => {
    const id = await create('production', ['a', 'b'])
    await contracts.put(TENANT, id, contract('a', 'x'))
    await contracts.putAll(TENANT, id, [contract('a', 'changed'), contract('b', 'y')])
    expect(await contracts.list(TENANT, id, true)).toEqual([contract('a', 'x'), contract('b', 'y')])
  })
})

describe.each(['', 'development', 'testing', 'acceptance'])('environment "%s"', (environment) => {
  test('contracts are added and replaced freely; a whole set drops the others', async () => {
    const id = await create(environment, ['a'])
    await contracts.put(TENANT, id, contract('a', 'x'))
    await contracts.put(TENANT, id, contract('a', 'y'))
    await contracts.put(TENANT, id, contract('b', 'z'))
    expect(await contracts.list(TENANT, id, true)).toEqual([contract('a', 'y'), contract('b', 'z')])
    await contracts.putAll(TENANT, id, [contract('c', 'w')])
    expect(await contracts.list(TENANT, id, false)).toEqual([{ schemaId: 'c', summary: 'sumw' }])
    expect(services.get(TENANT, id).record.schemas).toEqual(['c'])
  })
})

test('the name of a content is the one that Service Center gives it', async () => {
  const id = await create('')
  await contracts.put(TENANT, id, { schemaId: 'schema1', schema: 'hello', summary: '' })
  expect(await stored()).toContain('/cse-sr/ms/schema-content/default/default/eecf0c2ca55705ebc79b9facb0fb8e2b')
})

test('a declared contract is listed without content, and cannot be read', async () => {
  const id = await create('', ['declared'])
  expect(await contracts.list(TENANT, id, true)).toEqual([{ schemaId: 'declared' }])
  await expect(contracts.get(TENANT, id, 'declared')).rejects.toMatchObject({ code: 'SchemaNotFound' })
})

test('a removed contract stays listed in its service', async () => {
  const id = await create('')
  await contracts.put(TENANT, id, contract('a', 'x'))
  await contracts.remove(TENANT, id, 'a')
  expect(services.get(TENANT, id).record.schemas).toEqual(['a'])
  await expect(contracts.remove(TENANT, id, 'a')).rejects.toMatchObject({ code: 'SchemaNotFound' })
})

test('contracts go with their service', async () => {
  const id = await create('')
  await contracts.putAll(TENANT, id, [contract('a', 'x'), contract('b', 'y')])
  await services.remove(TENANT, id, false)
  expect((await stored()).filter((key) => !key.includes('schema-content'))).toEqual([])
  await expect(contracts.put(TENANT, id, contract('a', 'x'))).rejects.toMatchObject({ code: 'ServiceNotFound' })
})

test('uploads of different contracts at the same time all stay', async () => {
  const id = await create('')
  const ids = Array.from({ length: 32 }, (_, index) => `s${index}`)
  await Promise.all(ids.map((schemaId) => contracts.put(TENANT, id, contract(schemaId, 'x'))))
  expect([...(services.get(TENANT, id).record.schemas ?? [])].sort()).toEqual([...ids].sort())
})
