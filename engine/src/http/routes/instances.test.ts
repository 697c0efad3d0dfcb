import { beforeEach, describe, expect, test } from 'vitest'
import type { Reply } from '../../test-engine.ts'
import { useEngine } from '../../test-engine.ts'

const engine = useEngine({ base: '/v4/default/registry' })
const { call, clock } = engine
let serviceId: string

beforeEach(async () => {
  serviceId = (await call('POST', '/microservices', { service: { serviceName: 's', version: '3.0' } })).json.serviceId
})

const at = (rest = '') => `/microservices/${serviceId}/instances${rest}`
const register = (instance: object = {}) => call('POST', at(), { instance: { hostName: 'h', ...instance } })
const get = async (id: string) => (await call('GET', at(`/${id}`))).json.instance
const outcome = ({ status, json }: Reply) => [status, json?.errorCode]

describe('register', () => {
  test('answers an id of 32 hex digits; the instance is there with its defaults', async () => {
    const { status, json } = await register()
    expect(status).toBe(200)
    expect(json.instanceId).toMatch(/^[0-9a-f]{32}$/)
    expect(await get(json.instanceId)).toMatchObject({
      serviceId,
      version: '3.0',
      status: 'UP',
      healthCheck: { mode: 'push', interval: 30, times: 3 },
    })
  })

  test('a known id again is 200 and keeps the old data', async () => {
    await register({ instanceId: 'i', endpoints: ['rest://old'] })
    expect(await register({ instanceId: 'i', endpoints: ['rest://new'] })).toEqual({
      status: 200,
      json: { instanceId: 'i' },
    })
    expect((await get('i')).endpoints).toEqual(['rest://old'])
  })

  test.each([
    ['no instance', {}, "field 'RegisterInstanceRequest.Instance' invalid value '<nil>'"],
    ['no host', { instance: {} }, "field 'MicroServiceInstance.HostName'"],
    ['a bad id', { instance: { hostName: 'h', instanceId: 'a/b' } }, "field 'MicroServiceInstance.InstanceId'"],
    [
      'a health check without mode',
      { instance: { hostName: 'h', healthCheck: { interval: 5 } } },
      "field 'HealthCheck.Mode'",
    ],
    [
      'more than 5120 bytes',
      { instance: { hostName: 'h', properties: { a: 'x'.repeat(5120) } } },
      'http: request body too large',
    ],
  ])('%s is refused', async (_, body, words) => {
    const { status, json } = await call('POST', at(), body)
    expect([status, json.errorCode]).toEqual([400, '400001'])
    expect(json.detail).toContain(words)
  })

  test('an unknown service', async () => {
    const reply = await call('POST', '/microservices/x/instances', { instance: { hostName: 'h' } })
    expect(reply.json).toMatchObject({ errorCode: '400012', detail: "Invalid 'serviceID' in request body." })
  })
})

describe('heartbeats', () => {
  test('of a living, an unknown and a badly named one', async () => {
    await register({ instanceId: 'i' })
    expect(outcome(await call('PUT', at('/i/heartbeat')))).toEqual([200, undefined])
    expect(outcome(await call('PUT', at('/x/heartbeat')))).toEqual([400, '400017'])
    expect(outcome(await call('PUT', at('/a:b/heartbeat')))).toEqual([400, '400001'])
  })

  test('decide who lives when time passes', async () => {
    await register({ instanceId: 'beating' })
    await register({ instanceId: 'silent' })
    clock.advance(100_000)
    await call('PUT', at('/beating/heartbeat'))
    clock.advance(21_000)
    expect(outcome(await call('PUT', at('/beating/heartbeat')))).toEqual([200, undefined])
    expect(outcome(await call('PUT', at('/silent/heartbeat')))).toEqual([400, '400017'])
    expect((await call('GET', at())).json.instances).toHaveLength(1)
  })

  test('many at once: a result for each, once', async () => {
    await register({ instanceId: 'i' })
    const instances = [
      { serviceId, instanceId: 'i' },
      { serviceId, instanceId: 'x' },
      { serviceId, instanceId: 'i' },
      {},
    ]
    const errMessage = 'Instance does not exist(leaseId not exist, instance not exist)'
    expect(await call('PUT', '/heartbeats', { instances })).toEqual({
      status: 200,
      json: {
        instances: [{ serviceId, instanceId: 'i' }, { serviceId, instanceId: 'x', errMessage }, { errMessage }],
      },
    })
  })

  test.each([
    [{}, 'Request format invalid.'],
    [{ instances: [] }, 'Request format invalid.'],
    [{ instances: [null] }, 'invalid nil pointer'],
  ])('many: %j', async (body, detail) => {
    expect((await call('PUT', '/heartbeats', body)).json).toMatchObject({ errorCode: '400001', detail })
  })
})

