import type { Instance } from '@rollcall/protocol/documents'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Dependencies, DependencyView } from '../domain/dependency/index.ts'
import type { TestRegistry } from '../domain/registry/test-registry.ts'
import { createService, registerInstance, startRegistry, TENANT } from '../domain/registry/test-registry.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { startFeed } from '../storage/feed.ts'
import { MemoryStore } from '../storage/memory/memory-store.ts'
import { WatchHub } from './hub.ts'
import { PingWheel } from './ping-wheel.ts'
import type { TestClient } from './test-sockets.ts'
import { TestSockets } from './test-sockets.ts'

const IDLE_SECONDS = 120

const sockets = new TestSockets()
let clock: ManualClock
let registry: TestRegistry
let hub: WatchHub

beforeEach(async () => {
  clock = new ManualClock()
  const store = new MemoryStore({ clock })
  let dependencies: Dependencies | undefined
  registry = await startRegistry({
    clock,
    store,
    startFeed,
    relate: (view, committer) => {
      const dependencyView = new DependencyView()
      const onLostUse = (error: unknown) => expect.unreachable(String(error))
      dependencies = new Dependencies({ registry: view, view: dependencyView, committer, onLostUse })
      const relations = { usage: dependencies, companions: [dependencies], folds: [dependencyView] }
      const pings = new PingWheel(clock, 30)
      hub = new WatchHub({ registry: view, dependencies, clock, pings, idleSeconds: IDLE_SECONDS })
      return relations
    },
  })
  await sockets.listen()
  await createService(registry, { serviceName: 'c', serviceId: 'c' })
  await createService(registry, { serviceName: 'p', serviceId: 'p', version: '1.0', alias: 'nick', environment: '' })
})

afterEach(() => sockets.close())

async function watch(id: string, { tenant = TENANT, withSnapshot = false } = {}): Promise<TestClient> {
  const { client } = await sockets.connect((socket, raw) => hub.open({ tenant, id }, socket, { raw, withSnapshot }))
  return client
}

/** The consumer finds the provider, and so depends on it. */
async function find(consumerId = 'c', serviceName = 'p', tenant = TENANT): Promise<void> {
  await registry.discovery.find(tenant, { environment: '', appId: 'default', serviceName, tags: [], consumerId })
}

const ref = (instanceId: string) => ({ tenant: TENANT, serviceId: 'p', instanceId })
const told = async (client: TestClient, count: number) =>
  (await client.frames(count)).map((frame) => `${frame.action} ${frame.instance.instanceId}`)

/** Nothing more has come than what was expected. */
async function quiet(client: TestClient, count: number): Promise<void> {
  await client.settle()
  expect(client.messages).toHaveLength(count)
}

describe('a watcher', () => {
  test('is told what happens to instances of its providers, in order', async () => {
    await find()
    const client = await watch('c')
    await registerInstance(registry, 'p', { instanceId: 'i' })
    await registry.instances.setStatus(ref('i'), 'DOWN')
    await registry.instances.setProperties(ref('i'), { a: 'b' })
    await registry.instances.beat(TENANT, 'p', 'i')
    await registerInstance(registry, 'p', { instanceId: 'i' })
    await registry.instances.unregister(TENANT, 'p', 'i')
    expect(await told(client, 4)).toEqual(['CREATE i', 'UPDATE i', 'UPDATE i', 'DELETE i'])
    await quiet(client, 4)
  })

  test('gets key and document of Service Center; at the end the last known document', async () => {
    await find()
    const client = await watch('c')
    await registerInstance(registry, 'p', { instanceId: 'i' })
    await registry.instances.setStatus(ref('i'), 'DOWN')
    await registry.instances.unregister(TENANT, 'p', 'i')
    const [create, , removal] = await client.frames(3)
    expect(Object.keys(create)).toEqual(['action', 'key', 'instance'])
    expect(create.key).toEqual({
      tenant: 'default/default',
      appId: 'default',
      serviceName: 'p',
      alias: 'nick',
      version: '1.0',
    })
    expect(create.instance).toMatchObject({ serviceId: 'p', status: 'UP', version: '1.0' })
    expect(removal).toMatchObject({ action: 'DELETE', key: create.key, instance: { status: 'DOWN' } })
  })

  test('of a consumer that has found nothing hears nothing, until it finds', async () => {
    const client = await watch('c')
    await registerInstance(registry, 'p', { instanceId: 'before' })
    await quiet(client, 0)
    await find()
    await registerInstance(registry, 'p', { instanceId: 'after' })
    expect(await told(client, 1)).toEqual(['CREATE after'])
  })

  test('hears of all versions of its provider, also of those that come later', async () => {
    await find()
    const client = await watch('c')
    await createService(registry, { serviceName: 'p', serviceId: 'p2', version: '2.0' })
    await registerInstance(registry, 'p2', { instanceId: 'i' })
    const [frame] = await client.frames(1)
    expect(frame.key.version).toBe('2.0')
  })

  test('hears of expiry as of an end', async () => {
    await find()
    await registerInstance(registry, 'p', { instanceId: 'i' })
    const client = await watch('c')
    clock.advance(121_000)
    expect(await told(client, 1)).toEqual(['DELETE i'])
  })

  test('hears of every instance when its provider is forced out', async () => {
    await find()
    for (const instanceId of ['a', 'b']) await registerInstance(registry, 'p', { instanceId })
    const client = await watch('c')
    await registry.services.remove(TENANT, 'p', true)
    expect(await told(client, 2)).toEqual(['DELETE a', 'DELETE b'])
    expect((await client.frames(2))[0].key.serviceName).toBe('p')
  })

  test('sees a frame only when the answer to a find shows the same', async () => {
    await find()
    const client = await watch('c')
    let seen: Instance[] = []
    client.socket.on('message', () => {
      seen = JSON.parse(registry.discovery.list(TENANT, 'p', { tags: [], consumerId: '' }).text)
    })
    await registerInstance(registry, 'p', { instanceId: 'i' })
    await client.frames(1)
    expect(seen.map(({ instanceId }) => instanceId)).toEqual(['i'])
  })

  test('a change of the service or its tags is not told', async () => {
    await find()
    await registerInstance(registry, 'p', { instanceId: 'i' })
    const client = await watch('c')
    await registry.services.setProperties(TENANT, 'p', { a: 'b' })
    await registry.tags.set(TENANT, 'p', { a: 'b' })
    await quiet(client, 0)
  })

  test('many of one consumer are all told, and one that leaves disturbs nobody', async () => {
    await find()
    const clients = await Promise.all(Array.from({ length: 10 }, () => watch('c')))
    expect(hub.size).toBe(10)
    const [first, ...others] = clients
    first?.socket.close()
    await first?.closed
    await registerInstance(registry, 'p', { instanceId: 'i' })
    for (const client of others) expect(await told(client, 1)).toEqual(['CREATE i'])
    expect(first?.messages).toEqual([])
    expect(hub.size).toBe(9)
  })

  test('a hundred changes at once come in the order in which they took effect', async () => {
    await find()
    const client = await watch('c')
    await Promise.all(Array.from({ length: 100 }, (_, n) => registerInstance(registry, 'p', { instanceId: `i${n}` })))
    const order = registry.events.map(({ action, instance }) => `${action} ${instance.id}`)
    expect(await told(client, 100)).toEqual(order)
  })
})

