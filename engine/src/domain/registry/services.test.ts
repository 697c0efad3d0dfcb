import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { TestRegistry } from './test-registry.ts'
import { createService, registerInstance, startRegistry, TENANT } from './test-registry.ts'

const START_SECONDS = '1700000000'

let clock: ManualClock
let store: MemoryStore
let registry: TestRegistry

beforeEach(async () => {
  clock = new ManualClock()
  store = new MemoryStore({ clock })
  registry = await startRegistry({ clock, store, startFeed })
})

/** Everything that is stored, by key. */
async function stored(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for await (const page of store.read('')) for (const { key, value } of page) found[key] = value
  return found
}

const at = (serviceName: string, version = '0.0.1') => ({ environment: '', appId: 'default', serviceName, version })

describe('create', () => {
  test('a service that says only its name is stored with all defaults and read back at once', async () => {
    const id = await createService(registry, { serviceName: 's' })
    expect(id).toMatch(/^[0-9a-f]{40}$/)
    const { text, record } = registry.services.get(TENANT, id)
    const expected = {
      serviceId: id,
      appId: 'default',
      serviceName: 's',
      version: '0.0.1',
      level: 'BACK',
      status: 'UP',
      timestamp: START_SECONDS,
      modTimestamp: START_SECONDS,
    }
    expect(record).toEqual(expected)
    expect(text).toBe(JSON.stringify(expected))
  })

  test('members that mean nothing to the engine are stored as they came', async () => {
    const asked = {
      serviceName: 's',
      paths: [{ path: '/a', property: { allowCrossApp: 'true' } }],
      providers: [{ appId: 'x', serviceName: 'y' }],
      LBStrategy: { name: 'rr' },
      framework: { name: 'f', version: '1' },
      registerBy: 'SDK',
      schemas: ['one'],
    }
    const id = await createService(registry, asked)
    expect(registry.services.get(TENANT, id).record).toMatchObject(asked)
  })

  test('again: the same id, and nothing of the new request is taken over but its tags', async () => {
    const id = await createService(registry, { serviceName: 's', description: 'old' })
    const { text, revision } = registry.services.get(TENANT, id)
    clock.advance(60_000)
    const again = { serviceName: 's', description: 'new', properties: { a: 'b' }, schemas: ['x'] }
    expect(await createService(registry, again, { tags: { blue: '1' } })).toBe(id)
    expect(registry.services.get(TENANT, id)).toMatchObject({ text, revision, tags: { blue: '1' } })
  })

  test('after removal the same service has the same id again', async () => {
    const id = await createService(registry, { serviceName: 's' })
    await registry.services.remove(TENANT, id, false)
    expect(await createService(registry, { serviceName: 's' })).toBe(id)
  })

  test('environment, application, name and version make different services', async () => {
    const services = [
      { serviceName: 's' },
      { serviceName: 's', version: '0.0.2' },
      { serviceName: 's', appId: 'a' },
      { serviceName: 's', environment: 'testing' },
      { serviceName: 't' },
    ]
    const ids = await Promise.all(services.map((service) => createService(registry, service)))
    expect(new Set(ids).size).toBe(services.length)
  })

  test('a custom id is kept, and two tenants may use the same one', async () => {
    expect(await createService(registry, { serviceName: 's', serviceId: 'mine' })).toBe('mine')
    expect(await createService(registry, { serviceName: 't', serviceId: 'mine' }, { tenant: 'shop/p' })).toBe('mine')
    expect(registry.services.get(TENANT, 'mine').record.serviceName).toBe('s')
    expect(registry.services.get('shop/p', 'mine').record.serviceName).toBe('t')
    await expect(createService(registry, { serviceName: 'u', serviceId: 'mine' })).rejects.toThrow(
      'ServiceAlreadyExists',
    )
  })

  test('64 who create one service at the same time all get its id, and it is stored once', async () => {
    const asked = { serviceName: 's', alias: 'x' }
    const ids = await Promise.all(Array.from({ length: 64 }, () => createService(registry, asked)))
    expect(new Set(ids).size).toBe(1)
    expect(store.revision).toBe(1)
    expect(registry.services.list(TENANT, true)).toHaveLength(1)
  })

  test('64 who want one service under 64 ids: one gets it, the others hear that it exists', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 64 }, (_, n) => createService(registry, { serviceName: 's', serviceId: `id-${n}` })),
    )
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(63)
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'ServiceAlreadyExists' })
    expect(registry.services.list(TENANT, true)).toHaveLength(1)
  })
})

