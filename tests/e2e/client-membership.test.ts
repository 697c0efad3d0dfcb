import type { MembershipState } from '@rollcall/client'
import { createClient, joinService } from '@rollcall/client'
import { expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { startTestBed, untilState } from './client-fixture.ts'

const service = { appId: 'shop', serviceName: 'cart', version: '1.0.0' }
const instance = { hostName: 'h', endpoints: ['rest://127.0.0.1:8080'] }

test('joins: service and instance are there', async () => {
  await using bed = await startTestBed()
  await using membership = joinService(bed.client, { service, instance })
  expect(membership.state).toEqual({ kind: 'joining' })
  await membership.joined()
  const { serviceId, instanceId } = membership
  expect(membership.state).toEqual({ kind: 'joined', serviceId, instanceId })
  expect(await bed.client.instances.get(serviceId, instanceId)).toMatchObject({ ...instance, status: 'UP' })
})

test('heartbeats keep it alive far beyond its lease; without them it ends', async () => {
  await using bed = await startTestBed()
  const membership = joinService(bed.client, { service, instance })
  await membership.joined()
  for (let beat = 0; beat < 10; beat++) {
    const beaten = bed.untilAnswer(/^PUT .*heartbeat$/)
    bed.clientClock.advance(30_000)
    await beaten
    bed.engineClock.advance(30_000)
  }
  expect(await bed.client.instances.list(membership.serviceId)).toHaveLength(1)
  bed.engineClock.advance(121_000)
  expect(await bed.client.instances.list(membership.serviceId)).toHaveLength(0)
})

test('the interval is that of the health check, less up to a tenth', async () => {
  await using bed = await startTestBed()
  let beats = 0
  const counted: typeof fetch = (target, init) => {
    if (String(target).endsWith('/heartbeat')) beats++
    return fetch(target, init)
  }
  const client = bed.connect({ random: () => 0.5, fetch: counted })
  await using membership = joinService(client, { service, instance: { ...instance, healthCheck: { interval: 10 } } })
  await membership.joined()
  const stored = await client.instances.get(membership.serviceId, membership.instanceId)
  expect(stored.healthCheck).toEqual({ mode: 'push', interval: 10, times: 3 })
  bed.clientClock.advance(9_499)
  await client.version()
  expect(beats).toBe(0)
  bed.clientClock.advance(1)
  await client.version()
  expect(beats).toBe(1)
})

test('a forgotten instance is registered again under the same id, with its latest status', async () => {
  await using bed = await startTestBed()
  await using membership = joinService(bed.client, { service, instance })
  await membership.joined()
  expect(await membership.setStatus('TESTING')).toBe(true)
  const { serviceId, instanceId } = membership
  await bed.client.instances.unregister(serviceId, instanceId)
  await membership.beat()
  expect(await bed.client.instances.get(serviceId, instanceId)).toMatchObject({ status: 'TESTING' })
})

test('a removed service is created again', async () => {
  await using bed = await startTestBed()
  await using membership = joinService(bed.client, { service, instance })
  await membership.joined()
  const { serviceId, instanceId } = membership
  await bed.client.services.remove(serviceId, { force: true })
  await membership.beat()
  expect(await bed.client.services.exists(service)).toBe(serviceId)
  expect(await bed.client.instances.list(serviceId)).toMatchObject([{ instanceId }])
})

test('leaving unregisters at once, and nothing is sent afterwards', async () => {
  await using bed = await startTestBed()
  const membership = joinService(bed.client, { service, instance })
  const states: MembershipState['kind'][] = []
  membership.onState(({ kind }) => states.push(kind))
  await membership.joined()
  await membership.leave()
  await membership.leave()
  expect(states).toEqual(['joined', 'left'])
  expect(await bed.client.instances.list(membership.serviceId)).toHaveLength(0)
  bed.clientClock.advance(60_000)
  await membership.beat()
  expect(await bed.client.instances.list(membership.serviceId)).toHaveLength(0)
  await expect(membership.joined()).rejects.toThrow('has left')
})

test('leaving while joining leaves nothing behind', async () => {
  await using bed = await startTestBed()
  const membership = joinService(bed.client, { service, instance })
  await membership.leave()
  const serviceId = await bed.client.services.exists(service)
  if (serviceId !== undefined) expect(await bed.client.instances.list(serviceId)).toHaveLength(0)
})

test('what the engine refuses is told, not thrown', async () => {
  await using bed = await startTestBed()
  await using membership = joinService(bed.client, { service: { ...service, serviceName: 'no name' }, instance })
  expect(await untilState(membership, 'refused')).toMatchObject({ error: { code: '400001' } })
  await expect(membership.joined()).rejects.toMatchObject({ code: '400001' })
})

test('while no engine answers it tries again, and goes on when one is back, under the same id', async () => {
  const first = await EngineProcess.start(['--store.kind', 'memory'])
  const client = createClient({ urls: first.url.href })
  await using membership = joinService(client, { service, instance })
  await membership.joined()
  const { instanceId } = membership
  await first.crash()
  await membership.beat()
  expect(membership.state).toMatchObject({ kind: 'unreachable' })
  expect(await membership.setStatus('TESTING')).toBe(false)
  const second = await EngineProcess.start(['--store.kind', 'memory', '--server.port', first.url.port])
  await membership.joined()
  const found = await client.instances.get(membership.serviceId, instanceId)
  expect(found).toMatchObject({ instanceId, status: 'TESTING' })
  await membership.leave()
  expect(await client.instances.list(membership.serviceId)).toEqual([])
  await second.stop()
})

test('without an engine from the start it waits for one', async () => {
  const first = await EngineProcess.start(['--store.kind', 'memory'])
  await first.crash()
  await using membership = joinService(createClient({ urls: first.url.href }), { service, instance })
  await untilState(membership, 'unreachable')
  const second = await EngineProcess.start(['--store.kind', 'memory', '--server.port', first.url.port])
  await membership.joined()
  await membership.leave()
  await second.stop()
})
