import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Change, Client } from '@rollcall/client'
import { createClient, discover, joinService } from '@rollcall/client'
import { expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { startTestBed, untilList, untilSignal } from './client-fixture.ts'

const appId = 'shop'
const cart = { appId, serviceName: 'cart', version: '1.0.0' }
const shop = { appId, serviceName: 'shop', version: '1.0.0' }
const instance = { hostName: 'h', endpoints: ['rest://127.0.0.1:8080'] }

async function joinCart(client: Client, version = '1.0.0') {
  const membership = joinService(client, { service: { ...cart, version }, instance })
  await membership.joined()
  return membership
}

async function joinShop(client: Client) {
  const membership = joinService(client, { service: shop, instance })
  await membership.joined()
  return membership
}

test('finds what is there and is told of what comes, changes and goes', async () => {
  await using bed = await startTestBed()
  await using consumer = await joinShop(bed.client)
  await using first = await joinCart(bed.client)
  using provider = discover(bed.client, { consumer, appId, serviceName: 'cart' })
  expect(provider.instances()).toEqual([])
  await provider.ready()
  expect(provider.instances().map(({ instanceId }) => instanceId)).toEqual([first.instanceId])
  expect(provider.isCurrent).toBe(true)
  await untilSignal(bed.client, consumer.serviceId, 'open')
  const changes: Change[] = []
  provider.onChange((change) => changes.push(change))
  const second = await joinCart(bed.client, '2.0.0')
  await untilList(provider, (instances) => instances.length === 2)
  await second.setStatus('DOWN')
  await untilList(provider, (instances) => instances.some(({ status }) => status === 'DOWN'))
  expect(new Set([provider.pick(), provider.pick()].map((picked) => picked?.instanceId))).toEqual(
    new Set([first.instanceId]),
  )
  await second.leave()
  await untilList(provider, (instances) => instances.length === 1)
  const ids = (part: keyof Change) => changes.map((change) => change[part].map(({ instanceId }) => instanceId))
  expect(ids('added')).toEqual([[second.instanceId], [], []])
  expect(ids('updated')).toEqual([[], [second.instanceId], []])
  expect(ids('removed')).toEqual([[], [], [second.instanceId]])
})

test('an instance whose lease ends goes from the list at once', async () => {
  await using bed = await startTestBed()
  await using consumer = await joinShop(bed.client)
  const serviceId = await bed.client.services.create(cart)
  await bed.client.instances.register(serviceId, instance)
  using provider = discover(bed.client, { consumer, appId, serviceName: 'cart' })
  await provider.ready()
  await untilSignal(bed.client, consumer.serviceId, 'open')
  expect(provider.instances()).toHaveLength(1)
  bed.engineClock.advance(119_000)
  await consumer.beat()
  bed.engineClock.advance(2_000)
  await untilList(provider, (instances) => instances.length === 0)
})

test('a service that does not exist yet is heard of when it comes', async () => {
  await using bed = await startTestBed()
  await using consumer = await joinShop(bed.client)
  using provider = discover(bed.client, { consumer, appId, serviceName: 'cart' })
  await provider.ready()
  expect(provider.instances()).toEqual([])
  await untilSignal(bed.client, consumer.serviceId, 'open')
  await using _cart = await joinCart(bed.client)
  await untilList(provider, (instances) => instances.length === 1)
})

test('a removed service empties the list, because each end was told', async () => {
  await using bed = await startTestBed()
  await using consumer = await joinShop(bed.client)
  const { serviceId } = await joinCart(bed.client)
  using provider = discover(bed.client, { consumer, appId, serviceName: 'cart' })
  await provider.ready()
  await untilSignal(bed.client, consumer.serviceId, 'open')
  await bed.client.services.remove(serviceId, { force: true })
  await untilList(provider, (instances) => instances.length === 0)
})

test('discovery may begin before the consumer has joined', async () => {
  await using bed = await startTestBed()
  await using _cart = await joinCart(bed.client)
  await using consumer = joinService(bed.client, { service: shop, instance })
  using provider = discover(bed.client, { consumer, appId, serviceName: 'cart' })
  await provider.ready()
  expect(provider.instances()).toHaveLength(1)
})

test('a version rule keeps only what it allows', async () => {
  await using bed = await startTestBed()
  await using _one = await joinCart(bed.client, '1.0.0')
  await using _two = await joinCart(bed.client, '2.0.0')
  using provider = discover(bed.client, { appId, serviceName: 'cart', version: '2.0+' })
  await provider.ready()
  expect(provider.instances().map(({ version }) => version)).toEqual(['2.0.0'])
})

test('without a consumer the regular pull finds changes', async () => {
  await using bed = await startTestBed()
  await using _one = await joinCart(bed.client)
  using provider = discover(bed.client, { appId, serviceName: 'cart' })
  await provider.ready()
  await using _two = await joinCart(bed.client)
  bed.clientClock.advance(15_000)
  await untilList(provider, (instances) => instances.length === 2)
})

test('the watches of one consumer share a connection, which ends with the last of them', async () => {
  await using bed = await startTestBed()
  await using consumer = await joinShop(bed.client)
  const sockets: Socket[] = []
  const onRequest = (message: unknown) => {
    const { request, socket } = message as { request: { upgrade?: unknown }; socket: Socket }
    if (request.upgrade === 'websocket') sockets.push(socket)
  }
  subscribe('undici:client:sendHeaders', onRequest)
  const providers = ['cart', 'stock', 'mail'].map((serviceName) =>
    discover(bed.client, { consumer, appId, serviceName }),
  )
  await Promise.all(providers.map((provider) => provider.ready()))
  await untilSignal(bed.client, consumer.serviceId, 'open')
  unsubscribe('undici:client:sendHeaders', onRequest)
  expect(sockets).toHaveLength(1)
  const closed = once(sockets[0]!, 'close')
  for (const provider of providers) provider.close()
  await closed
})

test('a silent connection is made again', async () => {
  await using bed = await startTestBed()
  await using consumer = await joinShop(bed.client)
  const first = untilSignal(bed.client, consumer.serviceId, 'lost')
  await untilSignal(bed.client, consumer.serviceId, 'open')
  bed.clientClock.advance(91_000)
  expect(await first).toMatchObject({ kind: 'lost', reason: 'silent for 90 s' })
})

test('pings of the engine count as signs of life', async () => {
  await using bed = await startTestBed(['--watch.pingSeconds', '1'])
  await using consumer = await joinShop(bed.client)
  const signals: string[] = []
  const stop = bed.client.watch(consumer.serviceId, ({ kind }) => signals.push(kind))
  await untilSignal(bed.client, consumer.serviceId, 'open')
  for (let turn = 0; turn < 3; turn++) {
    bed.clientClock.advance(60_000)
    bed.engineClock.advance(2_000)
    // An answer on another connection is later than the ping that was written before it.
    await bed.client.version()
  }
  stop()
  expect(signals).toEqual(['open'])
})

test('a consumer that the engine does not know is tried again after growing pauses', async () => {
  await using bed = await startTestBed()
  const losses: object[] = []
  await new Promise<void>((resolve) => {
    const stop = bed.client.watch('nobody', (signal) => {
      if (signal.kind !== 'lost') return
      losses.push(signal)
      if (losses.length === 4) {
        stop()
        resolve()
      } else setImmediate(() => bed.clientClock.advance(signal.retryMs))
    })
  })
  const reason = 'the engine does not know nobody'
  expect(losses).toEqual([250, 500, 1000, 2000].map((retryMs) => ({ kind: 'lost', reason, retryMs })))
})

test('the list is kept while the engine is away, and current again when it is back', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-client-'))
  const flags = ['--store.kind', 'lmdb', '--store.path', folder]
  const first = await EngineProcess.start(flags)
  const client = createClient({ urls: first.url.href })
  const consumer = await joinShop(client)
  const kept = await joinCart(client)
  const provider = discover(client, { consumer, appId, serviceName: 'cart' })
  await provider.ready()
  await untilSignal(client, consumer.serviceId, 'open')
  const lost = untilSignal(client, consumer.serviceId, 'lost')
  await first.crash()
  await lost
  expect(provider.instances()).toHaveLength(1)
  const second = await EngineProcess.start([...flags, '--server.port', first.url.port])
  await using other = createOther(first.url.href)
  await other.joined()
  await untilList(provider, (instances) => instances.length === 2)
  expect(provider.instances().map(({ instanceId }) => instanceId)).toContain(kept.instanceId)
  expect(provider.isCurrent).toBe(true)
  provider.close()
  for (const membership of [consumer, kept, other]) await membership.leave()
  await second.stop()
  rmSync(folder, { recursive: true, force: true })
})

function createOther(urls: string) {
  return joinService(createClient({ urls }), { service: cart, instance })
}
