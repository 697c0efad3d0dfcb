import { once } from 'node:events'
import type { Asked } from '@rollcall/engine/test-engine'
import { useEngine } from '@rollcall/engine/test-engine'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'

const engine = useEngine({ base: '/v4/default/registry', perTest: true })
const { clock, send } = engine
let clients: WebSocket[]

beforeEach(async () => {
  clients = []
  await create('c')
  await create('p')
})

afterEach(() => {
  for (const client of clients) client.terminate()
})

async function call(method: string, path: string, asked: Asked = {}): Promise<void> {
  const { status, text } = await send(method, path, asked)
  expect(status, text).toBe(200)
}

const create = (id: string, tenant = 'default') =>
  call('POST', '/microservices', { body: { service: { serviceName: id, serviceId: id } }, tenant })
const find = (tenant = 'default') => call('GET', '/instances?appId=default&serviceName=p', { consumer: 'c', tenant })
const register = (instanceId: string, tenant = 'default') =>
  call('POST', '/microservices/p/instances', { body: { instance: { instanceId, hostName: 'h' } }, tenant })

/** Opens a WebSocket and collects what comes. */
async function open(path: string, headers: Record<string, string> = {}) {
  const client = new WebSocket(`${engine.url.replace('http', 'ws')}${path}`, { headers })
  clients.push(client)
  const texts: string[] = []
  let wake = () => {}
  client.on('message', (bytes) => {
    texts.push(String(bytes))
    wake()
  })
  await once(client, 'open')
  return {
    client,
    texts,
    async told(count: number): Promise<string[]> {
      while (texts.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return texts.map((text) => {
        const { action, instance } = JSON.parse(text)
        return `${action} ${instance.instanceId}`
      })
    },
  }
}

const WATCHER = '/v4/default/registry/microservices/c/watcher'

describe('watch', () => {
  test.each([
    ['of today', WATCHER],
    ['of the older prefix', '/registry/v3/microservices/c/watcher'],
  ])('%s: everything that happens to a provider, in order', async (_, path) => {
    await find()
    const { told } = await open(path)
    await register('i')
    await call('PUT', '/microservices/p/instances/i/status?value=DOWN')
    await call('PUT', '/microservices/p/instances/i/properties', { body: { properties: { a: 'b' } } })
    await call('PUT', '/microservices/p/instances/i/heartbeat')
    await call('DELETE', '/microservices/p/instances/i')
    await register('j')
    clock.advance(121_000)
    await register('k')
    await call('DELETE', '/microservices/p?force=1')
    expect(await told(8)).toEqual([
      'CREATE i',
      'UPDATE i',
      'UPDATE i',
      'DELETE i',
      'CREATE j',
      'DELETE j',
      'CREATE k',
      'DELETE k',
    ])
  })

  test('a list watcher is shown everything first', async () => {
    await find()
    await register('i')
    const { told } = await open('/v4/default/registry/microservices/c/listwatcher')
    await register('j')
    expect(await told(2)).toEqual(['INIT i', 'CREATE j'])
  })

  test('tenants hear only of their own', async () => {
    for (const id of ['c', 'p']) await create(id, 'shop')
    await find()
    await find('shop')
    const ours = await open(WATCHER)
    const theirs = await open(WATCHER, { 'X-Domain-Name': 'shop' })
    await register('theirs', 'shop')
    await register('ours')
    expect(await ours.told(1)).toEqual(['CREATE ours'])
    expect(await theirs.told(1)).toEqual(['CREATE theirs'])
  })

  test('for an unknown service: one text, then the end', async () => {
    const client = new WebSocket(`${engine.url.replace('http', 'ws')}${WATCHER.replace('/c/', '/x/')}`)
    clients.push(client)
    const [text] = await once(client, 'message')
    expect(String(text)).toBe('service does not exist')
    await once(client, 'close')
  })

  test('a client may say little, and nothing long', async () => {
    await find()
    const { client, told } = await open(WATCHER)
    client.send('x'.repeat(64))
    await register('i')
    expect(await told(1)).toEqual(['CREATE i'])
    client.send('x'.repeat(65))
    expect((await once(client, 'close'))[0]).toBe(1009)
  })

  test('a find after a frame shows what the frame said', async () => {
    await find()
    const { client } = await open(WATCHER)
    for (let n = 0; n < 20; n++) {
      const told = once(client, 'message')
      void register(`i${n}`)
      await told
      const response = await fetch(`${engine.url}/v4/default/registry/microservices/p/instances`)
      const { instances } = (await response.json()) as { instances: { instanceId: string }[] }
      expect(instances.map(({ instanceId }) => instanceId)).toContain(`i${n}`)
    }
  })

  test('when the engine stops, watchers are told that it goes away', async () => {
    const { client } = await open(WATCHER)
    const closed = once(client, 'close')
    await engine.stop()
    expect([1001, 1006]).toContain((await closed)[0])
  })
})

describe('heartbeat channel', () => {
  const CHANNEL = '/v4/default/registry/microservices/p/instances/i/heartbeat'

  test('its pongs keep an instance alive that sends nothing else', async () => {
    await register('i')
    const { client } = await open(CHANNEL)
    for (let n = 0; n < 10; n++) {
      const pinged = once(client, 'ping')
      clock.advance(30_000)
      await pinged
      // The pong has left before this ping does; when that is answered, the engine has seen the pong.
      const answered = once(client, 'pong')
      client.ping()
      await answered
    }
    await call('PUT', '/microservices/p/instances/i/heartbeat')
  })

  test('it ends with 4001 as soon as the instance does', async () => {
    await register('i')
    const { client } = await open(CHANNEL)
    const closed = once(client, 'close')
    await call('DELETE', '/microservices/p/instances/i')
    const [code, reason] = await closed
    expect([code, String(reason)]).toEqual([4001, 'heartbeat reporting failed because the instance does not exist'])
  })

  test('for an instance that does not exist it ends with 4001 at once', async () => {
    const client = new WebSocket(`${engine.url.replace('http', 'ws')}${CHANNEL}`)
    clients.push(client)
    expect((await once(client, 'close'))[0]).toBe(4001)
  })
})
