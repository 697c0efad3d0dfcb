import type { Instance } from '@rollcall/protocol/documents'
import { beforeEach, describe, expect, test } from 'vitest'
import { STATUS_CHANGES_PER_COMMIT_MAX } from '../../kernel/limits.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { TestRegistry } from './test-registry.ts'
import { createService, registerInstance, startRegistry, TENANT } from './test-registry.ts'

const TTL_MS = 120_000

let clock: ManualClock
let store: MemoryStore
let registry: TestRegistry
let id: string

async function open(options: { ttlSeconds?: number; preservation?: { enabled: boolean } } = {}): Promise<void> {
  clock = new ManualClock()
  store = new MemoryStore({ clock })
  registry = await startRegistry({ clock, store, startFeed, ...options })
  id = await createService(registry, { serviceName: 's', version: '2.0' })
}

beforeEach(() => open())

const alive = () => [...registry.services.get(TENANT, id).instances.keys()]
const record = (instance: string) => JSON.parse(registry.view.instance(TENANT, id, instance)!.text) as Instance
const ref = (instanceId: string) => ({ tenant: TENANT, serviceId: id, instanceId })
const heard = () => registry.events.map(({ action, instance }) => `${action} ${instance.id}`)

describe('register', () => {
  test('is stored complete, read back at once, and told to listeners', async () => {
    const instance = { hostName: 'h', endpoints: ['rest://1.2.3.4:80'], properties: { z: '1', a: '2' } }
    const instanceId = await registry.instances.register(TENANT, id, instance)
    expect(record(instanceId)).toEqual({
      instanceId: 'new-1',
      serviceId: id,
      endpoints: ['rest://1.2.3.4:80'],
      hostName: 'h',
      status: 'UP',
      properties: { a: '2', z: '1' },
      healthCheck: { mode: 'push', interval: 30, times: 3 },
      timestamp: '1700000000',
      modTimestamp: '1700000000',
      version: '2.0',
    })
    expect(heard()).toEqual(['CREATE new-1'])
  })

  test('the service is the one of the path, whatever the body says', async () => {
    await registerInstance(registry, id, { instanceId: 'i', serviceId: 'other', version: '9', timestamp: '1' })
    expect(record('i')).toMatchObject({ serviceId: id, version: '2.0', timestamp: '1700000000' })
  })

  test('without an id the same data are another instance each time', async () => {
    await registerInstance(registry, id)
    await registerInstance(registry, id)
    expect(alive()).toEqual(['new-1', 'new-2'])
  })

  test('with the id of a living instance it is a heartbeat: new data are dropped, nobody is told', async () => {
    await registerInstance(registry, id, { instanceId: 'i', hostName: 'old' })
    const before = registry.view.instance(TENANT, id, 'i')!
    clock.advance(100_000)
    expect(await registerInstance(registry, id, { instanceId: 'i', hostName: 'new' })).toBe('i')
    expect(registry.view.instance(TENANT, id, 'i')).toBe(before)
    expect(heard()).toEqual(['CREATE i'])
    clock.advance(100_000)
    expect(alive()).toEqual(['i'])
  })

  test('with the id of one that has gone it is a new one', async () => {
    await registerInstance(registry, id, { instanceId: 'i', hostName: 'old' })
    clock.advance(TTL_MS + 1000)
    await registerInstance(registry, id, { instanceId: 'i', hostName: 'new' })
    expect(record('i').hostName).toBe('new')
    expect(heard()).toEqual(['CREATE i', 'DELETE i', 'CREATE i'])
  })

  test('the same id under two services is two instances', async () => {
    const other = await createService(registry, { serviceName: 't' })
    await registerInstance(registry, id, { instanceId: 'i' })
    await registerInstance(registry, other, { instanceId: 'i' })
    await registry.instances.unregister(TENANT, id, 'i')
    expect(registry.view.instance(TENANT, other, 'i')).toBeDefined()
  })

  test('an unknown service is refused, and no lease stays behind', async () => {
    await expect(registerInstance(registry, 'x')).rejects.toThrow(
      "ServiceNotFound: Invalid 'serviceID' in request body.",
    )
    await expect(registerInstance({ instances: registry.instances }, id, { instanceId: 'i' })).resolves.toBe('i')
    const tenant = registry.instances.register('shop/p', id, { hostName: 'h' })
    await expect(tenant).rejects.toThrow('ServiceNotFound')
    expect(store.renewLeases(['1', '2'])).toEqual([true, false])
  })

  test('64 who register one id at the same time are one instance with one lease', async () => {
    await Promise.all(Array.from({ length: 64 }, () => registerInstance(registry, id, { instanceId: 'i' })))
    expect(alive()).toEqual(['i'])
    const leases = store.renewLeases(Array.from({ length: 64 }, (_, n) => `${n + 1}`))
    expect(leases.filter((isAlive) => isAlive)).toHaveLength(1)
  })
})

