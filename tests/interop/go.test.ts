import { createHash } from 'node:crypto'
import { expect, type TestContext, test } from 'vitest'
import type { Driver } from './driver.ts'
import { EngineUnderTest } from './engine-under-test.ts'
import { usePublishedClient } from './published-client.ts'
import { buildGoDriver } from './toolchain.ts'

const APP = 'interop-go'
const SWAGGER = 'swagger: "2.0"\ninfo:\n  version: 1.0.0\n  title: hello\npaths: {}\n'
const SECONDS = expect.stringMatching(/^\d{10}$/)
const RECOVERY_WITHIN_MS = 60_000

const client = usePublishedClient(buildGoDriver)

/** A client of the engine that all tests share, or of one of its own. */
async function connect(context: TestContext, engine = client.engine): Promise<Driver> {
  const go = client.start(context)
  await go.got('connect', { address: engine.url.host })
  return go
}

const serviceOf = (serviceName: string, more: object = {}) => ({
  appId: APP,
  serviceName,
  version: '1.0.0',
  status: 'UP',
  registerBy: 'SDK',
  framework: { name: 'Go-Chassis', version: '2.8.0' },
  properties: { team: 'blue' },
  ...more,
})

const instanceOf = (serviceId: string, more: object = {}) => ({
  serviceId,
  hostName: 'go-host',
  endpoints: ['rest://127.0.0.1:8080'],
  status: 'UP',
  healthCheck: { mode: 'push', interval: 30, times: 3 },
  properties: { zone: 'one' },
  ...more,
})

/** A document as it comes back: with what the engine adds. */
const stored = <Document extends object>(document: Document) => ({
  ...document,
  timestamp: SECONDS,
  modTimestamp: SECONDS,
})

const keyOf = (serviceName: string) => ({ appId: APP, serviceName, version: '1.0.0' })

interface Pair {
  readonly serviceId: string
  readonly consumerId: string
}

/** A provider and a consumer that has looked for it. */
async function pairOf(go: Driver, name: string): Promise<Pair> {
  const serviceId = await go.got<string>('register-service', { service: serviceOf(`${name}-provider`) })
  const consumerId = await go.got<string>('register-service', { service: serviceOf(`${name}-consumer`) })
  const search = { consumerId, ...keyOf(`${name}-provider`), version: '0+' }
  expect(await go.got('find', { ...search, withoutRevision: true })).toEqual([])
  return { serviceId, consumerId }
}

test('sc-client finds the engine and goes on at the address that it is told', async (context) => {
  await using go = await connect(context)
  const [self, ...others] = await go.got<object[]>('engines')
  expect(others).toEqual([])
  expect(self).toMatchObject({ status: 'UP', endpoints: [`rest://${client.engine.url.host}/`] })
  await go.got('sync-endpoints')
  expect(await go.got('engines')).toEqual([self])
})

test('sc-client finds the monitoring service as a collector of metrics looks for it', async (context) => {
  await using go = await connect(context)
  const consumerId = await go.got<string>('register-service', { service: serviceOf('monitored') })
  const service = { appId: 'default', serviceName: 'CseMonitoring', version: 'latest' }
  const endpoints = [`rest://${client.engine.url.host}?sslEnabled=false`]
  const instance = { status: 'UP', endpoints }
  expect(await go.got('find', { consumerId, ...service, withoutRevision: true })).toMatchObject([instance])
  const { services } = await go.got<{ services: { updated: readonly { instances: object[] }[] } }>('batch-find', {
    consumerId,
    keys: [{ service }],
  })
  expect(services.updated).toMatchObject([{ instances: [instance] }])
})

