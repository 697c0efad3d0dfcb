import type { Instance, Microservice } from '@rollcall/protocol/documents'
import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { FindQuery } from './discovery.ts'
import type { TestRegistry } from './test-registry.ts'
import { createService, registerInstance, startRegistry, TENANT } from './test-registry.ts'
import type { InstanceList, KnownService } from './types.ts'

let clock: ManualClock
let registry: TestRegistry
/** Uses that were recorded, as `consumer>provider`. */
let uses: string[]
/** Until this is done a use is being stored. */
let storing: Promise<void> | undefined

beforeEach(async () => {
  clock = new ManualClock()
  uses = []
  storing = undefined
  const usage = {
    isUsedByOthers: () => false,
    record: (consumer: KnownService, provider: KnownService) => {
      uses.push(`${consumer.id}>${provider.id}`)
      return storing
    },
  }
  const relate = () => ({ usage, companions: [], folds: [] })
  registry = await startRegistry({ clock, store: new MemoryStore({ clock }), startFeed, relate })
})

const ask = (query: Partial<FindQuery>): FindQuery => ({
  environment: '',
  appId: 'default',
  serviceName: 'p',
  tags: [],
  consumerId: '',
  ...query,
})

async function find(query: Partial<FindQuery> = {}, tenant = TENANT): Promise<InstanceList> {
  return registry.discovery.find(tenant, ask(query))
}

const ids = (list: InstanceList) => (JSON.parse(list.text) as Instance[]).map(({ instanceId }) => instanceId)

/** A provider with one instance, both named after it. */
async function provide(id: string, service: Microservice = {}, tags?: Record<string, string>): Promise<void> {
  await createService(registry, { serviceName: 'p', serviceId: id, ...service }, tags === undefined ? {} : { tags })
  await registerInstance(registry, id, { instanceId: `i-${id}` })
}

describe('find', () => {
  test('all versions and all states under a name, by instance id', async () => {
    await provide('b', { version: '1.0' })
    await provide('a', { version: '2.0' })
    await registry.instances.setStatus({ tenant: TENANT, serviceId: 'b', instanceId: 'i-b' }, 'DOWN')
    expect(ids(await find())).toEqual(['i-a', 'i-b'])
  })

  test('a service without instances is an empty list, an unknown one is refused', async () => {
    await createService(registry, { serviceName: 'p' })
    expect(await find()).toMatchObject({ count: 0, text: '[]' })
    await expect(find({ serviceName: 'q' })).rejects.toThrow(
      'ServiceNotFound: Consumer[][///] find provider[/default/q] failed, provider does not exist',
    )
    await expect(find({}, 'shop/p')).rejects.toThrow('ServiceNotFound')
  })

  test('by alias, but a name of that spelling comes first', async () => {
    await provide('aliased', { serviceName: 'other', alias: 'p' })
    expect(ids(await find())).toEqual(['i-aliased'])
    await provide('named')
    expect(ids(await find())).toEqual(['i-named'])
  })

  test('in one environment and application only', async () => {
    await provide('plain')
    await provide('testing', { environment: 'testing' })
    await provide('shop', { appId: 'shop' })
    expect(ids(await find())).toEqual(['i-plain'])
    expect(ids(await find({ environment: 'testing' }))).toEqual(['i-testing'])
    expect(ids(await find({ appId: 'shop' }))).toEqual(['i-shop'])
  })

  test('sees every write before it', async () => {
    await provide('a', { version: '1.0' })
    const seen = [(await find()).revision]
    await registerInstance(registry, 'a', { instanceId: 'second' })
    expect(ids(await find())).toEqual(['i-a', 'second'])
    seen.push((await find()).revision)
    await registry.instances.setStatus({ tenant: TENANT, serviceId: 'a', instanceId: 'second' }, 'DOWN')
    expect((await find()).text).toContain('"DOWN"')
    seen.push((await find()).revision)
    await registry.instances.unregister(TENANT, 'a', 'second')
    expect(ids(await find())).toEqual(['i-a'])
    seen.push((await find()).revision)
    clock.advance(130_000)
    expect(ids(await find())).toEqual([])
    seen.push((await find()).revision)
    // The list is the first one again after the second instance has gone, and so is its revision.
    expect(seen[3]).toBe(seen[0])
    expect(new Set(seen).size).toBe(4)
  })
})

describe('tags', () => {
  beforeEach(async () => {
    await provide('both', { version: '1.0' }, { blue: '1', fast: '1' })
    await provide('blue', { version: '2.0' }, { blue: 'any value' })
    await provide('none', { version: '3.0' })
  })

  test.each([
    [[], ['i-blue', 'i-both', 'i-none']],
    [['blue'], ['i-blue', 'i-both']],
    [['blue', 'fast'], ['i-both']],
    [['toString'], []],
  ])('%j keep the versions that have all of them', async (tags, expected) => {
    expect(ids(await find({ tags }))).toEqual(expected)
  })

  test('count from the moment they are set', async () => {
    await registry.tags.set(TENANT, 'none', { blue: 'x' })
    expect(ids(await find({ tags: ['blue'] }))).toEqual(['i-blue', 'i-both', 'i-none'])
  })
})