describe('life and end', () => {
  test.each([
    ['the default', {}, 120],
    ['the least', { healthCheck: { mode: 'push', interval: 1, times: 0 } }, 20],
    ['what it asks for', { healthCheck: { mode: 'push', interval: 10, times: 5 } }, 60],
    ['pull: the default', { healthCheck: { mode: 'pull', interval: 1, times: 1 } }, 120],
  ])('an instance lives interval x (times + 1) without a heartbeat: %s', async (_, instance, seconds) => {
    await registerInstance(registry, id, { instanceId: 'i', ...instance })
    clock.advance(seconds * 1000 - 1)
    expect(alive()).toEqual(['i'])
    clock.advance(201)
    expect(alive()).toEqual([])
    expect(heard()).toEqual(['CREATE i', 'DELETE i'])
  })

  test('an operator may set one length for all', async () => {
    await open({ ttlSeconds: 10 })
    await registerInstance(registry, id, { instanceId: 'i' })
    clock.advance(10_200)
    expect(alive()).toEqual([])
  })

  test('heartbeats keep it, write nothing and tell nobody', async () => {
    await registerInstance(registry, id, { instanceId: 'i' })
    const { revision } = store
    const before = registry.view.instance(TENANT, id, 'i')!
    for (let n = 0; n < 20; n++) {
      clock.advance(TTL_MS - 1000)
      await registry.instances.beat(TENANT, id, 'i')
    }
    expect(registry.view.instance(TENANT, id, 'i')).toBe(before)
    expect(store.revision).toBe(revision)
    expect(heard()).toEqual(['CREATE i'])
    expect(before.beatAt).toBe(clock.monotonic())
  })

  test('a heartbeat never brings anybody back', async () => {
    await registerInstance(registry, id, { instanceId: 'i' })
    clock.advance(TTL_MS + 1000)
    const targets: (readonly [serviceId: string, instanceId: string])[] = [
      [id, 'i'],
      [id, 'x'],
      ['x', 'i'],
    ]
    for (const [serviceId, instanceId] of targets) {
      expect(() => registry.instances.beat(TENANT, serviceId, instanceId)).toThrow(
        'InstanceNotFound: leaseId not exist, instance not exist',
      )
    }
    expect(() => registry.instances.beat('shop/p', id, 'i')).toThrow('InstanceNotFound')
    expect(alive()).toEqual([])
  })

  test('a change of state or properties keeps the lease as it runs', async () => {
    await registerInstance(registry, id, { instanceId: 'i' })
    clock.advance(100_000)
    await registry.instances.setStatus(ref('i'), 'DOWN')
    await registry.instances.setProperties(ref('i'), { a: 'b' })
    clock.advance(21_000)
    expect(alive()).toEqual([])
  })

  test('whoever registers again just before the end keeps living, just after it is new', async () => {
    for (const offsetMs of [-200, -100, 0, 100, 200]) {
      await open()
      await registerInstance(registry, id, { instanceId: 'i', hostName: 'old' })
      clock.advance(TTL_MS + offsetMs)
      await registerInstance(registry, id, { instanceId: 'i', hostName: 'new' })
      expect(alive(), `${offsetMs} ms`).toEqual(['i'])
      clock.advance(TTL_MS - 1000)
      await registry.instances.beat(TENANT, id, 'i')
      expect(alive(), `${offsetMs} ms`).toEqual(['i'])
      clock.advance(TTL_MS + 1000)
      expect(alive(), `${offsetMs} ms`).toEqual([])
    }
  })

  test('a thousand that end together all end, and all of it is told', async () => {
    await open({ preservation: { enabled: false } })
    await Promise.all(Array.from({ length: 1000 }, () => registerInstance(registry, id)))
    registry.events.length = 0
    clock.advance(TTL_MS + 1000)
    expect(alive()).toEqual([])
    expect(registry.events).toHaveLength(1000)
  })
})

