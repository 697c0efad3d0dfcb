import { beforeEach, describe, expect, test } from 'vitest'
import { sha1 } from '../../kernel/ids.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import {
  decideCreation,
  decideInstanceChange,
  decideRemoval,
  decideServiceProperties,
  decideTags,
  registrationWrites,
} from './decide.ts'
import type { TestRegistry } from './test-registry.ts'
import { createService, registerInstance, startRegistry, TENANT } from './test-registry.ts'

/*
 * Decisions are pure, so two of them can be taken on the same state and committed one after the other: what happens
 * when two engines, or two requests, do so at the same time.
 */

const ALONE = { usage: { isUsedByOthers: () => false }, companions: [] }

let registry: TestRegistry

beforeEach(async () => {
  const clock = new ManualClock()
  registry = await startRegistry({ clock, store: new MemoryStore({ clock }), startFeed })
})

const creation = (service: object, tags?: Record<string, string>) =>
  decideCreation(registry.view, TENANT, { asked: { service, tags }, seconds: '17' })

const removal = (id: string, force = false) =>
  decideRemoval(registry.view, ALONE, {
    service: registry.services.get(TENANT, id),
    force,
    since: registry.store.revision,
  })

describe('creation', () => {
  test('the id is the SHA-1 of the index key of Service Center', () => {
    expect(creation({ serviceName: 'myservice' }).result.serviceId).toBe(
      sha1('/cse-sr/ms/indexes/default/default//default/myservice/0.0.1'),
    )
    const full = { environment: 'testing', appId: 'a', serviceName: 's', version: '1.0' }
    expect(creation(full).result.serviceId).toBe(sha1('/cse-sr/ms/indexes/default/default/testing/a/s/1.0'))
  })

  test('a service with an alias takes three keys, and its tenant two', () => {
    const { writes } = creation({ serviceName: 's', alias: 'x', serviceId: 'id' }, { a: 'b' })
    expect(writes.map(({ key }) => key)).toEqual([
      '/cse-sr/ms/files/default/default/id',
      '/cse-sr/ms/indexes/default/default//default/s/0.0.1',
      '/cse-sr/ms/alias/default/default//default/x/0.0.1',
      '/cse-sr/ms/tags/default/default/id',
      '/cse-sr/domains/default',
      '/cse-sr/projects/default/default',
    ])
  })

  test('a service that is there is answered and nothing is written', async () => {
    const id = await createService(registry, { serviceName: 's', description: 'old' })
    const plan = creation({ serviceName: 's', description: 'new', properties: { a: 'b' } })
    expect(plan.writes).toEqual([])
    expect(plan.result).toMatchObject({ serviceId: id, description: 'old' })
  })

  test('the service that owns the alias is answered, though its name differs', async () => {
    const id = await createService(registry, { serviceName: 'first', alias: 'x' })
    expect(creation({ serviceName: 'second', alias: 'x' }).result.serviceId).toBe(id)
    expect(creation({ serviceName: 'second', alias: 'x', version: '2.0' }).result.serviceName).toBe('second')
  })

  test.each([
    ['the id belongs to another service', { serviceName: 'other', serviceId: 'taken' }],
    ['the service has another id', { serviceName: 's', serviceId: 'fresh' }],
    ['the alias belongs to a service of another id', { serviceName: 'other', alias: 'x', serviceId: 'fresh' }],
  ])('refused when %s', async (_, service) => {
    await createService(registry, { serviceName: 's', alias: 'x', serviceId: 'taken' })
    expect(() => creation(service)).toThrow(
      'ServiceAlreadyExists: ServiceID conflict or found the same service with different id.',
    )
  })

  test('the same id for the same service is the same service', async () => {
    await createService(registry, { serviceName: 's', serviceId: 'mine' })
    expect(creation({ serviceName: 's', serviceId: 'mine' }).result.serviceId).toBe('mine')
  })

  test.each([
    ['an id that would end its key in the store', { serviceName: 's', serviceId: 'a/b' }],
    ['an environment without end', { serviceName: 's', environment: 'testing'.repeat(30) }],
  ])('%s is refused', (_, service) => {
    expect(() => creation(service)).toThrow('InvalidParameters')
  })

  test.each([
    ['name', { serviceName: 's', serviceId: 'one' }, { serviceName: 's', serviceId: 'two' }],
    ['alias', { serviceName: 'a', alias: 'x' }, { serviceName: 'b', alias: 'x' }],
    ['id', { serviceName: 'a', serviceId: 'one' }, { serviceName: 'b', serviceId: 'one' }],
  ])('of two creations decided together for one %s only the first is stored', async (_, one, other) => {
    const [first, second] = [creation(one), creation(other)]
    expect(await registry.store.commit(first.guards, first.writes)).toBeDefined()
    expect(await registry.store.commit(second.guards, second.writes)).toBeUndefined()
  })

  test('tags for a service that has just been removed do not bring parts of it back', async () => {
    const id = await createService(registry, { serviceName: 's' })
    const late = creation({ serviceName: 's' }, { a: 'b' })
    await registry.services.remove(TENANT, id, false)
    expect(await registry.store.commit(late.guards, late.writes)).toBeUndefined()
  })
})

