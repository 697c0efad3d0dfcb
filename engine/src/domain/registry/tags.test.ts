import { beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { TestRegistry } from './test-registry.ts'
import { createService, startRegistry, TENANT } from './test-registry.ts'

let registry: TestRegistry
let id: string

beforeEach(async () => {
  const clock = new ManualClock()
  registry = await startRegistry({ clock, store: new MemoryStore({ clock }), startFeed })
  id = await createService(registry, { serviceName: 's' })
})

test('a service without tags has none', () => {
  expect(registry.tags.get(TENANT, id)).toEqual({})
})

test('are set as a whole, changed one by one, and removed', async () => {
  await registry.tags.set(TENANT, id, { a: '1', b: '2', c: '3' })
  await registry.tags.set(TENANT, id, { a: '1', b: '2' })
  await registry.tags.change(TENANT, id, ['a', '9'])
  expect(registry.tags.get(TENANT, id)).toEqual({ a: '9', b: '2' })
  await registry.tags.remove(TENANT, id, ['a'])
  expect(registry.tags.get(TENANT, id)).toEqual({ b: '2' })
})

test('a tag that is not there is neither changed nor removed, and nothing else is either', async () => {
  await registry.tags.set(TENANT, id, { a: '1' })
  await expect(registry.tags.change(TENANT, id, ['b', '2'])).rejects.toThrow(
    'TagNotFound: Tag does not exist, please add one first.',
  )
  await expect(registry.tags.remove(TENANT, id, ['a', 'b'])).rejects.toThrow(
    'TagNotFound: Delete tags failed for this key b does not exist.',
  )
  await expect(registry.tags.change(TENANT, id, ['toString', '2'])).rejects.toThrow('TagNotFound')
  expect(registry.tags.get(TENANT, id)).toEqual({ a: '1' })
})

test('of an unknown service', async () => {
  expect(() => registry.tags.get(TENANT, 'x')).toThrow('ServiceNotFound')
  await expect(registry.tags.set(TENANT, 'x', {})).rejects.toThrow('ServiceNotFound')
  await expect(registry.tags.remove(TENANT, 'x', ['a'])).rejects.toThrow('ServiceNotFound')
})

test('changes of different tags at the same time do not undo each other', async () => {
  const names = Array.from({ length: 32 }, (_, n) => `t${n}`)
  await registry.tags.set(TENANT, id, Object.fromEntries(names.map((name) => [name, 'old'])))
  await Promise.all(names.map((name) => registry.tags.change(TENANT, id, [name, 'new'])))
  expect(new Set(Object.values(registry.tags.get(TENANT, id)))).toEqual(new Set(['new']))
})
