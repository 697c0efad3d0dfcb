import { beforeEach, expect, test } from 'vitest'
import { SUBSCRIBERS_PER_NAME_MAX } from '../../kernel/limits.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { TestRegistry } from './test-registry.ts'
import { createService, registerInstance, startRegistry, TENANT } from './test-registry.ts'

let clock: ManualClock
let registry: TestRegistry
let cart: string

beforeEach(async () => {
  clock = new ManualClock()
  registry = await startRegistry({ clock, store: new MemoryStore({ clock }), startFeed })
  cart = await createService(registry, { serviceName: 'cart', alias: 'basket' })
})

const consumer = (serviceId: string, more: object = {}) =>
  createService(registry, { serviceName: serviceId, serviceId, ...more })
const find = (consumerId: string, serviceName = 'cart', tags: readonly string[] = []) =>
  registry.discovery.find(TENANT, { environment: '', appId: 'default', serviceName, tags, consumerId })
const subscribers = (id = cart) =>
  registry.discovery
    .subscribers(TENANT, id)
    .map(({ consumer: { id }, isCurrent, atMs }) => [id, isCurrent, (atMs - 1_700_000_000_000) / 1000])

test('who found a service is listed with when, and whether what it has is current', async () => {
  await consumer('b')
  await consumer('a')
  await find('b')
  clock.advance(5000)
  await find('a')
  await find('')
  expect(subscribers()).toEqual([
    ['a', true, 5],
    ['b', true, 0],
  ])
  await registerInstance(registry, cart, { instanceId: 'i' })
  await find('b')
  expect(subscribers()).toEqual([
    ['a', false, 5],
    ['b', true, 5],
  ])
  await registry.instances.unregister(TENANT, cart, 'i')
  expect(subscribers()).toEqual([
    ['a', true, 5],
    ['b', false, 5],
  ])
})

test('the revision is the one of the answer', async () => {
  await consumer('a')
  const { revision } = await find('a')
  expect(registry.discovery.subscribers(TENANT, cart)[0]?.revision).toBe(revision)
})

test('a find by alias counts, and the later of two finds is shown', async () => {
  await consumer('a')
  await find('a')
  clock.advance(1000)
  await find('a', 'basket')
  clock.advance(1000)
  expect(subscribers()).toEqual([['a', true, 1]])
})

test('versions that a consumer does not get have no subscriber in it', async () => {
  const tagged = await createService(registry, { serviceName: 'cart', version: '2.0' }, { tags: { blue: 'x' } })
  await consumer('a')
  await consumer('other', { appId: 'elsewhere' })
  await find('a', 'cart', ['blue'])
  await find('other')
  expect(subscribers(tagged)).toEqual([['a', true, 0]])
  expect(subscribers()).toEqual([])
})

test('a consumer that is gone is no subscriber, and one that came back has to find again', async () => {
  await consumer('a')
  await find('a')
  await registry.services.remove(TENANT, 'a', true)
  expect(subscribers()).toEqual([])
  await consumer('a')
  expect(subscribers()).toEqual([])
})

test('of too many consumers the first is forgotten, and comes back with its next find', async () => {
  for (let n = 0; n <= SUBSCRIBERS_PER_NAME_MAX; n++) {
    await consumer(`c${n}`)
    await find(`c${n}`)
  }
  expect(subscribers()).toHaveLength(SUBSCRIBERS_PER_NAME_MAX)
  const has = (id: string) => subscribers().some(([other]) => other === id)
  expect([has('c0'), has('c1')]).toEqual([false, true])
  await find('c0')
  expect([has('c0'), has('c1')]).toEqual([true, false])
})

test('a service that is not there has none to show', () => {
  expect(() => subscribers('nobody')).toThrow('ServiceNotFound')
})