describe('removal', () => {
  test('is refused for a service that is used or has instances, in this order, unless forced', async () => {
    const id = await createService(registry, { serviceName: 's' })
    const service = registry.services.get(TENANT, id)
    const since = registry.store.revision
    const used = { usage: { isUsedByOthers: () => true }, companions: [] }
    const decide = (relations: typeof ALONE, force: boolean) => () =>
      decideRemoval(registry.view, relations, { service, force, since })
    await registerInstance(registry, id)
    expect(decide(used, false)).toThrow('ConsumersDepend')
    expect(decide(ALONE, false)).toThrow('InstancesDeployed')
    expect(decide(used, true)().writes).not.toEqual([])
  })

  test('takes every key of the service, instances before the service', async () => {
    const id = await createService(registry, { serviceName: 's', alias: 'x' }, { tags: { a: 'b' } })
    await registerInstance(registry, id, { instanceId: 'i' })
    const { writes, result } = removal(id, true)
    expect(writes.every(({ value }) => value === undefined)).toBe(true)
    expect(writes.map(({ key }) => key)).toEqual([
      `/cse-sr/inst/files/default/default/${id}/i`,
      `/cse-sr/inst/leases/default/default/${id}/i`,
      `/cse-sr/ms/files/default/default/${id}`,
      '/cse-sr/ms/indexes/default/default//default/s/0.0.1',
      `/cse-sr/ms/tags/default/default/${id}`,
      '/cse-sr/ms/alias/default/default//default/x/0.0.1',
    ])
    expect(result).toHaveLength(1)
  })

  test('companions learn whether the last version goes, and what they add is part of it', async () => {
    const first = await createService(registry, { serviceName: 's', version: '1.0' })
    const second = await createService(registry, { serviceName: 's', version: '2.0' })
    const seen: boolean[] = []
    const withdrawal = (_: unknown, { lastVersion }: { lastVersion: boolean }) => {
      seen.push(lastVersion)
      return { guards: [{ key: '/guarded', revision: 7 }], writes: [{ key: '/written' }] }
    }
    const decide = (id: string) =>
      decideRemoval(
        registry.view,
        { ...ALONE, companions: [{ withdrawal }] },
        { service: registry.services.get(TENANT, id), force: false, since: 0 },
      )
    const plan = decide(first)
    expect(plan.guards).toContainEqual({ key: '/guarded', revision: 7 })
    expect(plan.writes).toContainEqual({ key: '/written' })
    await registry.services.remove(TENANT, first, false)
    decide(second)
    expect(seen).toEqual([false, true])
  })

  test('a removal that was decided before an instance registered is stale', async () => {
    const id = await createService(registry, { serviceName: 's' })
    const plan = removal(id)
    await registerInstance(registry, id)
    expect(await registry.store.commit(plan.guards, plan.writes)).toBeUndefined()
  })

  test('a registration that was decided before the removal is stale', async () => {
    const id = await createService(registry, { serviceName: 's' })
    const lease = await registry.store.grantLease(30)
    const service = registry.services.get(TENANT, id)
    const plan = registrationWrites(TENANT, id, [{ record: { instanceId: 'i' }, lease }])
    const guards = [...plan.guards, { key: `/cse-sr/ms/files/default/default/${id}`, revision: service.revision }]
    await registry.services.remove(TENANT, id, false)
    expect(await registry.store.commit(guards, plan.writes)).toBeUndefined()
  })

  test('a removal that was decided before the properties changed is stale', async () => {
    const id = await createService(registry, { serviceName: 's' })
    const plan = removal(id)
    await registry.services.setProperties(TENANT, id, { a: 'b' })
    expect(await registry.store.commit(plan.guards, plan.writes)).toBeUndefined()
  })

  test.each(['SERVICECENTER', 'CseMonitoring'])(
    '%s of the engine cannot be removed, forced or not, but a namesake elsewhere can',
    async (serviceName) => {
      const own = await createService(registry, { serviceName, environment: 'development' })
      expect(() => removal(own)).toThrow('not allow to delete service center')
      expect(() => removal(own, true)).toThrow('not allow to delete service center')
      for (const place of [{ appId: 'shop' }, { environment: 'production' }, {}]) {
        const namesake = await createService(registry, { serviceName, ...place })
        expect(removal(namesake).writes).not.toEqual([])
      }
    },
  )
})

