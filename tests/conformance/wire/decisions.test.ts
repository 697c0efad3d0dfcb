import { get } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { EngineProcess } from './engine-process.ts'
import type { Frame } from './frame-bytes.ts'
import { SocketSteps } from './socket-steps.ts'

/**
 * What the engine does otherwise than Service Center by decision, where no recording shows it: accidents that are
 * fixed, and promises that go beyond the original.
 */

interface InstanceDocument {
  readonly instanceId: string
  readonly status: string
  readonly properties?: object
}

/** One half of the answer to a batch find. */
interface Half {
  readonly updated: readonly { readonly instances: readonly InstanceDocument[] }[]
  readonly failed: readonly { readonly indexes: readonly number[]; readonly error: { readonly errorCode: string } }[]
}

/** Any answer: the members that some test looks at. */
interface Shown {
  readonly errorCode?: string
  readonly service?: { readonly serviceId: string; readonly properties?: object }
  readonly instance?: InstanceDocument
  readonly instances?: readonly InstanceDocument[]
}

interface Answered {
  readonly status: number
  readonly body: Shown
}

let engine: EngineProcess
let sockets: SocketSteps
let domain: string
let count = 0

beforeAll(async () => {
  engine = await EngineProcess.start(['--store.kind', 'memory'])
  sockets = new SocketSteps(engine.url)
})

afterAll(async () => {
  sockets.closeAll()
  await engine?.stop()
})

beforeEach(() => {
  domain = `decided-${count++}`
})

