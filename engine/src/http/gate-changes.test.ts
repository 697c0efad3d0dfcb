import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { PASSWORD, ROOT_PASSWORD, TestAccess } from '../test-access.ts'
import { TestClient } from '../watch/test-sockets.ts'

/** What happens to those who are in when a right is taken away, or ends. */

const BASE = '/v4/default/registry'
const READ = [{ resources: [{ type: 'service' }], verbs: ['get', 'update'] }]
/** What is left of the life of the tests' tokens: as long as a turn of pings. */
const TOKEN_LEFT_MS = 30_000

let access: TestAccess
let token: string
let count = 0
let name: string

beforeAll(async () => {
  access = await TestAccess.start()
  for (const serviceName of ['web', 'cart', 'bank']) await createService(serviceName)
  for (const provider of ['cart', 'bank']) {
    const path = `${BASE}/instances?appId=default&serviceName=${provider}`
    const asked = await access.send('GET', path, { token: access.root, headers: { 'X-ConsumerId': 'web' } })
    expect(asked.status).toBe(200)
  }
})

beforeEach(async () => {
  name = `leaving-${count++}`
  access.root = await access.signIn('root', ROOT_PASSWORD)
  await access.accountThatMay(name, READ)
  const asked = { body: { name, password: PASSWORD, tokenExpirationTime: '15m' } }
  token = (await access.send('POST', '/v4/token', asked)).json.token
  access.clock.advance(15 * 60_000 - TOKEN_LEFT_MS)
  await register('cart')
  await register('bank')
})

afterAll(() => access.close())

const createService = (serviceName: string) =>
  access.rule('POST', `${BASE}/microservices`, { service: { serviceName, serviceId: serviceName } })
const register = (serviceId: string) =>
  access.rule('POST', `${BASE}/microservices/${serviceId}/instances`, {
    instance: { instanceId: `i-${serviceId}`, hostName: 'h', endpoints: ['rest://127.0.0.1:1'] },
  })
const change = (serviceId: string, value: string) =>
  access.rule('PUT', `${BASE}/microservices/${serviceId}/instances/i-${serviceId}/status?value=${value}`)

/** Each way to lose the right to be here, and what a request is told afterwards. */
const LOSSES: [string, () => Promise<unknown>, string][] = [
  [
    'the role loses the permission',
    () => access.rule('PUT', `/v4/roles/role-${name}`, { perms: [] }),
    'role has no permissions[service:get]',
  ],
  [
    'the account loses the role',
    async () => {
      await access.rule('POST', '/v4/roles', { name: `empty-${name}`, perms: [] })
      await access.rule('PUT', `/v4/accounts/${name}`, { roles: [`empty-${name}`] })
    },
    'role has no permissions[service:get]',
  ],
  [
    'the account is closed',
    () => access.rule('PUT', `/v4/accounts/${name}`, { status: 'inactive' }),
    '401206: account [NAME] is inactive',
  ],
  ['the account is deleted', () => access.rule('DELETE', `/v4/accounts/${name}`), '401206: account [NAME] is deleted'],
  [
    'its password changes',
    () => access.rule('POST', `/v4/accounts/${name}/password`, { password: `${PASSWORD}-2` }),
    '401205: the password of account [NAME] has been changed',
  ],
  ['the token ends', async () => access.clock.advance(TOKEN_LEFT_MS), '401205: Token is expired'],
]

test.each(LOSSES)('%s: gone with the next request', async (_, lose, detail) => {
  const list = () => access.send('GET', `${BASE}/microservices`, { token })
  expect((await list()).status).toBe(200)
  await lose()
  const { status, json } = await list()
  expect([status === 401 || status === 403, json.detail]).toEqual([true, detail.replace('NAME', name)])
})

test('an account that is made anew does not wake up the tokens of its predecessor', async () => {
  await access.rule('DELETE', `/v4/accounts/${name}`)
  const fresh = await access.account(name, [`role-${name}`])
  expect((await access.send('GET', '/v4/self-perms', { token })).json.detail).toMatch(/^401205: /)
  expect((await access.send('GET', '/v4/self-perms', { token: fresh })).status).toBe(200)
})