describe('changes', () => {
  test('two registrations of one id decided together: the second is stale', async () => {
    const id = await createService(registry, { serviceName: 's' })
    const plans = [1, 2].map(() => {
      const lease = String(registry.store.grantLease(30))
      return registrationWrites(TENANT, id, [{ record: { instanceId: 'i' }, lease }])
    })
    const results = []
    for (const { guards, writes } of plans) results.push(await registry.store.commit(guards, writes))
    expect(results[0]).toBeDefined()
    expect(results[1]).toBeUndefined()
  })

  test('an instance is changed under its lease and its revision; the same again writes nothing', async () => {
    const id = await createService(registry, { serviceName: 's' })
    await registerInstance(registry, id, { instanceId: 'i', properties: { a: 'b' } })
    const node = registry.view.instance(TENANT, id, 'i')!
    const plan = decideInstanceChange(node, { status: 'DOWN' })
    expect(plan.guards).toEqual([{ key: plan.writes[0]!.key, revision: node.revision }])
    expect(plan.writes[0]!.lease).toBe(node.lease)
    expect(JSON.parse(plan.writes[0]!.value!)).toMatchObject({ status: 'DOWN', properties: { a: 'b' } })
    expect(decideInstanceChange(node, { status: 'UP', properties: { a: 'b' } }).writes).toEqual([])
  })

  test('properties replace all that was there and stamp the change', async () => {
    const id = await createService(registry, { serviceName: 's', properties: { old: '1', kept: '1' } })
    const plan = decideServiceProperties(registry.services.get(TENANT, id), { kept: '2' }, '99')
    expect(JSON.parse(plan.writes[0]!.value!)).toMatchObject({ properties: { kept: '2' }, modTimestamp: '99' })
    expect(plan.writes[0]!.value).not.toContain('old')
  })

  test('tags decided twice on the same state: the second is stale', async () => {
    const id = await createService(registry, { serviceName: 's' })
    const [one, other] = ['1', '2'].map((value) =>
      decideTags(registry.services.get(TENANT, id), (tags) => ({ ...tags, a: value })),
    )
    expect(await registry.store.commit(one!.guards, one!.writes)).toBeDefined()
    expect(await registry.store.commit(other!.guards, other!.writes)).toBeUndefined()
  })
})