async function ask(method: string, path: string, body?: unknown): Promise<Answered> {
  const response = await fetch(new URL(`/v4/default/registry${path}`, engine.url), {
    method,
    headers: { 'X-Domain-Name': domain, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Shown) }
}

async function succeed(method: string, path: string, body?: unknown): Promise<Answered> {
  const answered = await ask(method, path, body)
  expect(answered.status, JSON.stringify(answered.body)).toBe(200)
  return answered
}

const create = (serviceId: string, more: object = {}, beside: object = {}) =>
  succeed('POST', '/microservices', { service: { serviceId, serviceName: serviceId, ...more }, ...beside })
const register = (serviceId: string, instanceId: string, more: object = {}) =>
  succeed('POST', `/microservices/${serviceId}/instances`, { instance: { instanceId, hostName: 'h', ...more } })
const find = (serviceName: string, consumerId = '') =>
  fetch(new URL(`/v4/default/registry/instances?appId=default&serviceName=${serviceName}`, engine.url), {
    headers: { 'X-Domain-Name': domain, 'X-ConsumerId': consumerId },
  })
const idsOf = ({ body }: Answered) => body.instances?.map(({ instanceId }) => instanceId)

async function findBatch(body: object): Promise<{ readonly services: Half; readonly instances: Half }> {
  const answered = await succeed('POST', '/instances/action?type=query', body)
  return answered.body as unknown as { readonly services: Half; readonly instances: Half }
}

describe('accidents of the original that are fixed', () => {
  test('one instance is found by its whole id, not by how it begins', async () => {
    await create('p')
    await register('p', 'abc')
    expect((await ask('GET', '/microservices/p/instances/ab')).body.errorCode).toBe('400017')
    expect((await succeed('GET', '/microservices/p/instances/abc')).body.instance?.instanceId).toBe('abc')
  })

  test('ids in the body do not turn an update away from the path', async () => {
    await create('p')
    await create('q')
    await register('p', 'i')
    await register('q', 'i')
    await succeed('PUT', '/microservices/p/properties', { serviceId: 'q', properties: { to: 'p' } })
    const elsewhere = { serviceId: 'q', instanceId: 'j', properties: { to: 'p' } }
    await succeed('PUT', '/microservices/p/instances/i/properties', elsewhere)
    expect((await succeed('GET', '/microservices/p')).body.service?.properties).toEqual({ to: 'p' })
    expect((await succeed('GET', '/microservices/q')).body.service?.properties).toBeUndefined()
    expect((await succeed('GET', '/microservices/p/instances/i')).body.instance?.properties).toEqual({ to: 'p' })
    expect((await succeed('GET', '/microservices/q/instances/i')).body.instance?.properties).toBeUndefined()
  })

  test('a batch finds by alias as a single find does', async () => {
    await create('p', { alias: 'other-name' })
    await register('p', 'i')
    const services = [{ service: { appId: 'default', serviceName: 'other-name' } }]
    const { updated } = (await findBatch({ services })).services
    expect(updated[0]?.instances[0]?.instanceId).toBe('i')
  })

  test('a batch tells failures in the order of the questions', async () => {
    await create('p')
    await register('p', 'i')
    const instances = [
      { instance: { serviceId: 'nobody', instanceId: 'i' } },
      { instance: { serviceId: 'p', instanceId: 'nobody' } },
      { instance: { serviceId: 'p', instanceId: 'i' } },
      { instance: { serviceId: 'nobody', instanceId: 'j' } },
    ]
    const { failed } = (await findBatch({ instances })).instances
    expect(failed.map(({ indexes, error }) => [error.errorCode, indexes])).toEqual([
      ['400012', [0, 3]],
      ['400017', [1]],
    ])
  })

  test('rules in a new service are passed over, and the request is answered', async () => {
    await create('p', {}, { rules: [{ ruleType: 'WHITE', attribute: 'tag_a', pattern: 'x' }] })
    expect((await succeed('GET', '/microservices/p')).body.service?.serviceId).toBe('p')
  })

  test('all instances that come with a new service are registered', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f']
    await create('p', {}, { instances: ids.map((instanceId) => ({ instanceId, hostName: 'h' })) })
    expect(idsOf(await succeed('GET', '/microservices/p/instances'))).toEqual(ids)
  })

  test('a null among heartbeats is an error of its own, not an empty success', async () => {
    await create('p')
    await register('p', 'i')
    const { status, body } = await ask('PUT', '/heartbeats', { instances: [null, { serviceId: 'p', instanceId: 'i' }] })
    if (status === 200) expect(body.instances).toHaveLength(2)
    else expect(body.errorCode).toBe('400001')
  })

  test('a refused target is not executed', async () => {
    const path = '/v4/default/registry/microservices?a=1&'
    const refused = await fetch(new URL(path, engine.url), {
      method: 'POST',
      headers: { 'X-Domain-Name': domain },
      body: JSON.stringify({ service: { serviceName: 'p' } }),
    })
    expect(refused.status).toBe(400)
    expect((await succeed('GET', '/microservices')).body).toEqual({})
  })

  test('an unclean path is not taken for another one', async () => {
    const statusOf = (path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const { hostname: host, port } = engine.url
        get({ host, port, path }, (response) => resolve(response.resume().statusCode)).on('error', reject)
      })
    expect(await statusOf('/v4/default/registry/version')).toBe(200)
    expect(await statusOf('/v4/default//registry/version')).toBe(400)
    expect(await statusOf('/v4/default/./registry/version')).toBe(404)
    expect(await statusOf('/v4/default/registry/x/../version')).toBe(404)
  })

  test('members beside the tags of a service are passed over', async () => {
    await create('p')
    await succeed('POST', '/microservices/p/tags', { tags: { a: 'b' }, note: 1 })
    expect((await succeed('GET', '/microservices/p/tags')).body).toEqual({ tags: { a: 'b' } })
  })
})

describe('what is acknowledged is seen at once', () => {
  test('by find and list, whatever the write', async () => {
    await create('p')
    for (let round = 0; round < 20; round++) {
      await register('p', `i${round}`)
      expect(idsOf(await succeed('GET', '/microservices/p/instances'))).toContain(`i${round}`)
      await succeed('PUT', `/microservices/p/instances/i${round}/status?value=DOWN`)
      expect((await succeed('GET', `/microservices/p/instances/i${round}`)).body.instance?.status).toBe('DOWN')
      await succeed('DELETE', `/microservices/p/instances/i${round}`)
      expect(await (await find('p')).json()).toEqual({ instances: [] })
    }
  })
})