test('sc-client registers a service once and reads it back', async (context) => {
  await using go = await connect(context)
  const key = keyOf('once')
  expect(await go.got('service-id', key)).toBe('')

  const service = serviceOf('once', { schemas: ['hello'], alias: 'interop-go:once' })
  const serviceId = await go.got<string>('register-service', { service })
  expect(serviceId).toMatch(/^[0-9a-f]{40}$/)
  expect(await go.got('register-service', { service })).toBe(serviceId)
  expect(await go.got('service-id', key)).toBe(serviceId)
  expect(await go.got('service', { serviceId })).toEqual(stored({ ...service, serviceId, level: 'BACK' }))

  const properties = { team: 'green', size: '3' }
  expect(await go.got('service-properties', { serviceId, service: { properties } })).toBe(true)
  const changed = stored({ ...service, serviceId, level: 'BACK', properties })
  expect(await go.got('service', { serviceId })).toEqual(changed)
  expect(await go.got('services')).toContainEqual(changed)
  expect(await go.got('applications')).toContain(APP)

  const refusal = await go.refusal('service', { serviceId: 'nobody' })
  expect(refusal).toContain('response StatusCode: 400')
  expect(refusal).toContain('"errorCode":"400012"')
  const badName = await go.refusal('register-service', { service: serviceOf('not a name') })
  expect(badName).toMatch(/^client seems to have erred, error: .*"errorCode":"400001".*Name/)
})

test('sc-client uploads a contract and gets the same text', async (context) => {
  await using go = await connect(context)
  const service = serviceOf('contract', { schemas: ['hello'] })
  const serviceId = await go.got<string>('register-service', { service })
  await go.got('add-schema', { serviceId, schemaId: 'hello', schema: SWAGGER })
  expect(JSON.parse(await go.got<string>('schema', { serviceId, schemaId: 'hello' }))).toEqual({ schema: SWAGGER })
  expect(await client.engine.call('GET', `/microservices/${serviceId}/schemas`)).toEqual({
    schemas: [{ schemaId: 'hello', summary: createHash('sha256').update(SWAGGER).digest('hex') }],
  })
  const refusal = await go.refusal('add-schema', { serviceId: 'nobody', schemaId: 'hello', schema: SWAGGER })
  expect(refusal).toMatch(/response StatusCode: 400.*"errorCode":"400012"/)
})

test('sc-client registers instances, keeps them alive, changes them and takes them away', async (context) => {
  await using go = await connect(context)
  const { serviceId, consumerId } = await pairOf(go, 'life')
  const instance = instanceOf(serviceId)
  const instanceId = await go.got<string>('register-instance', { instance })
  const own = instanceOf(serviceId, { instanceId: 'chosen-by-the-client', endpoints: ['rest://127.0.0.1:8081'] })
  expect(await go.got('register-instance', { instance: own })).toBe('chosen-by-the-client')
  const list = () => go.got<object[]>('instances', { serviceId, consumerId })
  const first = stored({ ...instance, instanceId, version: '1.0.0' })
  const second = stored({ ...own, version: '1.0.0' })
  expect(await list()).toEqual([first, second])

  expect(await go.got('heartbeat', { serviceId, instanceId })).toBe(true)
  const status = { serviceId, instanceId: 'chosen-by-the-client', status: 'DOWN' }
  expect(await go.got('status', status)).toBe(true)
  const properties = { zone: 'two', weight: '5' }
  expect(await go.got('instance-properties', { serviceId, instanceId, instance: { properties } })).toBe(true)
  expect(await list()).toEqual([
    { ...first, properties },
    { ...second, status: 'DOWN' },
  ])
  expect(await go.refusal('status', { ...status, status: 'AWAY' })).toMatch(/result: 400 .*"errorCode":"400001"/)

  expect(await go.got('unregister-instance', { serviceId, instanceId })).toBe(true)
  expect(await list()).toEqual([{ ...second, status: 'DOWN' }])
  for (const step of ['heartbeat', 'unregister-instance']) {
    expect(await go.refusal(step, { serviceId, instanceId })).toMatch(/result: 400 .*"errorCode":"400017"/)
  }

  expect(await go.got('unregister-service', { serviceId })).toBe(true)
  expect(await go.got('service-id', keyOf('life-provider'))).toBe('')
  const gone = await go.refusal('register-instance', { instance })
  expect(gone).toMatch(/response StatusCode: 400.*"errorCode":"400012"/)
})