describe('create with instances and tags', () => {
  const create = (instances: object[], tags?: Record<string, string>) =>
    registry.services.create(TENANT, { service: { serviceName: 's', version: '2.0' }, tags, instances })

  test('all of them are there in one commit', async () => {
    const id = await create([{ instanceId: 'a', hostName: 'h' }, { hostName: 'h' }, { hostName: 'h' }], { t: '1' })
    expect(store.revision).toBe(1)
    const service = registry.services.get(TENANT, id)
    expect([...service.instances.keys()]).toEqual(['a', 'new-1', 'new-2'])
    expect(service.tags).toEqual({ t: '1' })
    expect(JSON.parse(registry.view.instance(TENANT, id, 'a')!.text)).toMatchObject({
      serviceId: id,
      version: '2.0',
      healthCheck: { mode: 'push', interval: 30, times: 3 },
    })
  })

  test('they live and die by heartbeats like any other', async () => {
    const id = await create([{ instanceId: 'a' }, { instanceId: 'b' }])
    clock.advance(100_000)
    await registry.instances.beat(TENANT, id, 'a')
    clock.advance(21_000)
    expect([...registry.services.get(TENANT, id).instances.keys()]).toEqual(['a'])
  })

  test('an existing service gets those that are new; those that live stay as they are', async () => {
    const id = await create([{ instanceId: 'a', hostName: 'old' }])
    expect(
      await create([
        { instanceId: 'a', hostName: 'new' },
        { instanceId: 'b', hostName: 'new' },
      ]),
    ).toBe(id)
    const hostOf = (instance: string) => JSON.parse(registry.view.instance(TENANT, id, instance)!.text).hostName
    expect([hostOf('a'), hostOf('b')]).toEqual(['old', 'new'])
  })

  test('for an instance that lives already it is a heartbeat, as every registration', async () => {
    const id = await create([{ instanceId: 'a' }])
    clock.advance(100_000)
    await create([{ instanceId: 'a' }])
    clock.advance(100_000)
    expect([...registry.services.get(TENANT, id).instances.keys()]).toEqual(['a'])
  })

  test('two of the same id in one request are one', async () => {
    const id = await create([
      { instanceId: 'a', hostName: 'first' },
      { instanceId: 'a', hostName: 'last' },
    ])
    expect(registry.services.get(TENANT, id).instances.size).toBe(1)
  })

  test('leases that nothing needs are given back', async () => {
    await create([{ instanceId: 'a' }])
    await create([{ instanceId: 'a' }])
    expect(store.renewLeases(['1', '2'])).toEqual([true, false])
  })
})

describe('look up', () => {
  test.each([
    ['by name', 's'],
    ['by alias', 'x'],
  ])('an existing version %s', async (_, name) => {
    const id = await createService(registry, { serviceName: 's', alias: 'x' })
    expect(registry.services.exists(TENANT, at(name))).toBe(id)
  })

  test('refusals tell a missing service from a missing version', async () => {
    await createService(registry, { serviceName: 's' })
    expect(() => registry.services.exists(TENANT, at('s', '9.9'))).toThrow(
      'ServiceVersionNotFound: /default/s/9.9 version mismatch.',
    )
    expect(() => registry.services.exists(TENANT, at('t'))).toThrow('ServiceNotFound: /default/t/0.0.1 does not exist.')
    expect(() => registry.services.exists('shop/p', at('s'))).toThrow('ServiceNotFound')
    expect(() => registry.services.exists(TENANT, { ...at('s'), environment: 'testing' })).toThrow('ServiceNotFound')
  })

  test('a name beats an alias of the same spelling', async () => {
    await createService(registry, { serviceName: 'a', alias: 'b' })
    const named = await createService(registry, { serviceName: 'b' })
    expect(registry.services.exists(TENANT, at('b'))).toBe(named)
  })

  test("a list is ordered by id and hides the engine's own, unless they are asked for", async () => {
    for (const serviceId of ['c', 'a', 'b']) await createService(registry, { serviceName: serviceId, serviceId })
    await createService(registry, { serviceName: 'SERVICECENTER', serviceId: 'own', environment: 'development' })
    expect(registry.services.list(TENANT, false).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(registry.services.list(TENANT, true).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'own'])
    expect(registry.services.list('shop/p', true)).toEqual([])
  })

  test('an unknown id', () => {
    expect(registry.services.has(TENANT, 'x')).toBe(false)
    expect(() => registry.services.get(TENANT, 'x')).toThrow('ServiceNotFound: Service does not exist.')
  })
})

