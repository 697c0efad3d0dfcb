import type { Microservice, ServiceKey } from '@rollcall/protocol/documents'
import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { Committer } from '../../storage/commit.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { Quotas, QuotaView, StoredLimits } from '../quota/index.ts'
import type { KnownService } from '../registry/index.ts'
import { Discovery, NewInstances, RegistryView, Services } from '../registry/index.ts'
import { Dependencies, DependencyView } from './index.ts'

const TENANT = 'default/default'

let store: MemoryStore
let registry: RegistryView
let dependencies: Dependencies
let services: Services
let discovery: Discovery
let lost: unknown[]

beforeEach(async () => {
  const clock = new ManualClock()
  store = new MemoryStore({ clock })
  registry = new RegistryView(clock)
  lost = []
  const committer = new Committer(store)
  const view = new DependencyView()
  dependencies = new Dependencies({ registry, view, committer, onLostUse: (error) => lost.push(error) })
  const limits = { minIntervalSeconds: 5, minTimes: 3, ttlSeconds: 0 }
  const newInstances = new NewInstances({ view: registry, clock, limits, newId: () => 'new' })
  const relations = {
    usage: dependencies,
    companions: [dependencies],
    quotas: quotas(committer),
    environments: { guards: () => [] },
  }
  services = new Services({ view: registry, committer, relations, newInstances, clock })
  discovery = new Discovery(registry, { uses: dependencies, clock })
  await store.open()
  await startFeed(store, [registry, view])
})

function quotas(committer: Committer): Quotas {
  const plenty = { service: 10_000, instance: 10_000, schema: 100, tag: 100, account: 1000, role: 100 }
  const none = () => 0
  const counts = { service: none, instance: none, schema: none, tag: none, account: none, role: none }
  const log = { error() {}, warn() {}, info() {} }
  return new Quotas({
    source: new StoredLimits({ view: new QuotaView(), committer, defaults: plenty, sharedTenant: TENANT }),
    counts,
    log,
  })
}

/** Creates a service whose id is its name, unless it says otherwise. */
function create(service: Microservice, tenant = TENANT): Promise<string> {
  const named = { serviceId: service.serviceName ?? '', ...service }
  return services.create(tenant, { service: named, tags: undefined, instances: [] })
}

const service = (id: string, tenant = TENANT): KnownService => services.get(tenant, id)
const providers = (id: string) => dependencies.providersOf(service(id)).map((provider) => provider.id)
const consumers = (id: string) => dependencies.consumersOf(service(id)).map((consumer) => consumer.id)

async function find(consumerId: string, serviceName: string): Promise<void> {
  await discovery.find(TENANT, { environment: '', appId: 'default', serviceName, tags: [], consumerId })
}

const keyOf = (serviceName: string, more: ServiceKey = {}): ServiceKey => ({
  appId: 'default',
  serviceName,
  version: '0.0.1',
  ...more,
})

function declare(consumer: ServiceKey, providerKeys: readonly ServiceKey[], replace = false): Promise<void> {
  return dependencies.declare(TENANT, [{ consumer, providers: providerKeys }], replace)
}

/** Every stored rule, by key without the common part. */
async function rules(): Promise<string[]> {
  const found: string[] = []
  for await (const page of store.read('/cse-sr/ms/dep-rules/')) {
    found.push(...page.map(({ key }) => key.slice('/cse-sr/ms/dep-rules/'.length)))
  }
  return found
}

