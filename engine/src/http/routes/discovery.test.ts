import { describe, expect, test } from 'vitest'
import type { Asked, Reply } from '../../test-engine.ts'
import { useEngine } from '../../test-engine.ts'

const { send } = useEngine({ base: '/v4/default/registry' })

async function call(method: string, path: string, asked: Asked = {}) {
  const { headers, ...reply } = await send(method, path, asked)
  return { ...reply, revision: headers.get('x-resource-revision') ?? '' }
}

async function create(serviceName: string, service: object = {}): Promise<string> {
  return (await call('POST', '/microservices', { body: { service: { serviceName, ...service } } })).json.serviceId
}

async function register(serviceId: string, instanceId: string): Promise<void> {
  const body = { instance: { instanceId, hostName: 'h' } }
  expect((await call('POST', `/microservices/${serviceId}/instances`, { body })).status).toBe(200)
}

const find = (search = '', consumer?: string) =>
  call('GET', `/instances?appId=default&serviceName=p${search}`, consumer === undefined ? {} : { consumer })

const ids = ({ json }: Reply) => json.instances.map(({ instanceId }: { instanceId: string }) => instanceId)

describe('find', () => {
  test('200 with the list and its revision, 304 while it is the same', async () => {
    const id = await create('p')
    await register(id, 'i')
    const first = await find()
    expect(first.status).toBe(200)
    expect(ids(first)).toEqual(['i'])
    expect(first.revision).toMatch(/^[0-9a-f]{40}$/)
    const second = await find(`&rev=${first.revision}`)
    expect([second.status, second.text, second.revision]).toEqual([304, '', first.revision])
    await register(id, 'j')
    const third = await find(`&rev=${first.revision}`)
    expect(third.status).toBe(200)
    expect(ids(third)).toEqual(['i', 'j'])
    expect(third.revision).not.toBe(first.revision)
  })

  test('every change of the list ends the 304, by any way in', async () => {
    const id = await create('p')
    await register(id, 'i')
    const instance = `/microservices/${id}/instances/i`
    const changes: (() => Promise<Reply>)[] = [
      () => call('PUT', `${instance}/status?value=DOWN`),
      () => call('PUT', `${instance}/properties`, { body: { properties: { a: 'b' } } }),
      () => call('PUT', '/instances/status', { body: { matches: {}, status: 'TESTING' } }),
      () => call('DELETE', instance),
    ]
    for (const change of changes) {
      const { revision } = await find()
      expect((await change()).status).toBe(200)
      expect((await find(`&rev=${revision}`)).status).toBe(200)
    }
  })

  test('heartbeats and things that do not show leave the 304', async () => {
    const id = await create('p')
    await register(id, 'i')
    const { revision } = await find()
    await call('PUT', `/microservices/${id}/instances/i/heartbeat`)
    await register(id, 'i')
    await call('PUT', `/microservices/${id}/properties`, { body: { properties: { a: 'b' } } })
    await create('other')
    expect((await find(`&rev=${revision}`)).status).toBe(304)
  })

  test('an empty list has a revision too', async () => {
    await create('p')
    const { status, json, revision } = await find()
    expect([status, json]).toEqual([200, { instances: [] }])
    expect((await find(`&rev=${revision}`)).status).toBe(304)
  })

  test.each(['0.0.0+', 'latest', '1.0.0', 'anything'])('version=%s does not filter', async (version) => {
    for (const [n, own] of ['1.0.0', '2.0.0'].entries()) await register(await create('p', { version: own }), `i${n}`)
    expect(ids(await find(`&version=${encodeURIComponent(version)}`))).toEqual(['i0', 'i1'])
  })

  test('by alias, by tags, and with a consumer whose use is on record at once', async () => {
    const provider = await create('real', { alias: 'p' })
    await call('POST', `/microservices/${provider}/tags`, { body: { tags: { blue: 'x' } } })
    const consumer = await create('c')
    await register(provider, 'i')
    expect(ids(await find('&tags=blue', consumer))).toEqual(['i'])
    expect(ids(await find('&tags=blue,red'))).toEqual([])
    const { json } = await call('GET', `/microservices/${consumer}/providers`)
    expect(json.providers.map(({ serviceName }: { serviceName: string }) => serviceName)).toEqual(['real'])
  })

  test.each([
    ['no application', '/instances?serviceName=p', '400001', "field 'FindInstancesRequest.AppId'"],
    ['no name', '/instances?appId=default', '400001', "field 'FindInstancesRequest.ServiceName'"],
    ['an unknown provider', '/instances?appId=default&serviceName=q', '400012', 'provider does not exist'],
    ['a bad tag', '/instances?appId=default&serviceName=p&tags=a,', '400001', "field 'FindInstancesRequest.Tags'"],
    [
      'a bad environment',
      '/instances?appId=default&serviceName=p&env=x',
      '400001',
      "field 'FindInstancesRequest.Environment'",
    ],
  ])('%s', async (_, path, ...[code, words]) => {
    await create('p')
    const { status, json } = await call('GET', path)
    expect(status).toBe(400)
    expect(json).toMatchObject({ errorCode: code, errCode: code })
    expect(json.detail).toContain(words)
  })

  test('a bad environment is refused with a consumer too, though it does not count then', async () => {
    await create('p')
    const consumer = await create('c')
    expect((await find('&env=nonsense', consumer)).json).toMatchObject({ errorCode: '400001' })
  })

  test('an unknown consumer, and one whose id is too long', async () => {
    await create('p')
    expect((await find('', 'x')).json).toMatchObject({ errorCode: '400012', detail: 'Consumer[x] does not exist.' })
    expect((await find('', 'x'.repeat(65))).json).toMatchObject({ errorCode: '400001' })
  })
})