describe('find', () => {
  test('orders instances by id, those of all versions together', async () => {
    await create('p', { serviceName: 'n', version: '1.0.0' })
    await create('q', { serviceName: 'n', version: '2.0.0' })
    for (const id of ['d', 'b', 'f']) await register('p', id)
    for (const id of ['e', 'a', 'c']) await register('q', id)
    const response = await find('n')
    const { instances } = (await response.json()) as { instances: { instanceId: string }[] }
    expect(instances.map(({ instanceId }) => instanceId)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  test('changes its revision exactly when its answer changes', async () => {
    await create('p')
    await create('other')
    await register('p', 'i')
    const revision = async () => (await find('p')).headers.get('x-resource-revision')
    const first = await revision()
    await succeed('PUT', '/microservices/p/instances/i/heartbeat')
    await register('other', 'x')
    await register('p', 'i', { hostName: 'ignored' })
    expect(await revision()).toBe(first)
    await register('p', 'j')
    const second = await revision()
    expect(second).not.toBe(first)
    await succeed('DELETE', '/microservices/p/instances/j')
    expect(await revision()).toBe(first)
  })
})

describe('watch', () => {
  const texts = (connection: string, wanted: number): Promise<readonly Frame[]> =>
    sockets.receive({ method: 'WS-RECEIVE', connection, count: wanted, withinMs: 5000, only: ['text', 'close', 'end'] })
  const events = (frames: readonly Frame[]) =>
    frames.map(({ opcode, body }) => {
      const { action, instance } = (body ?? {}) as { action?: string; instance?: { instanceId: string } }
      return action === undefined ? opcode : `${action} ${instance?.instanceId}`
    })

  async function consumerOf(provider: string): Promise<void> {
    await create('c')
    await create(provider)
    expect((await find(provider, 'c')).status).toBe(200)
  }

  test('listwatcher shows all that is there, then every change', async () => {
    await consumerOf('p')
    await register('p', 'a')
    await register('p', 'b')
    const path = '/v4/default/registry/microservices/c/listwatcher'
    expect(await sockets.open('list', path, { 'X-Domain-Name': domain })).toMatchObject({ status: 101 })
    await register('p', 'd')
    await succeed('DELETE', '/microservices/p/instances/a')
    expect(events(await texts('list', 4))).toEqual(['INIT a', 'INIT b', 'CREATE d', 'DELETE a'])
  })

  test('every change of an instance is told, in order, none twice', async () => {
    await consumerOf('p')
    const path = '/v4/default/registry/microservices/c/watcher'
    expect(await sockets.open('order', path, { 'X-Domain-Name': domain })).toMatchObject({ status: 101 })
    const wanted: string[] = []
    for (let round = 0; round < 50; round++) {
      await register('p', `i${round}`)
      await succeed('PUT', `/microservices/p/instances/i${round}/status?value=DOWN`)
      await succeed('DELETE', `/microservices/p/instances/i${round}`)
      wanted.push(`CREATE i${round}`, `UPDATE i${round}`, `DELETE i${round}`)
    }
    expect(events(await texts('order', wanted.length))).toEqual(wanted)
  })

  test('a provider that is removed by force takes its instances with it', async () => {
    await consumerOf('p')
    await register('p', 'a')
    await register('p', 'b')
    const path = '/v4/default/registry/microservices/c/watcher'
    expect(await sockets.open('force', path, { 'X-Domain-Name': domain })).toMatchObject({ status: 101 })
    await succeed('DELETE', '/microservices/p?force=true')
    expect(events(await texts('force', 2)).toSorted()).toEqual(['DELETE a', 'DELETE b'])
  })
})