describe('uses seen by finds', () => {
  beforeEach(async () => {
    await create({ serviceName: 'c' })
    await create({ serviceName: 'p' })
  })

  test('are on record when the find is answered, at both ends', async () => {
    await find('c', 'p')
    expect(providers('c')).toEqual(['p'])
    expect(consumers('p')).toEqual(['c'])
    expect(await rules()).toEqual(['default/default/c//default/c/0.0.1', 'default/default/p//default/p/0.0.0+'])
  })

  test('are answered without waiting from the second time on, and not stored again', async () => {
    await find('c', 'p')
    const { revision } = store
    expect(dependencies.record(service('c'), service('p'))).toBeUndefined()
    expect(store.revision).toBe(revision)
  })

  test('hold for all versions of a provider, and for one version of a consumer', async () => {
    await create({ serviceName: 'p', version: '2.0', serviceId: 'p2' })
    await create({ serviceName: 'c', version: '2.0', serviceId: 'c2' })
    await find('c', 'p')
    expect(providers('c')).toEqual(['p', 'p2'])
    expect(consumers('p2')).toEqual(['c'])
    expect(providers('c2')).toEqual([])
    await create({ serviceName: 'p', version: '3.0', serviceId: 'p3' })
    expect(providers('c')).toEqual(['p', 'p2', 'p3'])
    expect(consumers('p3')).toEqual(['c'])
  })

  test('by alias are of the real name', async () => {
    await create({ serviceName: 'real', alias: 'nick' })
    await find('c', 'nick')
    expect(providers('c')).toEqual(['real'])
    expect(await rules()).toContain('default/default/p//default/real/0.0.0+')
  })

  test('of oneself count, but do not keep oneself from going', async () => {
    await find('p', 'p')
    expect(consumers('p')).toEqual(['p'])
    await services.remove(TENANT, 'p', false)
    expect(await rules()).toEqual([])
  })

  test('of 200 consumers at the same time are all recorded, in few commits', async () => {
    const names = Array.from({ length: 200 }, (_, n) => `c${n}`)
    await Promise.all(names.map((serviceName) => create({ serviceName })))
    const { revision } = store
    await Promise.all(names.flatMap((name) => [find(name, 'p'), find(name, 'p')]))
    expect(consumers('p')).toEqual([...names].sort())
    for (const name of names) expect(providers(name)).toEqual(['p'])
    expect(store.revision - revision).toBeLessThanOrEqual(3)
    expect(lost).toEqual([])
  })

  test('of one pair at the same time are recorded once', async () => {
    const { revision } = store
    await Promise.all(Array.from({ length: 200 }, () => find('c', 'p')))
    expect(providers('c')).toEqual(['p'])
    expect(store.revision).toBe(revision + 1)
  })

  test('of many providers by one consumer do not push each other out', async () => {
    const names = Array.from({ length: 50 }, (_, n) => `p${n}`)
    await Promise.all(names.map((serviceName) => create({ serviceName })))
    await Promise.all(names.map((name) => find('c', name)))
    expect(providers('c')).toEqual([...names].sort())
  })

  test('when the store refuses, the find is answered all the same, and somebody is told', async () => {
    await store.close()
    await find('c', 'p')
    expect(lost).toHaveLength(1)
    expect(providers('c')).toEqual([])
  })

  test('of services that are removed before the use is stored leave nothing behind', async () => {
    await create({ serviceName: 'late' })
    const finds = [find('c', 'p'), find('late', 'p')]
    await services.remove(TENANT, 'late', true)
    const outcomes = await Promise.allSettled(finds)
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    await create({ serviceName: 'late' })
    expect(providers('late')).toEqual([])
    expect(consumers('p')).toEqual(['c'])
  })
})

