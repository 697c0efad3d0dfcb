import { afterAll, expect, type TestContext, test } from 'vitest'
import type { Driver } from './driver.ts'
import { EngineUnderTest } from './engine-under-test.ts'
import { JavaApplication } from './java-application.ts'
import { APP, HELLO, instanceOf, keyOf, SWAGGER, serviceOf } from './java-documents.ts'
import { usePublishedClient } from './published-client.ts'
import { buildJavaDriver } from './toolchain.ts'

const SECONDS = expect.stringMatching(/^\d{10}$/)
/** The client beats again after 3, 12 and 27 seconds before it registers anew. */
const REGISTERED_AGAIN_WITHIN_MS = 75_000
const NEVER_MS = 600_000
const OFTEN_MS = 1000
const SLOW_MS = 120_000

const client = usePublishedClient(buildJavaDriver)

let shared: Driver | undefined

afterAll(async () => {
  await shared?.[Symbol.asyncDispose]()
})

/** The one client that the tests of the shared engine have: a Java machine takes seconds to start. */
async function connect(context: TestContext): Promise<Driver> {
  if (shared === undefined) {
    shared = client.start(context)
    await shared.got('connect', { url: client.engine.url.origin })
  }
  return shared
}

/** A document as the client shows it: with what the engine adds. */
const stored = <Document extends object>(document: Document) => ({
  ...document,
  timestamp: SECONDS,
  modTimestamp: SECONDS,
})

const storedService = (serviceId: string, service: object) => ({
  ...stored({ ...service, serviceId }),
  instances: null,
})

async function register(java: Driver, serviceName: string, more: object = {}): Promise<string> {
  const service = serviceOf(serviceName, more)
  return (await java.got<{ serviceId: string }>('register-service', { service })).serviceId
}

async function registerInstance(java: Driver, instance: object): Promise<string> {
  return (await java.got<{ instanceId: string }>('register-instance', { instance })).instanceId
}

/** Starts an application with the client's own loops. */
async function join(java: Driver, serviceName: string, more: object = {}): Promise<JavaApplication> {
  return await JavaApplication.start(java, {
    service: serviceOf(serviceName),
    instance: instanceOf(undefined),
    schemas: [HELLO],
    heartbeatMs: OFTEN_MS,
    pollMs: OFTEN_MS,
    watch: false,
    ...more,
  })
}

test('service-center-client finds the engine and the monitoring service', async (context) => {
  const java = await connect(context)
  const { host, port } = client.engine.url
  const self = await java.got<{ instances: object[] }>('engines')
  expect(self.instances).toMatchObject([{ status: 'UP', endpoints: [`rest://${host}/`], version: /\d/ }])
  const consumerId = await register(java, 'monitored')
  const search = { consumerId, appId: 'default', serviceName: 'CseMonitoring', version: 'latest' }
  expect(await java.got('find', search)).toMatchObject({
    modified: true,
    microserviceInstancesResponse: {
      instances: [{ status: 'UP', endpoints: [`rest://127.0.0.1:${port}?sslEnabled=false`] }],
    },
  })
  // Without access control there is no token to be had, and the client goes on without one.
  expect(await java.got('token')).toEqual({ statusCode: 404, token: null, errorCode: null })
})

/** A document of the dashboard client, with all members that its class has. */
const monitorData = (name: string, total: number) => ({
  appId: APP,
  version: '1.0.0',
  name,
  serviceId: `service-id-of-${name}`,
  environment: 'development',
  instance: 'java-host',
  instanceId: `instance-of-${name}`,
  threadCount: 12,
  cpu: 1.5,
  loadAverage: 0.5,
  uptime: 123_456,
  memory: { heapInit: 1, headMax: 2, heapCommit: 3, heapUsed: 4 },
  interfaces: [
    {
      name: `Provider.${name}.hello.say`,
      qps: total / 10,
      latency: 17,
      ...{ l995: 71, l99: 62, l90: 53, l75: 41, l50: 16, l25: 9, l5: 4 },
      rate: 0.75,
      failureRate: 0.25,
      total,
      failure: total / 4,
      circuitBreakerOpen: total > 50,
    },
  ],
})