describe('a version rule', () => {
  beforeEach(async () => {
    await createService(registry, { serviceName: 'c', serviceId: 'c' })
    await provide('one', { version: '1.0' }, { blue: '1' })
    await provide('two', { version: '2.0' })
  })

  test.each([
    ['1.0', ['i-one']],
    ['latest', ['i-two']],
    ['1.0-2.0', ['i-one']],
    ['0+', ['i-one', 'i-two']],
    ['3.0+', []],
  ])('%s shows %j, with and without a consumer', async (versionRule, expected) => {
    expect(ids(await find({ versionRule }))).toEqual(expected)
    expect(ids(await find({ versionRule, consumerId: 'c' }))).toEqual(expected)
  })

  test('holds among the versions that have the tags', async () => {
    expect(ids(await find({ versionRule: 'latest', tags: ['blue'] }))).toEqual(['i-one'])
  })

  test('the latest changes with the first instance of a new version, and back with its last', async () => {
    const latest = () => find({ versionRule: 'latest' })
    const before = await latest()
    await createService(registry, { serviceName: 'p', serviceId: 'three', version: '3.0' })
    expect(await latest()).toMatchObject({ revision: before.revision, text: before.text })
    await registerInstance(registry, 'three', { instanceId: 'i-three' })
    expect(ids(await latest())).toEqual(['i-three'])
    expect((await latest()).revision).not.toBe(before.revision)
    await registry.instances.unregister(TENANT, 'three', 'i-three')
    expect(await latest()).toMatchObject({ revision: before.revision, text: before.text })
  })

  test('a change of a version that it leaves out leaves its revision', async () => {
    const { revision } = await find({ versionRule: '1.0' })
    await registerInstance(registry, 'two', { instanceId: 'more' })
    expect((await find({ versionRule: '1.0' })).revision).toBe(revision)
  })

  test('that no version meets notes the use all the same: its consumer waits for one that does', async () => {
    await find({ versionRule: '3.0+', consumerId: 'c' })
    expect(uses).toEqual(['c>one'])
  })

  test('a subscriber has what is current by its own rule', async () => {
    await find({ versionRule: '1.0', consumerId: 'c' })
    await registerInstance(registry, 'two', { instanceId: 'more' })
    expect(registry.discovery.subscribers(TENANT, 'one')).toMatchObject([{ isCurrent: true }])
    await registerInstance(registry, 'one', { instanceId: 'another' })
    expect(registry.discovery.subscribers(TENANT, 'one')).toMatchObject([{ isCurrent: false }])
  })
})

describe('with a consumer', () => {
  beforeEach(async () => {
    await createService(registry, { serviceName: 'c', serviceId: 'c', environment: 'testing' })
    await createService(registry, { serviceName: 'c', serviceId: 'shopper', appId: 'shop', environment: 'testing' })
    await provide('here', { environment: 'testing' })
    await provide('elsewhere', {})
  })

  test('its environment counts, not the one of the query', async () => {
    expect(ids(await find({ consumerId: 'c' }))).toEqual(['i-here'])
    expect(ids(await find({ consumerId: 'c', environment: 'production' }))).toEqual(['i-here'])
  })

  test('an unknown one is refused, also one of another tenant', async () => {
    await createService(registry, { serviceName: 'c', serviceId: 'foreign' }, { tenant: 'shop/p' })
    for (const consumerId of ['x', 'foreign']) {
      await expect(find({ consumerId })).rejects.toThrow(`ServiceNotFound: Consumer[${consumerId}] does not exist.`)
    }
  })

  test('a missing provider names the consumer', async () => {
    await expect(find({ consumerId: 'c', serviceName: 'q' })).rejects.toThrow(
      'Consumer[c][testing/default/c/0.0.1] find provider[testing/default/q] failed, provider does not exist',
    )
  })

  test('providers of other applications are hidden unless they open themselves', async () => {
    expect(ids(await find({ consumerId: 'shopper' }))).toEqual([])
    await provide('open', { environment: 'testing', version: '2.0', properties: { allowCrossApp: 'True' } })
    await provide('shut', { environment: 'testing', version: '3.0', properties: { allowCrossApp: 'no' } })
    expect(ids(await find({ consumerId: 'shopper' }))).toEqual(['i-open'])
    expect(ids(await find({ consumerId: 'c' }))).toEqual(['i-here', 'i-open', 'i-shut'])
  })

  test('opening and closing takes effect at the next find', async () => {
    await registry.services.setProperties(TENANT, 'here', { allowCrossApp: 'true' })
    expect(ids(await find({ consumerId: 'shopper' }))).toEqual(['i-here'])
    await registry.services.setProperties(TENANT, 'here', {})
    expect(ids(await find({ consumerId: 'shopper' }))).toEqual([])
  })

  test('the use is noted when there is something to use, instances or not', async () => {
    await createService(registry, { serviceName: 'empty', serviceId: 'empty', environment: 'testing' })
    await find({ consumerId: 'c' })
    await find({ consumerId: 'c', serviceName: 'empty' })
    await find({ consumerId: 'shopper' })
    await find({ consumerId: 'c', tags: ['nobody-has-this'] })
    await find({ consumerId: 'c', serviceName: 'q' }).catch(() => {})
    await find()
    expect(uses).toEqual(['c>here', 'c>empty'])
  })
})