describe('declared dependencies', () => {
  beforeEach(async () => {
    await create({ serviceName: 'c' })
    await create({ serviceName: 'p' })
    await create({ serviceName: 'q' })
  })

  test('adding merges with what is there', async () => {
    await find('c', 'p')
    await declare(keyOf('c'), [keyOf('q'), keyOf('p')])
    expect(providers('c')).toEqual(['p', 'q'])
  })

  test('replacing leaves exactly what is named', async () => {
    await find('c', 'p')
    await declare(keyOf('c'), [keyOf('q')], true)
    expect(providers('c')).toEqual(['q'])
    expect(consumers('p')).toEqual([])
    expect(consumers('q')).toEqual(['c'])
  })

  test.each([[undefined], [[]]])('replacing by %j clears', async (none) => {
    await find('c', 'p')
    await dependencies.declare(
      TENANT,
      [{ consumer: keyOf('c'), ...(none === undefined ? {} : { providers: none }) }],
      true,
    )
    expect(providers('c')).toEqual([])
    expect(await rules()).toEqual([])
  })

  test('adding one that does not exist yet shows as soon as it does', async () => {
    await declare(keyOf('c'), [keyOf('future')])
    expect(providers('c')).toEqual([])
    await create({ serviceName: 'future' })
    expect(providers('c')).toEqual(['future'])
    expect(consumers('future')).toEqual(['c'])
  })

  test('replacing by one that does not exist drops it', async () => {
    await declare(keyOf('c'), [keyOf('future'), keyOf('p')], true)
    await create({ serviceName: 'future' })
    expect(providers('c')).toEqual(['p'])
  })

  test("a provider without an application is of the consumer's; its version does not matter", async () => {
    await create({ serviceName: 'c', appId: 'shop', serviceId: 'shop-c' })
    await create({ serviceName: 'p', appId: 'shop', serviceId: 'shop-p' })
    await declare(keyOf('c', { appId: 'shop' }), [{ serviceName: 'p', version: '7.0+' }])
    expect(providers('shop-c')).toEqual(['shop-p'])
  })

  test("a provider's environment is not the consumer's", async () => {
    await create({ serviceName: 'c', environment: 'testing', serviceId: 'test-c' })
    await create({ serviceName: 'p', environment: 'testing', serviceId: 'test-p' })
    await declare(keyOf('c', { environment: 'testing' }), [keyOf('p')])
    expect(providers('test-c')).toEqual(['p'])
    await declare(keyOf('c', { environment: 'testing' }), [keyOf('p', { environment: 'testing' })], true)
    expect(providers('test-c')).toEqual(['test-p'])
  })

  test('a consumer may be named by its alias', async () => {
    await create({ serviceName: 'real', alias: 'nick' })
    await declare(keyOf('unknown', { alias: 'nick' }), [keyOf('p')])
    expect(providers('real')).toEqual(['p'])
  })

  test.each([
    ['an unknown consumer', keyOf('x'), [keyOf('p')], 'ServiceNotFound: Consumer /default/x/0.0.1 does not exist.'],
    ['an unknown version of one', keyOf('c', { version: '9' }), [keyOf('p')], 'ServiceNotFound: Consumer /default/c/9'],
    [
      'a provider named twice',
      keyOf('c'),
      [keyOf('p'), { serviceName: 'p' }],
      'InvalidParameters: Invalid request body for provider info.Duplicate',
    ],
  ])('%s is refused, and nothing is changed', async (_, consumer, ...[named, words]) => {
    const good = { consumer: keyOf('c'), providers: [keyOf('q')] }
    await expect(dependencies.declare(TENANT, [good, { consumer, providers: named }], false)).rejects.toThrow(words)
    expect(await rules()).toEqual([])
  })

  test('many consumers in one request are stored together', async () => {
    const { revision } = store
    const two = [
      { consumer: keyOf('c'), providers: [keyOf('p')] },
      { consumer: keyOf('q'), providers: [keyOf('p')] },
    ]
    await dependencies.declare(TENANT, two, false)
    expect(consumers('p')).toEqual(['c', 'q'])
    expect(store.revision).toBe(revision + 1)
  })

  test('what is declared again writes nothing', async () => {
    await declare(keyOf('c'), [keyOf('p')])
    const { revision } = store
    await declare(keyOf('c'), [keyOf('p')])
    expect(store.revision).toBe(revision)
  })

  test("another tenant's services of the same names are not meant", async () => {
    await create({ serviceName: 'c', serviceId: 'their-c' }, 'shop/p')
    await create({ serviceName: 'p', serviceId: 'their-p' }, 'shop/p')
    await declare(keyOf('c'), [keyOf('p')])
    expect(dependencies.providersOf(service('their-c', 'shop/p'))).toEqual([])
    expect(dependencies.consumersOf(service('their-p', 'shop/p'))).toEqual([])
  })

  test.each([
    ['a provider', keyOf('c'), keyOf('p', { tenant: 'shop/p' })],
    ['a consumer', keyOf('c', { tenant: 'shop/p' }), keyOf('p')],
  ])('%s of another tenant is refused', async (_, consumer, provider) => {
    await create({ serviceName: 'c' }, 'shop/p')
    await create({ serviceName: 'p' }, 'shop/p')
    const rule = '{domain and project of the request}'
    await expect(declare(consumer, [keyOf('q'), provider])).rejects.toThrow(
      `field 'MicroServiceKey.Tenant' invalid value 'shop/p' does not match rule: ${rule}`,
    )
    expect(await rules()).toEqual([])
    await declare(keyOf('c', { tenant: TENANT }), [keyOf('p', { tenant: TENANT })])
    expect(consumers('p')).toEqual(['c'])
  })

  test('what another tool stored across tenants neither shows services of others nor keeps them from going', async () => {
    await create({ serviceName: 'p' }, 'shop/p')
    const prefix = '/cse-sr/ms/dep-rules'
    const end = (tenant: string, serviceName: string, version: string) =>
      JSON.stringify({ Dependency: [{ tenant, appId: 'default', serviceName, version }] })
    await store.commit(
      [],
      [
        { key: `${prefix}/${TENANT}/c//default/c/0.0.1`, value: end('shop/p', 'p', '0.0.0+') },
        { key: `${prefix}/shop/p/p//default/p/0.0.0+`, value: end(TENANT, 'c', '0.0.1') },
      ],
    )
    expect(providers('c')).toEqual([])
    expect(dependencies.consumersOf(service('p', 'shop/p'))).toEqual([])
    await services.remove('shop/p', 'p', false)
  })
})