test('dashboard-client uploads to the address that it finds, by both paths, and never fails', async (context) => {
  const java = await connect(context)
  const consumerId = await register(java, 'reporting')
  const search = { consumerId, appId: 'default', serviceName: 'CseMonitoring', version: 'latest' }
  const found = await java.got<{
    microserviceInstancesResponse: { instances: readonly { endpoints: readonly string[] }[] }
  }>('find', search)
  const addresses = found.microserviceInstancesResponse.instances.flatMap(({ endpoints }) => endpoints)
  const name = 'dashboard'
  const current = async () => {
    const path = `/v3/default/csemonitor/metric?service=${name}&by=interface`
    return (await fetch(new URL(path, client.engine.url))).json()
  }
  const query = `metric?service=${name}`
  await java.got('upload-metrics', {
    addresses,
    path: `/v2/default/csemonitor/${query}`,
    document: monitorData(name, 40),
  })
  const numbers = { latency: 17, l99: 62, failureRate: 25, silent: false }
  expect(await current()).toMatchObject([{ ...numbers, total: 40, failure: 10, circuitBreakerOpen: false }])

  await java.got('upload-metrics', { addresses, path: `/csemonitor/v1/${query}`, document: monitorData(name, 60) })
  expect(await current()).toMatchObject([{ ...numbers, total: 100, failure: 25, circuitBreakerOpen: true }])

  const nobody = { addresses: ['http://127.0.0.1:1'], path: `/v2/default/csemonitor/${query}` }
  await java.got('upload-metrics', { ...nobody, document: monitorData(name, 1) })
})

test('service-center-client registers a service once and reads it back', async (context) => {
  const java = await connect(context)
  const service = serviceOf('once')
  expect(await java.got('service-id', { service })).toBeNull()
  const serviceId = await register(java, 'once')
  expect(serviceId).toMatch(/^[0-9a-f]{40}$/)
  expect(await register(java, 'once')).toBe(serviceId)
  expect(await java.got('service-id', { service })).toEqual({ serviceId })
  expect(await java.got('service', { serviceId })).toEqual(storedService(serviceId, service))

  const properties = { team: 'green', size: '3' }
  const framework = { name: 'servicecomb-java-chassis', version: '2.8.31' }
  expect(await java.got('service-properties', { serviceId, properties, framework })).toBe(true)
  const changed = await java.got<object>('service', { serviceId })
  expect(changed).toMatchObject({ properties })
  const list = await java.got<{ services: object[] }>('services')
  expect(list.services).toContainEqual(changed)

  const refusal = await java.refusal('service', { serviceId: 'nobody' })
  expect(refusal).toMatch(/^OperationException: .*statusCode = 400;.*"errorCode":"400012"/)
  const badName = await java.refusal('register-service', { service: serviceOf('not a name') })
  expect(badName).toMatch(/^OperationException: .*statusCode = 400;.*"errorCode":"400001".*Name/)
})

test('service-center-client uploads contracts and gets the same texts', async (context) => {
  const java = await connect(context)
  const serviceId = await register(java, 'contract', { schemas: ['hello', 'bye'] })
  const { schemaId, schema, summary } = HELLO
  expect(await java.got('register-schema', { serviceId, schemaId, request: { schema, summary } })).toBe(true)
  expect(await java.got('schema', { serviceId, schemaId })).toBe(SWAGGER)
  expect(await java.got('schemas', { serviceId, withText: true })).toEqual([
    { schemaId: 'bye', schema: null, summary: null },
    HELLO,
  ])
  const bye = { schemaId: 'bye', schema: `${SWAGGER}x-bye: true\n`, summary: 'b'.repeat(64) }
  expect(await java.got('register-schemas', { serviceId, schemas: [HELLO, bye] })).toBe(true)
  expect(await java.got('schemas', { serviceId, withText: true })).toEqual([bye, HELLO])
  expect(await java.got('schemas', { serviceId })).toEqual([
    { ...bye, schema: null },
    { ...HELLO, schema: null },
  ])
  const refusal = await java.refusal('schema', { serviceId, schemaId: 'nobody' })
  expect(refusal).toMatch(/^OperationException: .*statusCode = 400;.*"errorCode":"400016"/)
})

test('service-center-client registers instances, keeps them alive, changes and deletes them', async (context) => {
  const java = await connect(context)
  const serviceId = await register(java, 'life')
  const instanceId = await registerInstance(java, instanceOf(serviceId))
  const own = instanceOf(serviceId, { instanceId: 'chosen-by-the-client', endpoints: ['rest://127.0.0.1:18081'] })
  expect(await registerInstance(java, own)).toBe('chosen-by-the-client')
  const list = () => java.got('instances', { serviceId })
  const first = stored({ ...instanceOf(serviceId), instanceId })
  const second = stored(own)
  expect(await list()).toEqual({ instances: [first, second] })

  expect(await java.got('heartbeat', { serviceId, instanceId })).toBe(true)
  await java.got('heartbeats', { serviceId, instanceId, otherInstanceId: 'chosen-by-the-client' })
  const target = { serviceId, instanceId: 'chosen-by-the-client' }
  expect(await java.got('status', { ...target, status: 'DOWN' })).toBe(true)
  expect(await java.got('instance', target)).toEqual({ ...second, status: 'DOWN' })

  await java.got('unregister-instance', target)
  expect(await list()).toEqual({ instances: [first] })
  const missed = await java.refusal('heartbeat', target)
  expect(missed).toMatch(/^OperationException: .*statusCode = 400;.*"errorCode":"400017"/)
  const unknown = await java.refusal('instance', target)
  expect(unknown).toMatch(/^OperationException: .*statusCode = 400;.*"errorCode":"400017"/)
  expect(await java.got('service-id', { service: serviceOf('life') })).toEqual({ serviceId })
})

