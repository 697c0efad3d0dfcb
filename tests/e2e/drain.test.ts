import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { EngineProcess } from '../conformance/wire/engine-process.ts'

let folder: string
let engine: EngineProcess

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-drain-'))
  await start()
})

afterEach(async () => {
  await engine.crash()
  await rm(folder, { recursive: true, force: true })
})

async function start(): Promise<void> {
  engine = await EngineProcess.start(['--store.path', folder])
}

// biome-ignore lint/suspicious/noExplicitAny: answers of all routes
async function call(line: string, body?: object, consumer = ''): Promise<any> {
  const [method = '', path = ''] = line.split(' ')
  const content = body === undefined ? {} : { body: JSON.stringify(body) }
  const headers = consumer === '' ? {} : { 'X-ConsumerId': consumer }
  const response = await fetch(new URL(`/v4/default/registry${path}`, engine.url), { method, headers, ...content })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return text === '' ? {} : JSON.parse(text)
}

const ids = (answer: { readonly instances?: readonly { readonly instanceId: string }[] }) =>
  (answer.instances ?? []).map(({ instanceId }) => instanceId)
const find = async () => ids(await call('GET /instances?appId=default&serviceName=p', undefined, 'c'))
const list = async () => ids(await call('GET /microservices/p/instances'))

async function deploy(): Promise<void> {
  await call('POST /microservices', { service: { serviceName: 'c', serviceId: 'c' } })
  const instances = ['a', 'b'].map((instanceId) => ({ instanceId, hostName: 'h' }))
  await call('POST /microservices', { service: { serviceName: 'p', serviceId: 'p' }, instances })
}

test('a drain goes on after a crash: hidden at once, removed at its end', async () => {
  await deploy()
  await call('PUT /microservices/p/instances/a/drain?seconds=4')
  await engine.crash()
  await start()
  expect(await find()).toEqual(['b'])
  await expect.poll(list, { timeout: 20_000, interval: 100 }).toEqual(['b'])
})

test('who watches is told that a drained instance is gone, once, and that a cancelled one is back', async () => {
  await deploy()
  await find()
  const client = new WebSocket(new URL('/v4/default/registry/microservices/c/watcher', engine.url))
  const frames: string[] = []
  client.on('message', (bytes) => {
    const { action, instance } = JSON.parse(String(bytes))
    frames.push(`${action} ${instance.instanceId}${instance.drainingUntil === undefined ? '' : ' draining'}`)
  })
  await once(client, 'open')
  await call('PUT /microservices/p/instances/a/drain?seconds=600')
  await call('PUT /microservices/p/instances/a/status?value=DOWN')
  await call('DELETE /microservices/p/instances/a/drain')
  await call('PUT /microservices/p/instances/a/drain?seconds=600')
  await call('DELETE /microservices/p/instances/a')
  await call('PUT /microservices/p/instances/b/status?value=DOWN')
  await expect.poll(() => frames).toContain('UPDATE b')
  expect(frames).toEqual(['DELETE a draining', 'CREATE a', 'DELETE a draining', 'UPDATE b'])
  client.terminate()
})
