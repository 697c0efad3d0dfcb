import { beforeEach, describe, expect, test } from 'vitest'
import type { Reply } from '../../test-engine.ts'
import { useEngine } from '../../test-engine.ts'

const { call, send } = useEngine({ base: '/v4/default/registry' })

const create = (service: object, more: object = {}) => call('POST', '/microservices', { service, ...more })
const refusal = ({ status, json }: Reply) => [status, json.errorCode, json.detail]

describe('create', () => {
  test('answers the id, and the service with its defaults is there', async () => {
    const { status, json } = await create({ serviceName: 's' })
    expect([status, Object.keys(json)]).toEqual([200, ['serviceId']])
    expect((await call('GET', `/microservices/${json.serviceId}`)).json.service).toMatchObject({
      serviceName: 's',
      appId: 'default',
      version: '0.0.1',
      level: 'BACK',
      status: 'UP',
    })
    expect((await call('GET', '/microservices')).json.services).toHaveLength(1)
  })

  test('64 at the same time, on 64 connections, make one', async () => {
    const replies = await Promise.all(Array.from({ length: 64 }, () => create({ serviceName: 's' })))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(replies.map(({ json }) => json.serviceId)).size).toBe(1)
    expect((await call('GET', '/microservices')).json.services).toHaveLength(1)
  })

  test('with tags and instances: all are there when it answers', async () => {
    const instances = Array.from({ length: 6 }, (_, n) => ({ hostName: `h${n}` }))
    const { serviceId } = (await create({ serviceName: 's' }, { tags: { a: 'b' }, rules: [{}], instances })).json
    expect((await call('GET', `/microservices/${serviceId}/instances`)).json.instances).toHaveLength(6)
    expect((await call('GET', `/microservices/${serviceId}/tags`)).json.tags).toEqual({ a: 'b' })
  })

  test('a body with only rules is answered', async () => {
    expect((await create({ serviceName: 's' }, { rules: [{ ruleType: 'BLACK' }] })).status).toBe(200)
  })

  test('a bad tag does not refuse the service, and is told', async () => {
    const reply = await create({ serviceName: 's' }, { tags: { '9': 'x' }, instances: [{ hostName: '' }, null] })
    expect(reply.status).toBe(400)
    expect(reply.json.detail).toMatch(
      /^errMessages: \[Invalid parameter\(s\)\(field 'AddServiceTagsRequest.Tags' .* Invalid parameter\(s\)\(field 'MicroServiceInstance.HostName' .* Invalid parameter\(s\)\(invalid nil pointer\)\]$/,
    )
    const [service] = (await call('GET', '/microservices')).json.services
    expect((await call('GET', `/microservices/${service.serviceId}/instances`)).json).toEqual({})
  })

  test.each([
    ['no service', {}, 'Request body is empty'],
    ['an empty body', '', 'the body is not JSON'],
    ['a bad name', { service: { serviceName: '@' } }, "field 'MicroService.ServiceName' invalid value '@'"],
    ['a slash in the id', { service: { serviceName: 's', serviceId: 'a/b' } }, "field 'MicroService.ServiceId'"],
  ])('%s is refused', async (_, body, words) => {
    const { status, json } = await call('POST', '/microservices', body)
    expect([status, json.errorCode]).toEqual([400, '400001'])
    expect(json.detail).toContain(words)
  })

  test('an id that belongs to another is refused', async () => {
    await create({ serviceName: 's', serviceId: 'mine' })
    expect(refusal(await create({ serviceName: 't', serviceId: 'mine' }))).toEqual([
      400,
      '400010',
      'ServiceID conflict or found the same service with different id.',
    ])
  })
})

describe('existence', () => {
  test.each([
    ['a version that is there', '&serviceName=s&version=1.0.0', [200, undefined]],
    ['its alias', '&serviceName=nick&version=1.0.0', [200, undefined]],
    ['another version', '&serviceName=s&version=2.0.0', [400, '400026']],
    ['another name', '&serviceName=t&version=1.0.0', [400, '400012']],
    ['another environment', '&serviceName=s&version=1.0.0&env=testing', [400, '400012']],
    ['no version', '&serviceName=s', [400, '400001']],
    ['a range', '&serviceName=s&version=1.0.0%2B', [400, '400001']],
  ])('%s', async (_, search, expected) => {
    await create({ serviceName: 's', alias: 'nick', version: '1.0.0' })
    const { status, json } = await call('GET', `/existence?type=microservice&appId=default${search}`)
    expect([status, json.errorCode]).toEqual(expected)
  })

  test.each(['', '?type=', '?type=other'])('of what? "%s"', async (search) => {
    expect(refusal(await call('GET', `/existence${search}`))).toEqual([
      400,
      '400001',
      'Only micro-service and schema can be used as type.',
    ])
  })
})

describe('remove', () => {
  test.each([
    ['', [400, '400013']],
    ['?force=0', [400, '400013']],
    ['?force=false', [400, '400013']],
    ['?force=yes', [400, '400001']],
    ['?force=1', [200, undefined]],
    ['?force=true', [200, undefined]],
  ])('a service with instances: "%s"', async (search, expected) => {
    const { serviceId } = (await create({ serviceName: 's' }, { instances: [{ hostName: 'h' }] })).json
    const { status, json } = await call('DELETE', `/microservices/${serviceId}${search}`)
    expect([status, json?.errorCode]).toEqual(expected)
    expect((await call('GET', `/microservices/${serviceId}`)).status).toBe(status === 200 ? 400 : 200)
  })

  test('many at once: a result for each, an error text for those that stay', async () => {
    const busy = (await create({ serviceName: 'busy' }, { instances: [{ hostName: 'h' }] })).json.serviceId
    const free = (await create({ serviceName: 'free' })).json.serviceId
    const { status, json } = await call('DELETE', '/microservices', { serviceIds: [busy, free, 'x', free] })
    expect(status).toBe(200)
    expect(json.services).toEqual([
      { errMessage: 'Instance has been deployed(Can not delete the service deployed instance(s).)', serviceId: busy },
      { serviceId: free },
      { errMessage: 'Micro-service does not exist(Service does not exist.)', serviceId: 'x' },
    ])
    const forced = await call('DELETE', '/microservices', { serviceIds: [busy], force: true })
    expect(forced.json.services).toEqual([{ serviceId: busy }])
  })

  test.each([
    ['', {}, false],
    ['?force=1', {}, true],
    ['?force=true', { force: false }, true],
    ['?force=0', { force: true }, true],
    ['?force=false', {}, false],
  ])('many at once by force: "%s" with %j', async (search, more, isGone) => {
    const { serviceId } = (await create({ serviceName: 's' }, { instances: [{ hostName: 'h' }] })).json
    const { json } = await call('DELETE', `/microservices${search}`, { serviceIds: [serviceId], ...more })
    expect('errMessage' in json.services[0]).toBe(!isGone)
    expect((await call('GET', `/microservices/${serviceId}`)).status).toBe(isGone ? 400 : 200)
  })

  test('many at once with a force that is neither', async () => {
    const { json } = await call('DELETE', '/microservices?force=yes', { serviceIds: ['x'] })
    expect(json).toMatchObject({ errorCode: '400001', detail: 'parameter force must be false or true' })
  })

  test('a used service', async () => {
    const provider = (await create({ serviceName: 'p' })).json.serviceId
    const consumer = (await create({ serviceName: 'c' })).json.serviceId
    await send('GET', '/instances?appId=default&serviceName=p', { consumer })
    expect((await call('DELETE', `/microservices/${provider}`)).json.errorCode).toBe('400023')
    expect((await call('DELETE', `/microservices/${provider}?force=1`)).status).toBe(200)
  })
})

describe('properties', () => {
  test('ids in the body do not count: the path does', async () => {
    const [one, other] = [(await create({ serviceName: 'one' })).json, (await create({ serviceName: 'other' })).json]
    const body = { serviceId: other.serviceId, properties: { a: 'b' } }
    expect((await call('PUT', `/microservices/${one.serviceId}/properties`, body)).status).toBe(200)
    expect((await call('GET', `/microservices/${one.serviceId}`)).json.service.properties).toEqual({ a: 'b' })
    expect((await call('GET', `/microservices/${other.serviceId}`)).json.service.properties).toBeUndefined()
  })

  test('more than 3072 bytes are refused', async () => {
    const { serviceId } = (await create({ serviceName: 's' })).json
    const body = (length: number) => ({ properties: { a: 'x'.repeat(length) } })
    expect((await call('PUT', `/microservices/${serviceId}/properties`, body(3000))).status).toBe(200)
    expect(refusal(await call('PUT', `/microservices/${serviceId}/properties`, body(3100)))).toEqual([
      400,
      '400001',
      'http: request body too large',
    ])
  })
})

test("domains do not see each other's services", async () => {
  const { serviceId } = (await create({ serviceName: 's' })).json
  const elsewhere = (method: string, path: string) => send(method, `/microservices${path}`, { tenant: 'another' })
  expect((await elsewhere('GET', '')).json).toEqual({})
  expect((await elsewhere('GET', `/${serviceId}`)).json.errorCode).toBe('400012')
  expect((await elsewhere('DELETE', `/${serviceId}?force=1`)).json.errorCode).toBe('400012')
})

describe('a list', () => {
  const ids = ({ json }: Reply) => (json.services ?? []).map(({ serviceId }: { serviceId: string }) => serviceId)
  const page = async (query: string) => {
    const answer = await send('GET', `/microservices${query && `?${query}`}`)
    return { ids: ids(answer), total: answer.headers.get('x-total-count') }
  }

  beforeEach(async () => {
    for (const serviceId of ['c', 'a', 'e', 'b', 'd']) await create({ serviceId, serviceName: serviceId })
  })

  test.each([
    ['offset=0&limit=2', ['a', 'b']],
    ['offset=3&limit=10', ['d', 'e']],
    ['offset=4', ['e']],
    ['limit=1', ['a']],
    ['limit=0', []],
    ['offset=5', []],
  ])('can be asked for in parts, by id: %s', async (query, wanted) => {
    expect(await page(query)).toEqual({ ids: wanted, total: '5' })
  })

  test('is whole without that, and says no number', async () => {
    expect(await page('')).toEqual({ ids: ['a', 'b', 'c', 'd', 'e'], total: null })
  })

  test.each(['offset=-1', 'limit=x', 'offset=1.5', 'limit=9999999999'])('refuses %s', async (query) => {
    const [name] = query.split('=')
    const wanted = [400, '400001', `parameter ${name} must be a whole number from 0 to 999999999`]
    expect(refusal(await call('GET', `/microservices?${query}`))).toEqual(wanted)
  })

  test('shows every change at once, however often it was asked for before', async () => {
    const names = async () =>
      (await call('GET', '/microservices')).json.services.map((one: object) => JSON.stringify(one))
    const before = await names()
    expect(await names()).toEqual(before)
    await call('PUT', '/microservices/c/properties', { properties: { x: 'y' } })
    expect((await names()).filter((text: string) => text.includes('"x":"y"'))).toHaveLength(1)
    await call('DELETE', '/microservices/a')
    expect(await page('')).toMatchObject({ ids: ['b', 'c', 'd', 'e'] })
    for (const id of ['b', 'c', 'd', 'e']) await call('DELETE', `/microservices/${id}`)
    expect((await call('GET', '/microservices')).json).toEqual({})
    await create({ serviceId: 'a', serviceName: 'a' })
    expect(ids(await call('GET', '/microservices'))).toEqual(['a'])
  })

  test('that many ask for is the same for all', async () => {
    const replies = await Promise.all(Array.from({ length: 32 }, () => call('GET', '/microservices')))
    expect(new Set(replies.map((reply) => ids(reply).join(''))).size).toBe(1)
  })
})
