import type { Instance } from '@rollcall/protocol/documents'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { decideInstanceRemoval } from './decide.ts'
import { Drains } from './drains.ts'
import type { TestRegistry } from './test-registry.ts'
import { createService, registerInstance, startRegistry, TENANT } from './test-registry.ts'

const QUIET = { error() {}, warn() {}, info() {} }
const QUERY = { environment: '', appId: 'default', serviceName: 'cart', tags: [], consumerId: '' }

let clock: ManualClock
let registry: TestRegistry
let drains: Drains
let serviceId: string

beforeEach(async () => {
  clock = new ManualClock()
  registry = await startRegistry({ clock, store: new MemoryStore({ clock }), startFeed })
  drains = new Drains({ view: registry.view, committer: registry.committer, clock, log: QUIET })
  drains.start()
  serviceId = await createService(registry, { serviceName: 'cart' })
  await registerInstance(registry, serviceId, { instanceId: 'a' })
  await registerInstance(registry, serviceId, { instanceId: 'b' })
})

afterEach(() => drains.stop())

const address = (instanceId: string) => ({ tenant: TENANT, serviceId, instanceId })
const found = async () => {
  const { text, revision } = await registry.discovery.find(TENANT, QUERY)
  return { revision, ids: (JSON.parse(text) as Instance[]).map(({ instanceId }) => instanceId) }
}
const listed = () => {
  const { text } = registry.discovery.list(TENANT, serviceId, { tags: [], consumerId: '' })
  return (JSON.parse(text) as Instance[]).map(({ instanceId, drainingUntil }) => [instanceId, drainingUntil])
}
const told = () => registry.events.map((event) => [event.told, event.action, event.instance.id])

/** Lets the promises of a removal settle, which waits for nothing but the memory store. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

async function advance(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1000)
    await settled()
  }
}

/** Seconds since the epoch, that many from now. */
const inSeconds = (seconds: number) => String(clock.now() / 1000 + seconds)

test('a drained instance is hidden at once, shown by id, and removed at the end', async () => {
  const before = await found()
  registry.events.length = 0
  await drains.begin(address('a'), 60)
  const hidden = await found()
  expect(hidden.ids).toEqual(['b'])
  expect(hidden.revision).not.toBe(before.revision)
  expect(listed()).toEqual([
    ['a', inSeconds(60)],
    ['b', undefined],
  ])
  await advance(59)
  expect(listed()).toHaveLength(2)
  await advance(1)
  expect(listed()).toEqual([['b', undefined]])
  expect((await found()).revision).toBe(hidden.revision)
  expect(told()).toEqual([
    ['DELETE', 'UPDATE', 'a'],
    [undefined, 'DELETE', 'a'],
  ])
})

test('its heartbeats keep it alive meanwhile, and being registered again does not show it', async () => {
  await drains.begin(address('a'), 300)
  for (let round = 0; round < 5; round++) {
    await advance(50)
    await registry.instances.beat(TENANT, serviceId, 'b')
    await registry.instances.register(TENANT, serviceId, { instanceId: 'a' })
  }
  expect((await found()).ids).toEqual(['b'])
  expect(listed()).toHaveLength(2)
})

test('one that falls silent while it is drained goes with its lease', async () => {
  await drains.begin(address('a'), 3600)
  for (let round = 0; round < 4; round++) {
    await advance(40)
    await registry.instances.beat(TENANT, serviceId, 'b')
  }
  expect(listed()).toEqual([['b', undefined]])
})

test('a cancelled drain shows the instance again and ends nothing', async () => {
  await drains.begin(address('a'), 30)
  registry.events.length = 0
  await drains.cancel(address('a'))
  await drains.cancel(address('a'))
  await advance(40)
  expect((await found()).ids).toEqual(['a', 'b'])
  expect(listed()).toEqual([
    ['a', undefined],
    ['b', undefined],
  ])
  expect(told()).toEqual([['CREATE', 'UPDATE', 'a']])
})