test('sc-client finds providers and is told when nothing has changed', async (context) => {
  await using go = await connect(context)
  const { serviceId, consumerId } = await pairOf(go, 'search')
  const search = { consumerId, ...keyOf('search-provider'), version: '0+' }
  const instance = instanceOf(serviceId)
  const instanceId = await go.got<string>('register-instance', { instance })
  const shown = stored({ ...instance, instanceId, version: '1.0.0' })

  // The client sends the revision of its last find by itself.
  expect(await go.got('find', search)).toEqual([shown])
  expect(await go.refusal('find', search)).toBe('instance is not changed since last query')
  await go.got('status', { serviceId, instanceId, status: 'OUTOFSERVICE' })
  expect(await go.got('find', search)).toEqual([{ ...shown, status: 'OUTOFSERVICE' }])
  expect(await go.refusal('find', search)).toBe('instance is not changed since last query')
  for (const version of ['latest', '1.0.0', '1.0.0+', '1.0.0-2.0.0', '0.0.0.0+']) {
    const found = await go.got('find', { ...search, version, withoutRevision: true })
    expect(found, version).toEqual([{ ...shown, status: 'OUTOFSERVICE' }])
  }
  expect(await go.refusal('find', { ...search, serviceName: 'nobody' })).toBe('micro-service does not exist')

  // It puts that revision, of another list, into the address of a batch, too.
  const service = { ...keyOf('search-provider'), version: '0+' }
  const keys = [{ service }, { service: { ...service, serviceName: 'nobody' } }]
  const batch = await go.got<{ services: { updated: { rev: string }[] } }>('batch-find', { consumerId, keys })
  expect(batch).toEqual({
    services: {
      updated: [{ index: 0, rev: expect.any(String), instances: [{ ...shown, status: 'OUTOFSERVICE' }] }],
      failed: [{ indexes: [1], error: expect.objectContaining({ errorCode: '400012' }) }],
    },
  })
  const rev = batch.services.updated[0]?.rev
  expect(await go.got('batch-find', { consumerId, keys: [{ service, rev }] })).toEqual({
    services: { notModified: [0] },
  })

  expect(await go.got('providers', { consumerId })).toEqual({
    providers: [stored({ ...serviceOf('search-provider'), serviceId, level: 'BACK' })],
  })
  const { properties: _, ...withoutProperties } = { ...shown, status: 'OUTOFSERVICE' }
  expect(await go.got('resources')).toContainEqual({
    microService: stored({ ...serviceOf('search-provider'), serviceId, level: 'BACK' }),
    instances: [withoutProperties],
  })
})

test('sc-client is told of every change by its watch', async (context) => {
  await using go = await connect(context)
  const { serviceId, consumerId } = await pairOf(go, 'watched')
  await go.got('watch', { serviceId: consumerId })
  const instance = instanceOf(serviceId, { instanceId: 'watched' })
  const key = { tenant: 'default/default', ...keyOf('watched-provider') }
  const shown = stored({ ...instance, version: '1.0.0' })
  const change = async () => (await go.untilEvent({ event: 'changed' })).got

  await client.engine.call('POST', `/microservices/${serviceId}/instances`, { instance })
  expect(await change()).toEqual({ action: 'CREATE', key, instance: shown })
  await client.engine.call('PUT', `/microservices/${serviceId}/instances/watched/status?value=DOWN`)
  expect(await change()).toEqual({ action: 'UPDATE', key, instance: { ...shown, status: 'DOWN' } })
  await client.engine.call('DELETE', `/microservices/${serviceId}/instances/watched`)
  expect(await change()).toEqual({ action: 'DELETE', key, instance: { ...shown, status: 'DOWN' } })
  expect(go.pending('changed')).toEqual([])
})

test('an instance that is deleted under its heartbeat channel is registered again at once, each time', async (context) => {
  await using go = await connect(context)
  const { serviceId } = await pairOf(go, 'held')
  const instance = instanceOf(serviceId, { instanceId: 'held' })
  await go.got('register-instance', { instance })
  await go.got('hold', { serviceId, instanceId: 'held', instance })
  for (let time = 0; time < 2; time++) {
    await client.engine.call('DELETE', `/microservices/${serviceId}/instances/held`)
    expect((await go.untilEvent({ event: 'registered-again' })).got).toBe('held')
    const { instances } = await client.engine.call<{ instances: object[] }>(
      'GET',
      `/microservices/${serviceId}/instances`,
    )
    expect(instances).toMatchObject([{ instanceId: 'held', status: 'UP' }])
  }
})