describe('WebSockets', () => {
  async function open(path: string, credential: Record<string, string> = { Authorization: `Bearer ${token}` }) {
    const address = `${access.engine.url.replace('http', 'ws')}${BASE}/microservices/${path}`
    const client = new TestClient(new WebSocket(address, { headers: credential }))
    await once(client.socket, 'open')
    return client
  }

  test.each(LOSSES)('%s: a watch and a heartbeat channel are closed', async (_, lose) => {
    const watch = await open('web/watcher')
    const channel = await open('cart/instances/i-cart/heartbeat')
    await lose()
    expect(await watch.closed).toMatchObject({ code: 1008 })
    expect(await channel.closed).toMatchObject({ code: 1008 })
  })

  test('nothing more is told from the moment when a token ends, even before the connection does', async () => {
    access.clock.advance(TOKEN_LEFT_MS - 3000)
    const watch = await open('web/watcher')
    await change('cart', 'DOWN')
    await watch.frames(1)
    access.clock.advance(3000)
    await change('cart', 'UP')
    await watch.settle()
    expect(watch.messages).toHaveLength(1)
    watch.socket.terminate()
  })

  test('a watch tells of the providers that the caller may see, with the rights of the moment', async () => {
    const labels = { serviceName: '*a*' }
    await access.rule('PUT', `/v4/roles/role-${name}`, {
      perms: [
        { resources: [{ type: 'service', labels: { serviceName: 'web' } }], verbs: ['get'] },
        { resources: [{ type: 'service', labels: { serviceName: 'cart' } }], verbs: ['get'] },
      ],
    })
    const narrow = await open('web/watcher')
    const wide = await open('web/watcher', { 'X-Auth-Token': access.root })
    const initial = await open('web/listwatcher')
    await change('bank', 'DOWN')
    await change('cart', 'DOWN')
    const said = async (client: TestClient, frames: number) =>
      (await client.frames(frames)).map(({ action, key }) => `${action} ${key.serviceName}`)
    expect(await said(wide, 2)).toEqual(['UPDATE bank', 'UPDATE cart'])
    expect(await said(narrow, 1)).toEqual(['UPDATE cart'])
    expect(await said(initial, 2)).toEqual(['INIT cart', 'UPDATE cart'])
    await access.rule('PUT', `/v4/roles/role-${name}`, {
      perms: [
        {
          resources: [
            { type: 'service', labels: { serviceName: 'web' } },
            { type: 'service', labels },
          ],
          verbs: ['get'],
        },
      ],
    })
    await change('bank', 'UP')
    expect(await said(narrow, 2)).toEqual(['UPDATE cart', 'UPDATE bank'])
    for (const { socket } of [narrow, wide, initial]) socket.terminate()
  })

  test.each([['web/watcher'], ['web/listwatcher'], ['cart/instances/i-cart/heartbeat']])(
    '%s: does not open without a credential, nor without the right',
    async (path) => {
      const upgrade = (headers: Record<string, string>) => {
        const handshake = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }
        const key = { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' }
        return access.send('GET', `${BASE}/microservices/${path}`, { headers: { ...handshake, ...key, ...headers } })
      }
      expect((await upgrade({})).json.errorCode).toBe('401002')
      expect((await upgrade({ Authorization: `Bearer ${token}` })).status).toBe(101)
      await access.rule('PUT', `/v4/roles/role-${name}`, { perms: [] })
      expect((await upgrade({ Authorization: `Bearer ${token}` })).json.errorCode).toBe('403205')
    },
  )
})

describe('giving away', () => {
  test('nobody may give more than he has', async () => {
    const types = [{ type: 'account' }, { type: 'role' }]
    await access.rule('PUT', `/v4/roles/role-${name}`, { perms: [{ resources: types, verbs: ['*'] }] })
    const asClerk = (method: string, path: string, body: object) => access.send(method, path, { token, body })
    const make = (roles: string[]) => asClerk('POST', '/v4/accounts', { name: 'friend', password: PASSWORD, roles })
    expect((await make(['admin'])).status).toBe(403)
    expect((await make(['developer'])).status).toBe(403)
    expect((await make([`role-${name}`])).status).toBe(200)
    const perms = [{ resources: [{ type: 'service' }], verbs: ['get'] }]
    const refused = await asClerk('POST', '/v4/roles', { name: 'more', perms })
    expect(refused.json).toMatchObject({
      errorCode: '403205',
      detail: 'nobody may give or take more than he has: role has no permissions[service:get]',
    })
    expect((await asClerk('PUT', '/v4/roles/viewer', { perms: [] })).status).toBe(403)
    expect((await asClerk('POST', '/v4/accounts/root/password', { password: 'Stolen-4-the-gate' })).status).toBe(403)
  })
})
