import { once } from 'node:events'
import { beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { useEngine } from '../../test-engine.ts'

const engine = useEngine({ base: '/v4/default/registry', perTest: true })
const { call, send, clock } = engine

beforeEach(async () => {
  for (const id of ['p', 'finds', 'watches']) {
    await call('POST', '/microservices', { service: { serviceName: id, serviceId: id, version: '1.2' } })
  }
})

const find = (consumer: string) => send('GET', '/instances?appId=default&serviceName=p', { consumer })
const subscribers = async () => (await call('GET', '/microservices/p/subscribers')).json
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
  await call('POST', '/dependencies', { dependencies })
  const socket = new WebSocket(`${engine.url.replace('http', 'ws')}/v4/default/registry/microservices/watches/watcher`)
  await once(socket, 'open')
  await expect.poll(subscribers).toMatchObject({ subscribers: [{ serviceId: 'finds' }, { watches: 1 }] })
  await call('POST', '/microservices/p/instances', { instance: { hostName: 'h' } })
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
  expect(await call('GET', `/microservices/${id}/subscribers`)).toMatchObject({ status: 400, json: { errorCode } })
})