test('a first find shows what has come while its use was being stored: no watch tells of that', async () => {
  await createService(registry, { serviceName: 'c', serviceId: 'c' })
  await provide('p')
  let stored = () => {}
  storing = new Promise((resolve) => {
    stored = resolve
  })
  const found = find({ consumerId: 'c' })
  await registerInstance(registry, 'p', { instanceId: 'meanwhile' })
  stored()
  expect(ids(await found)).toEqual(['i-p', 'meanwhile'])
})

describe("the engine's own services", () => {
  beforeEach(() => provide('own', { serviceName: 'SERVICECENTER', environment: 'development' }))

  test.each(['', 'development', 'production'])('are found from environment "%s"', async (environment) => {
    expect(ids(await find({ serviceName: 'SERVICECENTER', environment }))).toEqual(['i-own'])
  })

  test('whoever asks, known or not, and no use is noted', async () => {
    expect(ids(await find({ serviceName: 'SERVICECENTER', consumerId: 'unknown' }))).toEqual(['i-own'])
    expect(uses).toEqual([])
  })

  test('one that is not there is looked for like any other', async () => {
    await expect(find({ serviceName: 'CseMonitoring' })).rejects.toThrow('ServiceNotFound')
    await provide('theirs', { serviceName: 'CseMonitoring', environment: 'production' })
    expect(ids(await find({ serviceName: 'CseMonitoring', environment: 'production' }))).toEqual(['i-theirs'])
  })

  test('other tenants may use the name for themselves', async () => {
    await expect(find({ serviceName: 'SERVICECENTER' }, 'shop/p')).rejects.toThrow('ServiceNotFound')
  })
})

describe('list and get by id', () => {
  const nobody = { tags: [], consumerId: '' }

  beforeEach(async () => {
    await provide('a', { version: '1.0' }, { blue: '1' })
    await provide('b', { version: '2.0' })
    await createService(registry, { serviceName: 'c', serviceId: 'shopper', appId: 'shop' })
    await createService(registry, { serviceName: 'c', serviceId: 'tester', environment: 'testing' })
  })

  test('a list is of one version, with a revision of its own', async () => {
    const list = registry.discovery.list(TENANT, 'a', nobody)
    expect(ids(list)).toEqual(['i-a'])
    expect(list.revision).not.toBe((await find()).revision)
    await registerInstance(registry, 'b', { instanceId: 'later' })
    expect(registry.discovery.list(TENANT, 'a', nobody).revision).toBe(list.revision)
  })

  test('one instance, exactly that one', () => {
    const { instance } = registry.discovery.get(TENANT, { serviceId: 'a', instanceId: 'i-a' }, nobody)
    expect(instance.id).toBe('i-a')
    for (const instanceId of ['i', 'i-', 'i-b']) {
      expect(() => registry.discovery.get(TENANT, { serviceId: 'a', instanceId }, nobody)).toThrow('InstanceNotFound')
    }
  })

  test('the revision of one instance moves with it alone', async () => {
    const revision = () => registry.discovery.get(TENANT, { serviceId: 'a', instanceId: 'i-a' }, nobody).revision
    const before = revision()
    await registerInstance(registry, 'a', { instanceId: 'other' })
    expect(revision()).toBe(before)
    await registry.instances.setStatus({ tenant: TENANT, serviceId: 'a', instanceId: 'i-a' }, 'DOWN')
    expect(revision()).not.toBe(before)
  })

  test.each([
    ['an unknown service', 'x', nobody, 'ServiceNotFound: Provider[x] does not exist.'],
    ['an unknown consumer', 'a', { tags: [], consumerId: 'x' }, 'ServiceNotFound: Consumer[x] does not exist.'],
    [
      'a consumer of another application',
      'a',
      { tags: [], consumerId: 'shopper' },
      'ServiceNotFound: Consumer[shopper][/shop/c/0.0.1] find provider[a][/default/p/1.0] instances failed, provider instance does not exist',
    ],
    [
      'a consumer of another environment',
      'a',
      { tags: [], consumerId: 'tester' },
      'ServiceNotFound: Consumer[tester][testing/default/c/0.0.1] find provider[a][/default/p/1.0] instances failed',
    ],
    [
      'a tag that it lacks',
      'b',
      { tags: ['blue'], consumerId: '' },
      'ServiceNotFound: Consumer[][///] find provider[b][/default/p/2.0] instances failed, provider instance does not exist',
    ],
  ])('a list for %s is refused', (_, serviceId, ...[asker, words]) => {
    expect(() => registry.discovery.list(TENANT, serviceId, asker)).toThrow(words)
  })

  test('neither notes a use', () => {
    registry.discovery.list(TENANT, 'a', nobody)
    registry.discovery.get(TENANT, { serviceId: 'a', instanceId: 'i-a' }, nobody)
    expect(uses).toEqual([])
  })
})