describe('batch find', () => {
  const batch = (body: object, consumer?: string) =>
    call('POST', '/instances/action?type=query', consumer === undefined ? { body } : { body, consumer })
  const service = (serviceName: string, rev?: string) => ({
    service: { appId: 'default', serviceName },
    ...(rev === undefined ? {} : { rev }),
  })

  test('each service on its own: found, unchanged, empty, unknown, by alias', async () => {
    await register(await create('p', { alias: 'nick' }), 'i')
    await create('empty')
    const { revision } = await find()
    const { status, json } = await batch({
      services: [
        service('p'),
        service('p', revision),
        service('gone'),
        service('empty'),
        service('nick'),
        service('lost'),
      ],
    })
    expect(status).toBe(200)
    expect(json.instances).toBeUndefined()
    const { failed, notModified, updated } = json.services
    expect(notModified).toEqual([1])
    expect(failed).toEqual([
      {
        indexes: [2, 5],
        error: {
          errorCode: '400012',
          errorMessage: 'Micro-service does not exist',
          errCode: '400012',
          errMsg: 'Micro-service does not exist',
          detail:
            'Micro-service does not exist(Consumer[][///] find provider[/default/gone] failed, provider does not exist)',
        },
      },
    ])
    expect(updated.map(({ index }: { index: number }) => index)).toEqual([0, 3, 4])
    expect(updated[0].rev).toBe(revision)
    expect(updated[0].instances[0].instanceId).toBe('i')
    expect(updated[1].instances).toBeUndefined()
    expect(updated[2].instances[0].instanceId).toBe('i')
  })

  test('each instance on its own', async () => {
    const serviceId = await create('p')
    await register(serviceId, 'i')
    const instance = (id: string, of = serviceId) => ({ instance: { serviceId: of, instanceId: id } })
    const { json } = await batch({ instances: [instance('i'), instance('x'), instance('i', 'nowhere')] })
    expect(json.services).toBeUndefined()
    expect(json.instances.updated[0].instances[0].instanceId).toBe('i')
    const codes = json.instances.failed.map((one: { error: { errorCode: string } }) => one.error.errorCode)
    expect(codes).toEqual(['400017', '400012'])
    const { rev } = json.instances.updated[0]
    const again = await batch({ instances: [{ ...instance('i'), rev }] })
    expect(again.json).toEqual({ instances: { notModified: [0] } })
  })

  test('an answer that would not fit into memory is refused', async () => {
    const large = { hostName: 'h', properties: { pad: 'x'.repeat(1_500_000) } }
    await call('POST', '/microservices', { body: { service: { serviceName: 'p' }, instances: [large] } })
    const asked = (times: number) => batch({ services: Array.from({ length: times }, () => service('p')) })
    expect((await asked(3)).json.services.updated).toHaveLength(3)
    const { status, json } = await asked(600)
    expect([status, json.errorCode]).toEqual([400, '400001'])
    expect(json.detail).toContain('the answer would be longer than 67108864 characters')
  })

  test("a consumer's uses are on record", async () => {
    const consumer = await create('c')
    await create('p')
    await batch({ services: [service('p')] }, consumer)
    expect((await call('GET', `/microservices/${consumer}/providers`)).json.providers).toHaveLength(1)
  })

  test.each([
    ['nothing to find', '?type=query', {}, 'Required services or instances'],
    ['another action', '?type=delete', { services: [] }, 'Invalid action: delete'],
    ['no action', '', { services: [] }, 'Invalid action: '],
    ['null among services', '?type=query', { services: [null] }, 'invalid nil pointer'],
    [
      'a service without name',
      '?type=query',
      { services: [{ service: { appId: 'a' } }] },
      "field 'MicroServiceKey.ServiceName'",
    ],
  ])('%s is refused', async (_, search, ...[body, words]: readonly [object, string]) => {
    const { status, json } = await call('POST', `/instances/action${search}`, { body })
    expect([status, json.errorCode]).toEqual([400, '400001'])
    expect(json.detail).toContain(words)
  })
})

describe('list and get', () => {
  test('both know revisions and 304', async () => {
    const id = await create('p')
    await register(id, 'i')
    for (const path of [`/microservices/${id}/instances`, `/microservices/${id}/instances/i`]) {
      const { status, revision } = await call('GET', path)
      expect(status).toBe(200)
      expect((await call('GET', `${path}?rev=${revision}`)).status).toBe(304)
      await call('PUT', `/microservices/${id}/instances/i/status?value=${path.length % 2 === 0 ? 'DOWN' : 'UP'}`)
      await call('PUT', `/microservices/${id}/instances/i/status?value=${path.length % 2 === 0 ? 'UP' : 'DOWN'}`)
      expect((await call('GET', `${path}?rev=${revision}`)).status).toBe(200)
    }
  })

  test('an id is looked up whole, not as the beginning of one', async () => {
    const id = await create('p')
    await register(id, 'abc')
    const { json } = await call('GET', `/microservices/${id}/instances/ab`)
    expect(json).toMatchObject({ errorCode: '400017', errorMessage: 'Instance does not exist' })
  })
})
