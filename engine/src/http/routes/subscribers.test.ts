import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Engine } from '../../engine.ts'
import { startEngine } from '../../engine.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { loadSettings } from '../../settings.ts'

const QUIET = { error() {}, warn() {}, info() {} }
const SETTINGS = ['--server.port', '0', '--store.kind', 'memory', '--server.drainSeconds', '0']

let clock: ManualClock
let engine: Engine

beforeAll(async () => {
  clock = new ManualClock()
  engine = await startEngine(loadSettings(SETTINGS, {}), { log: QUIET, clock })
  for (const id of ['p', 'finds', 'watches']) {
    await send('POST', '/microservices', { body: { service: { serviceName: id, serviceId: id, version: '1.2' } } })
  }
})

afterAll(() => engine.close())

function send(method: string, path: string, { body, consumer = '' }: { body?: object; consumer?: string } = {}) {
  const content = body === undefined ? {} : { body: JSON.stringify(body) }
  const headers = { 'X-ConsumerId': consumer }
  return fetch(`${engine.url}/v4/default/registry${path}`, { method, headers, ...content })
}

const find = (consumer: string) => send('GET', '/instances?appId=default&serviceName=p', { consumer })
const subscribers = async () => (await send('GET', '/microservices/p/subscribers')).json()
const about = (id: string) => ({
  serviceId: id,
  environment: '',
  appId: 'default',
  serviceName: id,
  version: '1.2',
})

test('shows who finds and who watches', async () => {
  expect(await subscribers()).toEqual({ subscribers: [] })
  const revision = (await find('finds')).headers.get('x-resource-revision')
  const foundAt = String(clock.now() / 1000)
  expect(await subscribers()).toEqual({
    subscribers: [{ ...about('finds'), revision, isCurrent: true, foundAt, watches: 0 }],
  })
  const provider = { appId: 'default', serviceName: 'p', version: 'latest' }
  const dependencies = [{ consumer: { ...provider, serviceName: 'watches', version: '1.2' }, providers: [provider] }]
  await send('POST', '/dependencies', { body: { dependencies } })
  const socket = new WebSocket(`${engine.url.replace('http', 'ws')}/v4/default/registry/microservices/watches/watcher`)
  await once(socket, 'open')
  await expect.poll(subscribers).toMatchObject({ subscribers: [{ serviceId: 'finds' }, { watches: 1 }] })
  await send('POST', '/microservices/p/instances', { body: { instance: { hostName: 'h' } } })
  expect((await subscribers()).subscribers).toEqual([
    { ...about('finds'), revision, isCurrent: false, foundAt, watches: 0 },
    { ...about('watches'), watches: 1 },
  ])
  socket.terminate()
})

test.each([
  ['nobody', '400012'],
  ['a%20b', '400001'],
])('of "%s" is %s', async (id, errorCode) => {
  const response = await send('GET', `/microservices/${id}/subscribers`)
  expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ errorCode })])
})