describe('properties', () => {
  test('are replaced as a whole, with the time of the change; everything else stays', async () => {
    const id = await createService(registry, { serviceName: 's', alias: 'x', properties: { a: '1', b: '2' } })
    clock.advance(5000)
    await registry.services.setProperties(TENANT, id, { b: '3' })
    expect(registry.services.get(TENANT, id).record).toMatchObject({
      alias: 'x',
      properties: { b: '3' },
      timestamp: START_SECONDS,
      modTimestamp: '1700000005',
    })
    await registry.services.setProperties(TENANT, id, {})
    expect(registry.services.get(TENANT, id).record.properties).toBeUndefined()
    expect(registry.services.exists(TENANT, at('x'))).toBe(id)
  })

  test('of an unknown service', async () => {
    await expect(registry.services.setProperties(TENANT, 'x', {})).rejects.toThrow('ServiceNotFound')
  })

  test('changes at the same time all take effect, one after the other', async () => {
    const id = await createService(registry, { serviceName: 's' })
    await Promise.all(Array.from({ length: 64 }, (_, n) => registry.services.setProperties(TENANT, id, { n: `${n}` })))
    expect(store.revision).toBe(1 + 64)
  })
})

describe('remove', () => {
  test('an unknown service', async () => {
    await expect(registry.services.remove(TENANT, 'x', true)).rejects.toThrow(
      'ServiceNotFound: Service does not exist.',
    )
  })

  test('nothing of the service is left but the records of its tenant', async () => {
    const id = await createService(registry, { serviceName: 's', alias: 'x' }, { tags: { a: 'b' } })
    await registerInstance(registry, id)
    await expect(registry.services.remove(TENANT, id, false)).rejects.toThrow('InstancesDeployed')
    await registry.services.remove(TENANT, id, true)
    expect(Object.keys(await stored())).toEqual(['/cse-sr/domains/default', '/cse-sr/projects/default/default'])
    expect(registry.view.hasTenant(TENANT)).toBe(false)
    expect(store.renewLeases(['1'])).toEqual([false])
  })

  test('listeners hear of the end of each instance, while its service is still known to them', async () => {
    const id = await createService(registry, { serviceName: 's' })
    for (const instanceId of ['a', 'b']) await registerInstance(registry, id, { instanceId })
    registry.events.length = 0
    await registry.services.remove(TENANT, id, true)
    expect(registry.events.map(({ action, instance }) => `${action} ${instance.id}`)).toEqual(['DELETE a', 'DELETE b'])
  })

  test('many: each on its own, twice named once done, in the order asked', async () => {
    const [busy, free] = [
      await createService(registry, { serviceName: 'busy' }),
      await createService(registry, { serviceName: 'free' }),
    ]
    await registerInstance(registry, busy)
    const results = await registry.services.removeAll(TENANT, [busy, 'x', free, free], false)
    expect(results.map(({ serviceId, failure }) => [serviceId, failure?.code])).toEqual([
      [busy, 'InstancesDeployed'],
      ['x', 'ServiceNotFound'],
      [free, undefined],
    ])
    expect(registry.services.list(TENANT, true).map(({ id }) => id)).toEqual([busy])
  })

  test('at the same time as registrations: never an instance without its service', async () => {
    for (let round = 0; round < 20; round++) {
      const id = await createService(registry, { serviceName: `s${round}` })
      const registrations = Array.from({ length: 4 }, () => registerInstance(registry, id))
      const removal = registry.services.remove(TENANT, id, round % 2 === 0)
      const late = Array.from({ length: 4 }, () => registerInstance(registry, id))
      await Promise.allSettled([...registrations, removal, ...late])
      const left = Object.keys(await stored()).filter((key) => key.includes(id))
      const hasInstances = left.some((key) => key.includes('/inst/'))
      if (hasInstances) expect(registry.services.has(TENANT, id)).toBe(true)
      if (!registry.services.has(TENANT, id)) expect(left).toEqual([])
    }
  })
})