describe('services that go', () => {
  beforeEach(async () => {
    await create({ serviceName: 'c' })
    await create({ serviceName: 'p' })
    await find('c', 'p')
  })

  test('a used one is kept, unless forced', async () => {
    await expect(services.remove(TENANT, 'p', false)).rejects.toThrow(
      'ConsumersDepend: Can not delete this service, other service rely it.',
    )
    await services.remove(TENANT, 'p', true)
    expect(providers('c')).toEqual([])
  })

  test('when a consumer goes, its provider is free to go', async () => {
    await services.remove(TENANT, 'c', false)
    expect(consumers('p')).toEqual([])
    await services.remove(TENANT, 'p', false)
    expect(await rules()).toEqual([])
  })

  test('the first of two versions takes no dependency with it, the last takes all', async () => {
    await create({ serviceName: 'p', version: '2.0', serviceId: 'p2' })
    await services.remove(TENANT, 'p', true)
    expect(providers('c')).toEqual(['p2'])
    await services.remove(TENANT, 'p2', true)
    expect(await rules()).toEqual([])
  })

  test('one that was forced out comes back unused, until it is found again', async () => {
    await services.remove(TENANT, 'p', true)
    await create({ serviceName: 'p' })
    expect(consumers('p')).toEqual([])
    await find('c', 'p')
    expect(consumers('p')).toEqual(['c'])
  })

  test('a removal that was decided before the provider was found is stale', async () => {
    await create({ serviceName: 'fresh' })
    const { guards, writes } = dependencies.withdrawal(service('fresh'), { lastVersion: true })
    await find('c', 'fresh')
    expect(await store.commit(guards, [...writes, { key: '/probe', value: '' }])).toBeUndefined()
  })

  test('many consumers of one provider that go at the same time leave nothing', async () => {
    const names = Array.from({ length: 50 }, (_, n) => `c${n}`)
    await Promise.all(names.map((serviceName) => create({ serviceName })))
    await Promise.all(names.map((name) => find(name, 'p')))
    await Promise.all([...names, 'c'].map((name) => services.remove(TENANT, name, false)))
    expect(await rules()).toEqual([])
  })
})

test('a dependency that another tool stored counts like one of ours', async () => {
  await create({ serviceName: 'c' })
  await create({ serviceName: 'p' })
  const value = JSON.stringify({
    Dependency: [{ tenant: TENANT, appId: 'default', serviceName: 'c', version: '0.0.1' }],
  })
  await store.commit([], [{ key: `/cse-sr/ms/dep-rules/${TENANT}/p//default/p/0.0.0+`, value }])
  expect(consumers('p')).toEqual(['c'])
})
