import { once } from 'node:events'
import { createServer } from 'node:net'
import { ConnectionError, createClient, isRefusal, RollcallError } from '@rollcall/client'
import { ManualClock } from '@rollcall/engine/kernel/manual-clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestBed } from './client-fixture.ts'
import { startTestBed } from './client-fixture.ts'

let bed: TestBed
beforeAll(async () => {
  bed = await startTestBed()
})
afterAll(() => bed.engine.close())

const cart = { appId: 'shop', serviceName: 'cart', version: '1.0.0' }

test('services: created once, found, changed, removed', async () => {
  const { services } = bed.client
  expect(await services.exists(cart)).toBeUndefined()
  const id = await services.create({ ...cart, properties: { a: '1' } })
  expect(await services.create(cart)).toBe(id)
  expect(await services.exists(cart)).toBe(id)
  expect(await services.exists({ ...cart, version: '2.0.0' })).toBeUndefined()
  await services.updateProperties(id, { b: '2' })
  expect(await services.get(id)).toMatchObject({ ...cart, serviceId: id, properties: { b: '2' } })
  expect((await services.list()).map(({ serviceId }) => serviceId)).toEqual([id])
  expect((await services.list({ withShared: true })).length).toBeGreaterThan(1)
  await services.remove(id)
  await expect(services.get(id)).rejects.toMatchObject({
    status: 400,
    code: '400012',
    detail: 'Service does not exist.',
  })
})

test('instances: registered, beaten for, changed, found, unregistered', async () => {
  const { services, instances, find, findBatch } = bed.client
  const serviceId = await services.create(cart)
  const instanceId = await instances.register(serviceId, { hostName: 'h', endpoints: ['rest://127.0.0.1:1'] })
  await instances.heartbeat(serviceId, instanceId)
  const results = await instances.heartbeats([
    { serviceId, instanceId },
    { serviceId, instanceId: 'none' },
  ])
  expect(results.map(({ errMessage }) => errMessage === undefined).sort()).toEqual([false, true])
  await instances.setStatus(serviceId, instanceId, 'TESTING')
  await instances.updateProperties(serviceId, instanceId, { zone: 'z' })
  const expected = { instanceId, status: 'TESTING', properties: { zone: 'z' }, version: '1.0.0' }
  expect(await instances.get(serviceId, instanceId)).toMatchObject(expected)
  expect(await instances.list(serviceId)).toMatchObject([expected])
  const found = await find(cart)
  expect(found).toMatchObject({ kind: 'changed', instances: [expected] })
  expect(await find({ ...cart, rev: found.revision })).toEqual({ kind: 'unchanged', revision: found.revision })
  const batch = await findBatch({ services: [{ service: cart }, { service: { appId: 'shop', serviceName: 'none' } }] })
  expect(batch.services).toMatchObject({ updated: [{ index: 0 }], failed: [{ indexes: [1] }] })
  await instances.unregister(serviceId, instanceId)
  const error = await instances.heartbeat(serviceId, instanceId).catch((refused: unknown) => refused)
  expect(isRefusal(error, 'InstanceNotFound')).toBe(true)
  await services.remove(serviceId)
})

test('the engine says who it is', async () => {
  expect((await bed.client.version()).version).toBe(bed.engine.version)
  expect(await bed.client.isReady()).toBe(true)
  expect((await bed.client.health()).length).toBe(1)
})

test('domain and project are worlds of their own', async () => {
  const elsewhere = bed.connect({ domain: 'other', project: 'p1' })
  const id = await elsewhere.services.create(cart)
  expect(await elsewhere.services.list()).toHaveLength(1)
  expect(await bed.client.services.exists(cart)).toBeUndefined()
  await elsewhere.services.remove(id)
})

test('an address that refuses is passed over, and the one that answers is kept', async () => {
  const client = bed.connect({ urls: [await deadUrl(), `${bed.engine.url}/`] })
  expect(await client.isReady()).toBe(true)
  expect(client.url).toBe(bed.engine.url)
  await client.services.list()
  expect(client.url).toBe(bed.engine.url)
})

test('when nobody answers, the error says where it was tried and why', async () => {
  const urls = [await deadUrl(), await deadUrl()]
  const error = await createClient({ urls })
    .version()
    .catch((failed: unknown) => failed)
  expect(error).toBeInstanceOf(ConnectionError)
  expect((error as ConnectionError).attempts).toEqual(urls.map((url) => ({ url, reason: 'ECONNREFUSED' })))
})

test('an answer that does not come ends with an error in time', async () => {
  await using mute = await startMute()
  const clock = new ManualClock()
  const client = createClient({ urls: mute.url, clock, timeoutMs: 400 })
  const asked = once(mute.server, 'connection')
  const failed = client.version().catch((error: unknown) => error)
  await asked
  clock.advance(400)
  expect(String(await failed)).toContain('no answer within 400 ms')
})

test('a registration that may have arrived is not sent again elsewhere', async () => {
  await using mute = await startMute()
  const clock = new ManualClock()
  const client = createClient({ urls: [mute.url, bed.engine.url], clock, timeoutMs: 400 })
  const asked = once(mute.server, 'connection')
  const failed = client.instances.register('any', { hostName: 'h' }).catch((error: unknown) => error)
  await asked
  clock.advance(400)
  expect((await failed) as ConnectionError).toMatchObject({ attempts: [{ url: mute.url }] })
})

test('what is no answer of a registry is an error without a code', async () => {
  const strange = createClient({ urls: `${bed.engine.url}/nowhere` })
  const error = await strange.version().catch((failed: unknown) => failed)
  expect(error).toBeInstanceOf(RollcallError)
  expect(error).toMatchObject({ status: 404, code: '', detail: '404 page not found' })
})

test('an address must be a URL', () => {
  expect(() => createClient({ urls: 'localhost:30100' })).toThrow(TypeError)
  expect(() => createClient({ urls: [] })).toThrow(TypeError)
})

/** An address at which nobody listens. */
async function deadUrl(): Promise<string> {
  const { server, url } = await startMute()
  server.close()
  await once(server, 'close')
  return url
}

/** Takes connections and says nothing. */
async function startMute() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const close = async () => {
    server.close()
  }
  server.on('connection', (socket) => socket.on('error', () => socket.destroy()).resume())
  return { server, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close }
}
