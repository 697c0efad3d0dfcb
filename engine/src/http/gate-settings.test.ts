import { afterEach, describe, expect, test } from 'vitest'
import { TestAccess } from '../test-access.ts'

/** Access control that is switched on step by step. */

const BASE = '/v4/default/registry'

let access: TestAccess
afterEach(() => access.close())

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
}

describe('auth.scope', () => {
  /** One path of each type of resource. */
  const PATHS = {
    service: `${BASE}/microservices`,
    'service/schema': `${BASE}/microservices/s/schemas`,
    ops: '/v4/default/admin/alarms',
    account: '/v4/accounts',
    role: '/v4/roles',
  }

  test.each([
    ['service/schema, ops', 'service/schema ops account role'],
    ['service', 'service account role'],
    ['account', 'account role'],
    ['*', 'service service/schema ops account role'],
  ])('%s: a token is needed for %s', async (scope, closed) => {
    access = await TestAccess.start(['--auth.scope', scope])
    const asked = Object.entries(PATHS).map(async ([type, path]) => {
      return (await access.send('GET', path)).json.errorCode === '401002' ? type : ''
    })
    expect((await Promise.all(asked)).filter(Boolean).join(' ')).toBe(closed)
  })

  test('where services need none, a token does no harm, and a wrong password is told in the words of old clients', async () => {
    access = await TestAccess.start(['--auth.scope', 'ops'])
    const list = (token: string) => access.send('GET', `${BASE}/microservices`, { token })
    expect([(await list(access.root)).status, (await list('wrong')).status]).toEqual([200, 200])
    const body = { name: 'root', password: 'Wrong-1-password' }
    const { status, json } = await access.send('POST', '/v4/token', { body })
    expect([status, json.errorCode]).toEqual([401, '401302'])
  })

  test('a WebSocket is of the type service', async () => {
    access = await TestAccess.start(['--auth.scope', 'ops'])
    const watch = await access.send('GET', `${BASE}/microservices/s/watcher`, { headers: UPGRADE })
    expect(watch.status).toBe(101)
  })
})

describe('auth.openSockets', () => {
  const SOCKETS = ['watcher', 'listwatcher', 'instances/i/heartbeat'].map((end) => `${BASE}/microservices/s/${end}`)

  test('true: WebSockets open without a token, and nothing else does', async () => {
    access = await TestAccess.start(['--auth.openSockets', 'true'])
    for (const path of SOCKETS) expect((await access.send('GET', path, { headers: UPGRADE })).status).toBe(101)
    expect((await access.send('GET', `${BASE}/microservices`, { headers: UPGRADE })).status).toBe(401)
    expect((await access.send('PUT', `${BASE}/microservices/s/instances/i/heartbeat`)).status).toBe(401)
  })

  test('true: a token that is shown still counts', async () => {
    access = await TestAccess.start(['--auth.openSockets', 'true'])
    const nobody = await access.accountThatMay('nobody', [])
    for (const path of SOCKETS) {
      expect((await access.send('GET', path, { headers: UPGRADE, token: nobody })).status).toBe(403)
      expect((await access.send('GET', path, { headers: UPGRADE, token: 'wrong' })).status).toBe(401)
    }
  })

  test('false: they do not', async () => {
    access = await TestAccess.start()
    for (const path of SOCKETS) expect((await access.send('GET', path, { headers: UPGRADE })).status).toBe(401)
  })
})

test('with auth.trustForwarded it is the last forwarded address that is locked, without it the connection’s', async () => {
  const guess = (address: string) => {
    const body = { name: 'root', password: 'Wrong-1-password' }
    return access.send('POST', '/v4/token', { body, headers: { 'X-Forwarded-For': address } })
  }
  const locked = async () => {
    for (let time = 0; time < 3; time++) await guess(`198.51.100.${time}, 192.0.2.9`)
    return (await access.rule('GET', '/v4/account-locks')).data.map(({ key }: { key: string }) => key)
  }
  access = await TestAccess.start(['--auth.trustForwarded', 'true'])
  expect(await locked()).toEqual(['root::192.0.2.9'])
  await access.close()
  access = await TestAccess.start()
  expect(await locked()).toEqual(['root::127.0.0.1'])
})