describe('many heartbeats at once', () => {
  test('each one is answered for, living, gone, unknown or named twice', async () => {
    await registerInstance(registry, id, { instanceId: 'a' })
    await registerInstance(registry, id, { instanceId: 'b' })
    await registry.instances.unregister(TENANT, id, 'b')
    const refs = ['a', 'b', 'x', 'a'].map((instanceId) => ({ serviceId: id, instanceId }))
    const unknown = { serviceId: 'x', instanceId: 'a' }
    expect(await registry.instances.beatAll(TENANT, [...refs, unknown])).toEqual([true, false, false, true, false])
    expect(await registry.instances.beatAll('shop/p', refs)).toEqual([false, false, false, false])
  })

  test('they renew as one alone does', async () => {
    await registerInstance(registry, id, { instanceId: 'a' })
    clock.advance(100_000)
    await registry.instances.beatAll(TENANT, [{ serviceId: id, instanceId: 'a' }])
    clock.advance(100_000)
    expect(alive()).toEqual(['a'])
    expect(registry.view.instance(TENANT, id, 'a')!.beatAt).toBe(100_000)
  })
})

describe('unregister', () => {
  test('takes record and lease, tells listeners, and is refused the second time', async () => {
    await registerInstance(registry, id, { instanceId: 'i' })
    await registry.instances.unregister(TENANT, id, 'i')
    expect(alive()).toEqual([])
    expect(heard()).toEqual(['CREATE i', 'DELETE i'])
    expect(store.renewLeases(['1'])).toEqual([false])
    await expect(registry.instances.unregister(TENANT, id, 'i')).rejects.toThrow(
      "InstanceNotFound: Instance's leaseId not exist.",
    )
    await expect(registry.instances.unregister(TENANT, 'x', 'i')).rejects.toThrow('InstanceNotFound')
  })

  test('of two at the same time one succeeds', async () => {
    await registerInstance(registry, id, { instanceId: 'i' })
    const outcomes = await Promise.allSettled([1, 2].map(() => registry.instances.unregister(TENANT, id, 'i')))
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('one that another tool stored without a lease can go too, but never expires', async () => {
    const key = `/cse-sr/inst/files/${TENANT}/${id}/i`
    await store.commit([], [{ key, value: '{"instanceId":"i"}' }])
    clock.advance(10 * TTL_MS)
    expect(alive()).toEqual(['i'])
    await registry.instances.unregister(TENANT, id, 'i')
    expect(alive()).toEqual([])
  })
})

describe('state and properties', () => {
  beforeEach(async () => {
    await registerInstance(registry, id, { instanceId: 'i', properties: { a: '1', b: '2' } })
    clock.advance(5000)
  })

  test('a state is set, stamped, and told as an update', async () => {
    await registry.instances.setStatus(ref('i'), 'OUTOFSERVICE')
    expect(record('i')).toMatchObject({
      status: 'OUTOFSERVICE',
      properties: { a: '1', b: '2' },
      timestamp: '1700000000',
      modTimestamp: '1700000005',
    })
    expect(heard()).toEqual(['CREATE i', 'UPDATE i'])
  })

  test('properties are replaced as a whole; none clears them', async () => {
    await registry.instances.setProperties(ref('i'), { b: '3' })
    expect(record('i')).toMatchObject({ status: 'UP', properties: { b: '3' }, modTimestamp: '1700000005' })
    await registry.instances.setProperties(ref('i'), {})
    expect(record('i').properties).toBeUndefined()
  })

  test('of an unknown instance', async () => {
    await expect(registry.instances.setStatus(ref('x'), 'UP')).rejects.toThrow(
      'InstanceNotFound: Service instance does not exist.',
    )
    await expect(registry.instances.setProperties(ref('x'), {})).rejects.toThrow('InstanceNotFound')
  })

  test('a state and properties set at the same time both stay', async () => {
    await Promise.all([
      registry.instances.setStatus(ref('i'), 'DOWN'),
      registry.instances.setProperties(ref('i'), { c: '4' }),
      registry.instances.setStatus(ref('i'), 'TESTING'),
    ])
    expect(record('i')).toMatchObject({ status: 'TESTING', properties: { c: '4' } })
  })
})

describe('the state of many', () => {
  beforeEach(async () => {
    const other = await createService(registry, { serviceName: 't' })
    await registerInstance(registry, id, { instanceId: 'east-blue', properties: { zone: 'east', colour: 'blue' } })
    await registerInstance(registry, id, { instanceId: 'east', properties: { zone: 'east' } })
    await registerInstance(registry, id, { instanceId: 'plain' })
    await registerInstance(registry, other, { instanceId: 'other-east', properties: { zone: 'east' } })
    await createService(registry, { serviceName: 's', serviceId: 'elsewhere' }, { tenant: 'shop/p' })
    await registry.instances.register('shop/p', 'elsewhere', { instanceId: 'shop', properties: { zone: 'east' } })
    clock.advance(5000)
  })

  const down = () =>
    [TENANT, 'shop/p']
      .flatMap((tenant) => [...registry.view.services(tenant)])
      .flatMap(({ instances }) => [...instances.values()])
      .filter(({ text }) => text.includes('"status":"DOWN"'))
      .map((instance) => instance.id)
      .sort()

  test.each([
    ['those with one property', { zone: 'east' }, ['east', 'east-blue', 'other-east']],
    ['those with all properties', { zone: 'east', colour: 'blue' }, ['east-blue']],
    ['all', {}, ['east', 'east-blue', 'other-east', 'plain']],
    ['nobody', { zone: 'west' }, []],
    ['nobody by names that every object has', { toString: 'x' }, []],
  ])('%s', async (_, properties, expected) => {
    await registry.instances.setStatusWhere(TENANT, properties, 'DOWN')
    expect(down()).toEqual(expected)
  })

  test("not the engine's own", async () => {
    const own = await createService(registry, { serviceName: 'SERVICECENTER', environment: 'development' })
    await registerInstance(registry, own, { instanceId: 'engine' })
    await registry.instances.setStatusWhere(TENANT, {}, 'DOWN')
    expect(down()).toEqual(['east', 'east-blue', 'other-east', 'plain'])
  })

  test('the time of the last change stays, as in Service Center', async () => {
    await registry.instances.setStatusWhere(TENANT, {}, 'DOWN')
    expect(record('plain')).toMatchObject({ status: 'DOWN', modTimestamp: '1700000000' })
  })

  test('all or nothing: in one commit', async () => {
    const before = registry.store.revision
    await registry.instances.setStatusWhere(TENANT, {}, 'DOWN')
    expect(down()).toHaveLength(4)
    expect(registry.store.revision).toBe(before + 1)
  })

  test('more than go into one commit', async () => {
    const many = 2 * STATUS_CHANGES_PER_COMMIT_MAX
    await Promise.all(Array.from({ length: many }, () => registerInstance(registry, id)))
    const before = registry.store.revision
    await registry.instances.setStatusWhere(TENANT, {}, 'DOWN')
    expect(down()).toHaveLength(many + 4)
    expect(registry.store.revision).toBe(before + 3)
  })

  test('those that go meanwhile are no hindrance', async () => {
    const gone = registry.instances.unregister(TENANT, id, 'plain')
    await registry.instances.setStatusWhere(TENANT, {}, 'DOWN')
    await gone
    expect(down()).toEqual(['east', 'east-blue', 'other-east'])
  })
})