describe('state, properties and the end', () => {
  beforeEach(() => register({ instanceId: 'i', properties: { zone: 'east' } }))

  test.each(['UP', 'DOWN', 'STARTING', 'TESTING', 'OUTOFSERVICE'])('status %s', async (status) => {
    expect(outcome(await call('PUT', at(`/i/status?value=${status}`)))).toEqual([200, undefined])
    expect((await get('i')).status).toBe(status)
  })

  test.each(['', '?value=', '?value=up', '?value=GONE'])('status "%s" is refused', async (search) => {
    expect(outcome(await call('PUT', at(`/i/status${search}`)))).toEqual([400, '400001'])
  })

  test('the status of all that match, and words that are no state', async () => {
    await register({ instanceId: 'west', properties: { zone: 'west' } })
    const change = (status: string) =>
      call('PUT', '/instances/status', { matches: { properties: { zone: 'east' } }, status })
    expect(outcome(await change('DOWN'))).toEqual([200, undefined])
    expect([(await get('i')).status, (await get('west')).status]).toEqual(['DOWN', 'UP'])
    expect(outcome(await change('GONE'))).toEqual([400, '400001'])
  })

  test('properties: ids in the body do not count', async () => {
    await register({ instanceId: 'j' })
    const body = { instanceId: 'j', serviceId: 'x', properties: { a: 'b' } }
    expect(outcome(await call('PUT', at('/i/properties'), body))).toEqual([200, undefined])
    expect((await get('i')).properties).toEqual({ a: 'b' })
    expect((await get('j')).properties).toBeUndefined()
  })

  test('unregistered, it is gone for every request', async () => {
    expect(outcome(await call('DELETE', at('/i')))).toEqual([200, undefined])
    for (const [method, path, body] of [
      ['DELETE', at('/i')],
      ['GET', at('/i')],
      ['PUT', at('/i/heartbeat')],
      ['PUT', at('/i/status?value=UP')],
      ['PUT', at('/i/properties'), { properties: {} }],
    ] as const) {
      expect(outcome(await call(method, path, body)), `${method} ${path}`).toEqual([400, '400017'])
    }
    expect((await call('GET', at())).json).toEqual({})
  })
})

describe('drain', () => {
  const listed = async () =>
    (await call('GET', at())).json.instances?.map((one: { instanceId: string }) => one.instanceId)
  const found = async () => {
    const { json } = await call('GET', '/instances?appId=default&serviceName=s')
    return json.instances.map((one: { instanceId: string }) => one.instanceId)
  }

  test('hides the instance from finds, says until when, and removes it then', async () => {
    await register({ instanceId: 'i' })
    await register({ instanceId: 'j' })
    expect(await call('PUT', at('/i/drain?seconds=60'))).toEqual({ status: 200, json: undefined })
    expect(await found()).toEqual(['j'])
    expect(await listed()).toEqual(['i', 'j'])
    expect(await get('i')).toMatchObject({ status: 'UP', drainingUntil: String(clock.now() / 1000 + 60) })
    clock.advance(30_000)
    expect(outcome(await call('PUT', at('/i/heartbeat')))).toEqual([200, undefined])
    clock.advance(30_000)
    await expect.poll(listed).toEqual(['j'])
    expect(outcome(await call('PUT', at('/i/heartbeat')))).toEqual([400, '400017'])
  })

  test('is cancelled by DELETE', async () => {
    await register({ instanceId: 'i' })
    await call('PUT', at('/i/drain?seconds=60'))
    expect(await call('DELETE', at('/i/drain'))).toEqual({ status: 200, json: undefined })
    expect(await found()).toEqual(['i'])
    expect(await get('i')).not.toHaveProperty('drainingUntil')
  })

  test.each([
    '',
    '?seconds=',
    '?seconds=-1',
    '?seconds=1.5',
    '?seconds=ten',
    '?seconds=1e3',
    '?seconds=86401',
    '?seconds=99999999999999999999',
  ])('"%s" is refused by name, and nothing changes', async (query) => {
    await register({ instanceId: 'i' })
    const { status, json } = await call('PUT', at(`/i/drain${query}`))
    expect([status, json.errorCode]).toEqual([400, '400001'])
    expect(json.detail).toContain('parameter seconds must be a whole number from 0 to 86400')
    expect(await found()).toEqual(['i'])
  })

  test.each([
    ['PUT', '/nobody/drain?seconds=1', '400017'],
    ['DELETE', '/nobody/drain', '400017'],
    ['PUT', '/a%20b/drain?seconds=1', '400001'],
  ])('%s %s is %s', async (method, path, code) => {
    expect(outcome(await call(method, at(path)))).toEqual([400, code])
  })

  test('the older prefix does not have it', async () => {
    const response = await fetch(`${engine.url}/registry/v3${at('/i/drain?seconds=1')}`, { method: 'PUT' })
    expect(response.status).toBe(404)
  })
})
