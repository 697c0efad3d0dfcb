import { beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { EnvironmentView } from './environment-view.ts'
import type { TestRegistry } from './test-registry.ts'
import { createService, startRegistry, TENANT } from './test-registry.ts'

let registry: TestRegistry

beforeEach(async () => {
  const clock = new ManualClock()
  registry = await startRegistry({ clock, store: new MemoryStore({ clock }), startFeed })
})

const made = () =>
  registry.environments
    .list(TENANT)
    .slice(5)
    .map(({ id }) => id)

test('every tenant has the preset ones, and nobody changes them', async () => {
  const ids = registry.environments.list(TENANT).map(({ id }) => id)
  expect(ids).toEqual(['', 'development', 'testing', 'acceptance', 'production'])
  await expect(async () => registry.environments.remove(TENANT, 'testing')).rejects.toThrow('Forbidden')
  await expect(async () => registry.environments.change(TENANT, '', { name: 'x' })).rejects.toThrow('Forbidden')
  await expect(registry.environments.create(TENANT, { name: 'testing' })).rejects.toThrow('EnvironmentAlreadyExists')
})

test('a service is created in an environment that is there, and in no other', async () => {
  const asked = { serviceName: 's', environment: 'blue' }
  await expect(createService(registry, asked)).rejects.toThrow('InvalidParameters: env not exist')
  await registry.environments.create(TENANT, { name: 'blue' })
  const id = await createService(registry, asked)
  expect(registry.view.service(TENANT, id)?.record.environment).toBe('blue')
  await expect(createService(registry, asked, { tenant: 'other/default' })).rejects.toThrow('env not exist')
})

test('an environment with services stays, and goes when they have gone', async () => {
  await registry.environments.create(TENANT, { name: 'blue' })
  const id = await createService(registry, { serviceName: 's', environment: 'blue' })
  await expect(registry.environments.remove(TENANT, 'blue')).rejects.toThrow('EnvironmentInUse: this env has services')
  await registry.services.remove(TENANT, id, false)
  await registry.environments.remove(TENANT, 'blue')
  expect(() => registry.environments.get(TENANT, 'blue')).toThrow('EnvironmentNotFound')
})

test('no service comes into an environment that goes at the same moment', async () => {
  for (let round = 0; round < 20; round++) {
    const name = `e${round}`
    await registry.environments.create(TENANT, { name })
    const racers = [
      () => registry.environments.remove(TENANT, name),
      () => createService(registry, { serviceName: name, environment: name }),
    ]
    if (round % 2 === 1) racers.reverse()
    await Promise.allSettled<unknown>(racers.map((race) => race()))
    const service = registry.view.services(TENANT).find(({ record }) => record.serviceName === name)
    expect(made().includes(name)).toBe(service !== undefined)
    if (service !== undefined) {
      await registry.services.remove(TENANT, service.id, true)
      await registry.environments.remove(TENANT, name)
    }
  }
})

test('ids and names are unique, asking again for the same is no error', async () => {
  expect(await registry.environments.create(TENANT, { id: 'b', name: 'blue' })).toBe('b')
  expect(await registry.environments.create(TENANT, { id: 'b', name: 'blue' })).toBe('b')
  await expect(registry.environments.create(TENANT, { id: 'b', name: 'green' })).rejects.toThrow('EnvID conflict.')
  await expect(registry.environments.create(TENANT, { name: 'blue' })).rejects.toThrow('has the name blue')
  expect(made()).toEqual(['b'])
})

test('who creates at the same time gets no second name and no more than the quota', async () => {
  const names = Array.from({ length: 64 }, (_, index) => ({ id: `e${index % 8}`, name: `n${index % 16}` }))
  const outcomes = await Promise.allSettled(names.map((asked) => registry.environments.create(TENANT, asked)))
  expect(made()).toHaveLength(3)
  expect(outcomes.some((outcome) => String((outcome as { reason?: unknown }).reason).includes('QuotaExceeded'))).toBe(
    true,
  )
  const listed = registry.environments.list(TENANT)
  expect(new Set(listed.map(({ name }) => name)).size).toBe(listed.length)
})

test('a new name takes the place of the old one, also in the store', async () => {
  await registry.environments.create(TENANT, { id: 'b', name: 'blue', description: 'for tests' })
  await registry.environments.change(TENANT, 'b', { name: 'azure' })
  expect(registry.environments.get(TENANT, 'b')).toMatchObject({ name: 'azure', description: 'for tests' })
  expect(await registry.environments.create(TENANT, { name: 'blue' })).toBe('blue')
  const stored: string[] = []
  for await (const page of registry.store.read('/cse-sr/envs/')) stored.push(...page.map(({ key }) => key))
  expect(stored).toEqual([
    '/cse-sr/envs/default/default/b',
    '/cse-sr/envs/default/default/blue',
    '/cse-sr/envs/indexes/default/default/azure/b',
    '/cse-sr/envs/indexes/default/default/blue/blue',
  ])
  const again = new EnvironmentView()
  await startFeed(registry.store, [again])
  expect([...again.all(TENANT).keys()]).toEqual(['b', 'blue'])
})

test('a domain with the name of the index cannot be mistaken for it', async () => {
  await expect(async () => registry.environments.create('indexes/default', { name: 'blue' })).rejects.toThrow(
    'InvalidParameters',
  )
})
