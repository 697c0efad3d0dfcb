import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TestRegistry } from '../domain/registry/test-registry.ts'
import { createService, registerInstance, startRegistry, TENANT } from '../domain/registry/test-registry.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { startFeed } from '../storage/feed.ts'
import { MemoryStore } from '../storage/memory/memory-store.ts'
import { BeatChannels } from './beat-channels.ts'
import { PingWheel } from './ping-wheel.ts'
import type { Accepted } from './test-sockets.ts'
import { TestSockets } from './test-sockets.ts'

const GONE = {
  code: 4001,
  reason: 'heartbeat reporting failed because the instance does not exist',
}

const sockets = new TestSockets()
let clock: ManualClock
let store: MemoryStore
let registry: TestRegistry
let channels: BeatChannels

beforeEach(async () => {
  clock = new ManualClock()
  store = new MemoryStore({ clock })
  registry = await startRegistry({ clock, store, startFeed })
  channels = new BeatChannels({
    registry: registry.view,
    instances: registry.instances,
    clock,
    pings: new PingWheel(clock, 30),
    idleSeconds: 120,
  })
  await sockets.listen()
  await createService(registry, { serviceName: 's', serviceId: 's' })
  await registerInstance(registry, 's', { instanceId: 'i' })
})

afterEach(() => sockets.close())

const open = (instanceId = 'i', tenant = TENANT): Promise<Accepted> =>
  sockets.connect((socket) => channels.open({ tenant, serviceId: 's', instanceId }, socket))

const isAlive = () => registry.view.instance(TENANT, 's', 'i') !== undefined

/** Lets 30 s pass: a ping goes out and its pong comes back. */
async function turn({ socket }: Accepted): Promise<void> {
  const pong = once(socket, 'pong')
  clock.advance(30_000)
  await pong
}

describe('an open channel', () => {
  test('keeps its instance alive by pongs alone', async () => {
    const channel = await open()
    for (let n = 0; n < 10; n++) await turn(channel)
    expect(isAlive()).toBe(true)
    expect(registry.view.instance(TENANT, 's', 'i')?.beatAt).toBe(300_000)
  })

  test('a ping or a text of the client is no heartbeat', async () => {
    const { client, socket } = await open()
    clock.advance(29_000)
    client.socket.send('anything')
    await client.settle()
    expect(registry.view.instance(TENANT, 's', 'i')?.beatAt).toBe(0)
    expect(socket.readyState).toBe(socket.OPEN)
  })

  test('of a client that does not answer is ended, and the instance goes in its own time', async () => {
    const { client } = await open()
    client.socket.pause()
    clock.advance(151_000)
    client.socket.resume()
    await client.closed
    expect(isAlive()).toBe(false)
  })

  test('stays open while the store cannot be asked', async () => {
    const channel = await open()
    await store.close()
    await turn(channel)
    expect(channel.socket.readyState).toBe(channel.socket.OPEN)
  })
})

describe('the end of the instance is told at once with 4001', () => {
  test.each([
    ['unregistered', () => registry.instances.unregister(TENANT, 's', 'i')],
    ['with its service', () => registry.services.remove(TENANT, 's', true)],
  ])('%s', async (_, end) => {
    const [one, other] = [await open(), await open()]
    await end()
    expect(await one.client.closed).toEqual(GONE)
    expect(await other.client.closed).toEqual(GONE)
  })

  test('expired for want of heartbeats', async () => {
    const { client } = await open()
    client.socket.pause()
    clock.advance(121_000)
    client.socket.resume()
    expect(await client.closed).toEqual(GONE)
  })

  test.each([
    ['an instance that never was', 'x', TENANT],
    ['one of another tenant', 'i', 'shop/default'],
  ])('%s, when the channel opens', async (_, instanceId, tenant) => {
    const { client } = await open(instanceId, tenant)
    expect(await client.closed).toEqual(GONE)
  })

  test("another instance's channel stays", async () => {
    await registerInstance(registry, 's', { instanceId: 'other' })
    const [channel, other] = [await open(), await open('other')]
    await registry.instances.unregister(TENANT, 's', 'i')
    await channel.client.closed
    await other.client.settle()
    expect(other.socket.readyState).toBe(other.socket.OPEN)
  })

  test('after registering again a new channel works', async () => {
    const first = await open()
    await registry.instances.unregister(TENANT, 's', 'i')
    await first.client.closed
    await registerInstance(registry, 's', { instanceId: 'i' })
    const second = await open()
    for (let n = 0; n < 6; n++) await turn(second)
    expect(isAlive()).toBe(true)
  })
})