test('watch and heartbeat channel come back by themselves when the engine was killed', async (context) => {
  await using engine = await EngineUnderTest.start()
  await using watcher = await connect(context, engine)
  // In a process of its own: the channels of one client share a map that they do not lock.
  await using holder = await connect(context, engine)
  const { serviceId, consumerId } = await pairOf(watcher, 'restart')
  const instance = instanceOf(serviceId, { instanceId: 'survivor' })
  await holder.got('register-instance', { instance })
  await holder.got('hold', { serviceId, instanceId: 'survivor', instance })
  await watcher.got('watch', { serviceId: consumerId })

  await engine.crash()
  expect(await watcher.refusal('services')).toMatch(/connection refused|EOF|reset/)
  await engine.restart()

  const search = { consumerId, ...keyOf('restart-provider'), version: '0+', withoutRevision: true }
  const shown = stored({ ...instance, version: '1.0.0' })
  expect(await watcher.got('find', search)).toEqual([shown])
  expect(await holder.got('heartbeat', { serviceId, instanceId: 'survivor' })).toBe(true)
  expect(await actionAfter(watcher, engine, `/microservices/${serviceId}/instances/survivor/status`)).toBe('UPDATE')

  await engine.call('DELETE', `/microservices/${serviceId}/instances/survivor`)
  const again = await holder.untilEvent({ event: 'registered-again', withinMs: RECOVERY_WITHIN_MS })
  expect(again.got).toBe('survivor')
  expect(await watcher.got('find', search)).toEqual([shown])
}, 120_000)

const SHOP = [{ resources: [{ type: 'service', labels: { appId: APP } }], verbs: ['*'] }]

test('with an account sc-client logs in and does everything that the account may, and nothing else', async (context) => {
  await using engine = await EngineUnderTest.startWithAccounts()
  await using go = client.start(context)
  const account = await engine.account('go-app', SHOP)
  const address = engine.url.host
  await go.got('connect', { address, ...account, password: 'Wrong-1-password' })
  expect(await go.refusal('services')).toMatch(/401/)
  await go.got('connect', { address, ...account })

  const { serviceId, consumerId } = await pairOf(go, 'guarded')
  const instance = instanceOf(serviceId)
  const instanceId = await go.got<string>('register-instance', { instance })
  expect(await go.got('heartbeat', { serviceId, instanceId })).toBe(true)
  const search = { consumerId, ...keyOf('guarded-provider'), version: '0+', withoutRevision: true }
  expect(await go.got('find', search)).toMatchObject([{ instanceId }])

  const foreign = serviceOf('foreign', { appId: 'another' })
  expect(await go.refusal('register-service', { service: foreign })).toMatch(/"errorCode":"403205".*service:create/)
  // It sends no token with a WebSocket, so it is not let in.
  expect(await go.refusal('watch', { serviceId: consumerId })).toMatch(/bad handshake/)
  expect(await go.refusal('hold', { serviceId, instanceId, instance })).toMatch(/bad handshake/)
})

test('sc-client sends no token with a WebSocket: auth.openSockets lets it watch all the same', async (context) => {
  await using engine = await EngineUnderTest.startWithAccounts(['--auth.openSockets', 'true'])
  await using go = client.start(context)
  await go.got('connect', { address: engine.url.host, ...(await engine.account('go-app', SHOP)) })
  const { serviceId, consumerId } = await pairOf(go, 'open')
  await go.got('watch', { serviceId: consumerId })
  const instance = instanceOf(serviceId, { instanceId: 'seen' })
  await go.got('register-instance', { instance })
  expect((await go.untilEvent({ event: 'changed' })).got).toMatchObject({ action: 'CREATE', instance })
  await go.got('hold', { serviceId, instanceId: 'seen', instance })
  await engine.call('DELETE', `/microservices/${serviceId}/instances/seen`)
  expect((await go.untilEvent({ event: 'registered-again' })).got).toBe('seen')
})

/** Changes the status to and fro until the watch, which opens again at a time of its own, tells of a change. */
async function actionAfter(watcher: Driver, engine: EngineUnderTest, path: string): Promise<string> {
  for (let attempt = 0; attempt < RECOVERY_WITHIN_MS / 500; attempt++) {
    await engine.call('PUT', `${path}?value=${attempt % 2 === 0 ? 'DOWN' : 'UP'}`)
    const told = watcher.untilEvent<{ action: string }>({ event: 'changed', withinMs: 500 })
    const action = await told.then(
      ({ got }) => got.action,
      () => undefined,
    )
    if (action !== undefined) return action
  }
  throw new Error('the watch has not come back')
}