test('service-center-client finds providers and is told when nothing has changed', async (context) => {
  const java = await connect(context)
  const serviceId = await register(java, 'provider')
  const consumerId = await register(java, 'consumer')
  const search = { consumerId, ...keyOf('provider'), version: '0+' }
  const instanceId = await registerInstance(java, instanceOf(serviceId))
  const shown = stored({ ...instanceOf(serviceId), instanceId })
  const list = (...instances: object[]) => ({
    modified: true,
    revision: expect.any(String),
    microserviceInstancesResponse: { instances },
  })
  const unchanged = { modified: false, revision: null, microserviceInstancesResponse: null }

  const { revision } = await java.got<{ revision: string }>('find', search)
  expect(await java.got('find', search)).toEqual({ ...list(shown), revision })
  expect(await java.got('find', { ...search, revision })).toEqual(unchanged)
  expect(await java.got('find', { ...search, revision: 'wrong' })).toEqual({ ...list(shown), revision })
  for (const version of ['latest', '1.0.0', '1.0.0+', '1.0.0-2.0.0', '0.0.0.0+']) {
    expect(await java.got('find', { ...search, version }), version).toEqual(list(shown))
  }
  await java.got('status', { serviceId, instanceId, status: 'OUTOFSERVICE' })
  expect(await java.got('find', { ...search, revision })).toEqual(list({ ...shown, status: 'OUTOFSERVICE' }))
  await java.got('unregister-instance', { serviceId, instanceId })
  expect(await java.got('find', { ...search, revision })).toEqual(list())
  const refusal = await java.refusal('find', { ...search, serviceName: 'nobody' })
  expect(refusal).toMatch(/^OperationException: .*statusCode = 400;.*"errorCode":"400012"/)
})

test("the client's own loops register, beat, find and follow what the watch pushes", async (context) => {
  const java = await connect(context)
  const providerId = await register(java, 'pushed')
  // The next poll would be ten minutes away: what is heard of came by the watch.
  const application = await join(java, 'loops', { pollMs: NEVER_MS, watch: true })
  const { serviceId, instanceId } = await application.untilTold('heartbeat', true)
  for (const event of ['microservice', 'schemas', 'instance']) {
    expect(application.pending(event), event).toMatchObject([{ success: true }])
  }
  expect(await java.got('service', { serviceId })).toEqual(storedService(serviceId, serviceOf('loops')))
  expect(await java.got('schemas', { serviceId, withText: true })).toEqual([HELLO])
  expect(await java.got('instance', { serviceId, instanceId })).toEqual(
    stored({ ...instanceOf(serviceId), instanceId }),
  )

  await application.untilWatching()
  await application.subscribe(keyOf('pushed'))
  expect(await application.known(keyOf('pushed'))).toEqual([])
  const instance = instanceOf(providerId, { instanceId: 'pushed' })
  const path = `/microservices/${providerId}/instances`
  await client.engine.call('POST', path, { instance })
  const shown = stored(instance)
  expect(await application.untilList('pushed')).toEqual([shown])
  await client.engine.call('PUT', `${path}/pushed/status?value=DOWN`)
  expect(await application.untilList('pushed')).toEqual([{ ...shown, status: 'DOWN' }])
  await client.engine.call('DELETE', `${path}/pushed`)
  expect(await application.untilList('pushed')).toEqual([])
  expect(await application.known(keyOf('pushed'))).toEqual([])
  expect(application.pending('push')).toEqual([keyOf('pushed'), keyOf('pushed'), keyOf('pushed')])
  await application.stop()
})

test('polls without a watch tell of a change once', async (context) => {
  const java = await connect(context)
  const providerId = await register(java, 'polled')
  const application = await join(java, 'polling')
  await application.untilTold('heartbeat', true)
  await application.subscribe(keyOf('polled'))
  await registerInstance(java, instanceOf(providerId, { instanceId: 'polled' }))
  expect(await application.untilList('polled')).toMatchObject([{ instanceId: 'polled' }])
  // Heartbeats and polls have the same interval: several polls have found nothing new meanwhile.
  for (let beats = 0; beats < 3; beats++) await application.untilTold('heartbeat', true)
  expect(application.pending('instances')).toEqual([])
  await application.stop()
})