describe('tenants', () => {
  test('do not hear of each other, whatever names they share', async () => {
    const theirs = 'shop/default'
    for (const serviceName of ['c', 'p']) {
      await createService(registry, { serviceName, serviceId: serviceName, version: '1.0' }, { tenant: theirs })
    }
    await find()
    await find('c', 'p', theirs)
    const [ours, foreign] = [await watch('c'), await watch('c', { tenant: theirs })]
    await registerInstance(registry, 'p', { instanceId: 'ours' })
    expect(await told(ours, 1)).toEqual(['CREATE ours'])
    await quiet(foreign, 0)
    await registry.instances.register(theirs, 'p', { instanceId: 'theirs', hostName: 'h' })
    expect(await told(foreign, 1)).toEqual(['CREATE theirs'])
    expect((await foreign.frames(1))[0].key.tenant).toBe(theirs)
    await quiet(ours, 1)
  })

  test('a consumer of another tenant is unknown', async () => {
    const client = await watch('c', { tenant: 'shop/default' })
    await client.closed
    expect(client.messages).toEqual(['service does not exist'])
  })
})

test('an unknown consumer is told so in one text, then the connection ends without a close frame', async () => {
  const client = await watch('x')
  expect((await client.closed).code).toBe(1006)
  expect(client.messages).toEqual(['service does not exist'])
  expect(hub.size).toBe(0)
})

describe('with a snapshot', () => {
  test('everything that is there comes first, as INIT, then what changes', async () => {
    await find()
    await createService(registry, { serviceName: 'p', serviceId: 'p2', version: '2.0' })
    for (const id of ['p', 'p2']) await registerInstance(registry, id, { instanceId: `i-${id}` })
    const client = await watch('c', { withSnapshot: true })
    await registry.instances.setStatus(ref('i-p'), 'DOWN')
    expect(await told(client, 3)).toEqual(['INIT i-p', 'INIT i-p2', 'UPDATE i-p'])
    await quiet(client, 3)
  })

  test('nothing to show is nothing shown', async () => {
    const client = await watch('c', { withSnapshot: true })
    await find()
    await registerInstance(registry, 'p', { instanceId: 'i' })
    expect(await told(client, 1)).toEqual(['CREATE i'])
  })
})

describe('keep-alive', () => {
  test('a watcher is pinged every 30 s and ended when it shows no sign of life', async () => {
    const client = await watch('c')
    let pings = 0
    client.socket.on('ping', () => pings++)
    for (let turn = 0; turn < 3; turn++) {
      clock.advance(30_000)
      await client.settle()
    }
    expect(pings).toBe(3)
    client.socket.pause()
    clock.advance((IDLE_SECONDS + 60) * 1000)
    client.socket.resume()
    expect((await client.closed).code).toBe(1006)
    expect(hub.size).toBe(0)
  })
})
