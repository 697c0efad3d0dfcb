import type { Change, Membership } from '@rollcall/client'
import { createClient, discover, joinService } from '@rollcall/client'
import { expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { untilList, untilSignal } from './client-fixture.ts'

const appId = 'shop'
const instance = { hostName: 'h', endpoints: ['rest://127.0.0.1:8080'] }
const named = (serviceName: string) => ({ service: { appId, serviceName, version: '1.0.0' }, instance })

test('an engine comes back without its memory: nobody is lost meanwhile, and news go on', {
  timeout: 60_000,
}, async () => {
  const first = await EngineProcess.start(['--store.kind', 'memory'])
  const client = createClient({ urls: first.url.href })
  const consumer = joinService(client, named('shop'))
  const cart = joinService(client, named('cart'))
  await Promise.all([consumer.joined(), cart.joined()])
  const provider = discover(client, { consumer, appId, serviceName: 'cart' })
  await provider.ready()
  await untilSignal(client, consumer.serviceId, 'open')
  const changes: Change[] = []
  provider.onChange((change) => changes.push(change))

  const lost = untilSignal(client, consumer.serviceId, 'lost')
  await first.crash()
  await lost
  expect(provider.instances()).toHaveLength(1)
  const second = await EngineProcess.start(['--store.kind', 'memory', '--server.port', first.url.port])

  // The shop finds out by its watch; the cart, which watches nobody, by its heartbeat, for which nobody waits here.
  const other = createClient({ urls: first.url.href })
  const isKnown = ({ serviceId, instanceId }: Membership) =>
    other.instances.get(serviceId, instanceId).then(
      () => true,
      () => false,
    )
  await expect.poll(() => isKnown(consumer), { timeout: 10_000 }).toBe(true)
  expect(await isKnown(cart)).toBe(false)
  expect(provider.instances().map(({ instanceId }) => instanceId)).toEqual([cart.instanceId])
  await cart.beat()
  expect(await isKnown(cart)).toBe(true)
  await expect.poll(() => provider.isCurrent, { timeout: 10_000 }).toBe(true)

  const another = joinService(client, named('cart'))
  await untilList(provider, (instances) => instances.length === 2)
  await another.leave()
  await untilList(provider, (instances) => instances.length === 1)
  const removed = changes.flatMap((change) => change.removed.map(({ instanceId }) => instanceId))
  expect(removed).toEqual([another.instanceId])

  provider.close()
  for (const membership of [consumer, cart]) await membership.leave()
  await second.stop()
})