test(
  'heartbeats and polls go on by themselves when the engine was killed',
  async (context) => {
    await using engine = await EngineUnderTest.start()
    await using java = client.start(context)
    await java.got('connect', { url: engine.url.origin })
    const providerId = await register(java, 'later')
    const application = await join(java, 'survivor', { watch: true })
    const before = await application.untilTold('heartbeat', true)
    await application.untilWatching()
    await application.subscribe(keyOf('later'))

    await engine.crash()
    await application.untilTold('heartbeat', false)
    await engine.restart()

    expect(await application.untilTold('heartbeat', true, REGISTERED_AGAIN_WITHIN_MS)).toEqual(before)
    // On a busy machine the engine may be away for three beats; then this client registers again, and gets what it had.
    for (const registered of application.registrations()) expect(registered).toEqual(before)
    expect(await java.got('instances', { serviceId: before.serviceId })).toEqual({
      instances: [stored({ ...instanceOf(before.serviceId), instanceId: before.instanceId })],
    })
    await registerInstance(java, instanceOf(providerId, { instanceId: 'later' }))
    expect(await application.untilList('later')).toMatchObject([{ instanceId: 'later' }])

    // This client never opens a watch again that was closed under it; a new one that the application opens works.
    expect(application.pending('push')).toEqual([])
    await application.watch()
    await application.untilWatching()
    await java.got('unregister-instance', { serviceId: providerId, instanceId: 'later' })
    expect(await application.untilPush()).toEqual(keyOf('later'))
    expect(await application.untilList('later')).toEqual([])
  },
  SLOW_MS,
)

test(
  'with an account service-center-client logs in, and its loops and its watch go on with the token',
  async (context) => {
    await using engine = await EngineUnderTest.startWithAccounts()
    await using java = client.start(context)
    const perms = [
      { resources: ['service', 'service/schema'].map((type) => ({ type, labels: { appId: APP } })), verbs: ['*'] },
    ]
    const account = await engine.account('java-app', perms)
    await java.got('connect', { url: engine.url.origin, ...account })
    expect(await java.got('token')).toMatchObject({ statusCode: 200, token: expect.stringMatching(/^ey/) })

    const providerId = await register(java, 'guarded')
    const application = await join(java, 'signed-in', { pollMs: NEVER_MS, watch: true })
    const { serviceId, instanceId } = await application.untilTold('heartbeat', true)
    await application.untilWatching()
    await application.subscribe(keyOf('guarded'))
    await engine.call('POST', `/microservices/${providerId}/instances`, {
      instance: instanceOf(providerId, { instanceId: 'pushed' }),
    })
    expect(await application.untilList('guarded')).toMatchObject([{ instanceId: 'pushed' }])
    expect(await java.got('instance', { serviceId, instanceId })).toMatchObject({ instanceId })

    const foreign = serviceOf('foreign', { appId: 'another', alias: '' })
    expect(await java.refusal('register-service', { service: foreign })).toMatch(/403.*service:create/s)
    await application.stop()

    await using stranger = client.start(context)
    await stranger.got('connect', { url: engine.url.origin, ...account, password: 'Wrong-1-password' })
    // It tries a wrong password again and again, until it is locked out.
    const refused = { token: null, errorCode: expect.stringMatching(/^(401002|403201)$/) }
    expect(await stranger.got('token')).toMatchObject(refused)
    expect(await stranger.refusal('service', { serviceId })).toMatch(/401/)
  },
  SLOW_MS,
)

test(
  'an instance whose record is deleted is registered again with its id',
  async (context) => {
    const java = await connect(context)
    const application = await join(java, 'forgotten')
    const before = await application.untilTold('heartbeat', true)
    await application.untilTold('instance', true)
    const { serviceId, instanceId } = before
    await client.engine.call('DELETE', `/microservices/${serviceId}/instances/${instanceId}`)
    await application.untilTold('heartbeat', false)
    expect(await application.untilTold('instance', true, REGISTERED_AGAIN_WITHIN_MS)).toEqual(before)
    expect(await application.untilTold('heartbeat', true)).toEqual(before)
    expect(await java.got('instance', { serviceId, instanceId })).toEqual(
      stored({ ...instanceOf(serviceId), instanceId }),
    )
    await application.stop()
  },
  SLOW_MS,
)