test('the latest end counts, earlier or later', async () => {
  await drains.begin(address('a'), 30)
  await drains.begin(address('a'), 60)
  await drains.begin(address('b'), 60)
  await drains.begin(address('b'), 5)
  await advance(31)
  expect(listed().map(([id]) => id)).toEqual(['a'])
  await advance(30)
  expect(listed()).toEqual([])
})

test('no seconds at all remove it at once, and that is one event', async () => {
  registry.events.length = 0
  await drains.begin(address('a'), 0)
  expect(listed().map(([id]) => id)).toEqual(['b'])
  expect(told()).toEqual([['DELETE', 'DELETE', 'a']])
  expect(await registry.instances.register(TENANT, serviceId, { instanceId: 'a' })).toBe('a')
  expect((await found()).ids).toEqual(['a', 'b'])
})

test('changes of a drained instance are nobody else’s business', async () => {
  await drains.begin(address('a'), 60)
  const { revision } = await found()
  registry.events.length = 0
  await registry.instances.setStatus(address('a'), 'DOWN')
  expect(told()).toEqual([[undefined, 'UPDATE', 'a']])
  expect((await found()).revision).toBe(revision)
  expect(listed()[0]).toEqual(['a', inSeconds(60)])
})

describe('races', () => {
  test('unregistered while it is drained: nothing is left to end', async () => {
    await drains.begin(address('a'), 10)
    await registry.instances.unregister(TENANT, serviceId, 'a')
    await registerInstance(registry, serviceId, { instanceId: 'a' })
    await advance(20)
    expect((await found()).ids).toEqual(['a', 'b'])
  })

  test('drained while it expires: it is told that it does not exist', async () => {
    await advance(119)
    clock.advance(1000)
    await expect(drains.begin(address('a'), 10)).rejects.toMatchObject({ code: 'InstanceNotFound' })
    await settled()
    expect(listed()).toEqual([])
  })

  test('cancelled and ended at the same moment: whoever is first decides, and nothing is half done', async () => {
    await drains.begin(address('a'), 1)
    const cancelled = drains.cancel(address('a')).then(
      () => true,
      () => false,
    )
    clock.advance(2000)
    await settled()
    expect(listed().some(([id]) => id === 'a')).toBe(await cancelled)
  })

  test('a cancellation between the decision to remove and its commit wins', async () => {
    await drains.begin(address('a'), 60)
    const node = registry.view.instance(TENANT, serviceId, 'a')
    if (node === undefined) throw new Error('no instance a')
    const removal = decideInstanceRemoval(node)
    await drains.cancel(address('a'))
    expect(await registry.store.commit(removal.guards, removal.writes)).toBeUndefined()
    expect((await found()).ids).toEqual(['a', 'b'])
  })

  test('a status change and a drain at once both hold', async () => {
    await Promise.all([drains.begin(address('a'), 60), registry.instances.setStatus(address('a'), 'DOWN')])
    expect(registry.view.instance(TENANT, serviceId, 'a')?.text).toMatch(/"status":"DOWN".*"drainingUntil":/)
  })
})

test.each([
  ['drained', () => drains.begin(address('nobody'), 5)],
  ['shown again', () => drains.cancel(address('nobody'))],
  ['removed', () => drains.begin(address('nobody'), 0)],
])('one that is not there cannot be %s', async (_, act) => {
  await expect(act()).rejects.toMatchObject({ code: 'InstanceNotFound' })
})

test('a client cannot claim to be drained, and a property of that name means nothing', async () => {
  await registerInstance(registry, serviceId, {
    instanceId: 'c',
    drainingUntil: '1',
    properties: { drainingUntil: '1' },
  })
  expect((await found()).ids).toEqual(['a', 'b', 'c'])
  await advance(2)
  expect(listed().map(([id]) => id)).toEqual(['a', 'b', 'c'])
})
