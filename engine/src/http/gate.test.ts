import { type IncomingHttpHeaders, request } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../engine.ts'
import { startEngine } from '../engine.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { Secret } from '../kernel/secret.ts'
import { loadSettings } from '../settings.ts'

const QUIET = { error() {}, warn() {}, info() {} }
const ROOT_PASSWORD = 'Root-4-the-gate'
const PASSWORD = 'User-4-the-gate'
const FLAGS = ['--server.port', '0', '--store.kind', 'memory', '--server.drainSeconds', '0', '--auth.mode', 'on']

/** Rows of the route table that need a permission; `s` and `i` stand for ids. */
const CLOSED = [
  'GET /v4/default/registry/existence',
  'POST /v4/default/registry/microservices',
  'GET /v4/default/registry/microservices',
  'DELETE /v4/default/registry/microservices',
  'GET /v4/default/registry/microservices/s',
  'DELETE /v4/default/registry/microservices/s',
  'PUT /v4/default/registry/microservices/s/properties',
  'GET /v4/default/registry/microservices/s/schemas',
  'POST /v4/default/registry/microservices/s/schemas',
  'GET /v4/default/registry/microservices/s/schemas/c',
  'PUT /v4/default/registry/microservices/s/schemas/c',
  'DELETE /v4/default/registry/microservices/s/schemas/c',
  'POST /v4/default/registry/microservices/s/tags',
  'GET /v4/default/registry/microservices/s/tags',
  'PUT /v4/default/registry/microservices/s/tags/t',
  'DELETE /v4/default/registry/microservices/s/tags/t',
  'POST /v4/default/registry/microservices/s/instances',
  'GET /v4/default/registry/microservices/s/instances',
  'GET /v4/default/registry/microservices/s/instances/i',
  'DELETE /v4/default/registry/microservices/s/instances/i',
  'PUT /v4/default/registry/microservices/s/instances/i/properties',
  'PUT /v4/default/registry/microservices/s/instances/i/status',
  'PUT /v4/default/registry/microservices/s/instances/i/drain',
  'DELETE /v4/default/registry/microservices/s/instances/i/drain',
  'PUT /v4/default/registry/microservices/s/instances/i/heartbeat',
  'GET /v4/default/registry/microservices/s/instances/i/heartbeat',
  'GET /v4/default/registry/microservices/s/watcher',
  'GET /v4/default/registry/microservices/s/listwatcher',
  'PUT /v4/default/registry/heartbeats',
  'PUT /v4/default/registry/instances/status',
  'GET /v4/default/registry/instances',
  'POST /v4/default/registry/instances/action',
  'POST /v4/default/registry/dependencies',
  'PUT /v4/default/registry/dependencies',
  'GET /v4/default/registry/microservices/s/providers',
  'GET /v4/default/registry/microservices/s/consumers',
  'GET /v4/default/registry/microservices/s/subscribers',
  'GET /registry/v3/microservices',
  'GET /registry/v3/instances',
  'DELETE /registry/v3/microservices/s',
  'GET /v4/default/govern/microservices',
  'GET /v4/default/govern/microservices/s',
  'GET /v4/default/govern/apps',
  'GET /v4/default/govern/relations',
  'GET /v4/default/govern/statistics',
  'GET /v4/default/admin/quotas',
  'PUT /v4/default/admin/quotas',
  'POST /v4/default/admin/retire',
  'POST /v2/default/csemonitor/metric',
  'POST /csemonitor/v1/metric',
  'GET /v3/default/csemonitor/metric',
  'POST /v2/default/csemonitor/transaction',
  'POST /csemonitor/v1/transaction',
  'GET /v3/default/csemonitor/transactions',
  'GET /v3/default/csemonitor/transactions/statistics',
  'GET /v3/default/csemonitor/transactions/t',
  'GET /v4/default/admin/alarms',
  'DELETE /v4/default/admin/alarms',
  'GET /v4/default/admin/clusters',
  'GET /v4/default/admin/dump',
  'GET /v4/default/admin/backup',
  'GET /v4/default/admin/diagnosis',
  'GET /v4/default/admin/self-preservation',
  'DELETE /v4/default/admin/self-preservation/s',
  'GET /v4/accounts',
  'POST /v4/accounts',
  'POST /v4/accounts/batch-create',
  'GET /v4/accounts/root',
  'PUT /v4/accounts/root',
  'DELETE /v4/accounts/root',
  'GET /v4/account-locks',
  'GET /v4/roles',
  'POST /v4/roles',
  'GET /v4/roles/admin',
  'PUT /v4/roles/admin',
  'DELETE /v4/roles/admin',
].map((row) => row.split(' ') as [string, string])

/** Needs a credential and nothing more. */
const SIGNED_IN: [string, string][] = [
  ['GET', '/v4/self-perms'],
  ['POST', '/v4/accounts/root/password'],
  ['GET', '/nothing'],
]

let engine: Engine
let root: string
let nobody: string
let shopOnly: string

interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: answers of all routes
  readonly json: any
}

/** Sends the path as it stands, which fetch would tidy. */
function send(method: string, path: string, more: { headers?: Record<string, string>; body?: unknown } = {}) {
  const { hostname, port } = new URL(engine.url)
  const body = more.body === undefined ? '' : JSON.stringify(more.body)
  const headers = { ...more.headers, 'Content-Length': String(Buffer.byteLength(body)) }
  return new Promise<Reply>((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => {
        const json = text.startsWith('{') ? JSON.parse(text) : text
        resolve({ status: response.statusCode ?? 0, headers: response.headers, json })
      })
    })
    sent.on('error', reject).end(body)
  })
}

/** The newer monitoring API spells it in its own way. */
const codeOf = (json: Reply['json']) => json.errorCode ?? json.error_code

const as = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })

async function signIn(name: string, password: string): Promise<string> {
  return (await send('POST', '/v4/token', { body: { name, password } })).json.token
}

async function account(name: string, perms: object[]): Promise<string> {
  await send('POST', '/v4/roles', { ...as(root), body: { name: `role-${name}`, perms } })
  const body = { name, password: PASSWORD, roles: [`role-${name}`] }
  expect((await send('POST', '/v4/accounts', { ...as(root), body })).status).toBe(200)
  return signIn(name, PASSWORD)
}

beforeAll(async () => {
  const secrets = { rootPassword: new Secret(ROOT_PASSWORD) }
  engine = await startEngine(loadSettings(FLAGS, {}), { log: QUIET, clock: new ManualClock(), secrets })
  root = await signIn('root', ROOT_PASSWORD)
  nobody = await account('nobody', [])
  const labels = { serviceName: 'shop*' }
  shopOnly = await account('shop-only', [{ resources: [{ type: 'service', labels }], verbs: ['*'] }])
  for (const serviceName of ['shop-a', 'bank']) {
    const body = { service: { serviceName, serviceId: `id-${serviceName}` } }
    await send('POST', '/v4/default/registry/microservices', { ...as(root), body })
  }
})

afterAll(() => engine.close())

/** Ways to spell a path that have opened other products. */
const TAMPERINGS: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => `${path}/`,
  (path) => `${path};a=b/c`,
  (path) => `${path}%2f`,
  (path) => `${path}/.`,
  (path) => `${path}/%2e%2e`,
  (path) => `${path}?/v4/token`,
  (path) => `${path}%3F/v4/token`,
  (path) => `/v4/token/..${path}`,
  (path) => `/health/%2e%2e${path}`,
  (path) => path.replace('/v4', '//v4'),
  (path) => path.replace('/v4', '/V4'),
  (path) => path.replaceAll('e', '%65'),
  (path) => path.replace('/', '/./'),
  (path) => `http://elsewhere${path}`,
]

const HEADERS: readonly Record<string, string>[] = [
  {},
  { 'User-Agent': 'Nacos-Server' },
  { 'X-HTTP-Method-Override': 'POST' },
  { 'X-Original-URL': '/v4/token' },
  { 'X-Forwarded-For': '127.0.0.1' },
  { Authorization: 'Bearer ' },
  { Authorization: 'Bearer a.b.c' },
  { 'X-Auth-Token': 'x' },
]

describe('without a credential', () => {
  test('no row, spelling and header opens anything', async () => {
    const row = fc.constantFrom(...CLOSED, ...SIGNED_IN)
    const ways = fc.record({ row, tamper: fc.constantFrom(...TAMPERINGS), headers: fc.constantFrom(...HEADERS) })
    await fc.assert(
      fc.asyncProperty(ways, async ({ row: [method, path], tamper, headers }) => {
        const { status, json } = await send(method, tamper(path), { headers, body: {} })
        expect([400, 401]).toContain(status)
        // 400 is only ever said about the target itself, which is looked at before anything else.
        if (status === 400) expect(json.detail).toMatch(/^Invalid Request URI /)
        else expect(codeOf(json)).toBe('401002')
      }),
      { numRuns: 600 },
    )
  })

  test.each(['/health', '/version', '/v4/default/registry/health/readiness', '/console/'])(
    '%s is open',
    async (path) => {
      expect((await send('GET', path)).status).toBe(200)
    },
  )
})

describe('with an account that may do nothing', () => {
  test.each(CLOSED)('%s %s is refused, and the missing permission is named', async (method, path) => {
    const { status, json } = await send(method, path, { ...as(nobody), body: {} })
    expect([status, codeOf(json)]).toEqual([403, '403205'])
    expect(json.detail).toMatch(/^role has no permissions\[[a-z/]+:(get|create|update|delete)\]$/)
  })

  test('an unknown path is told to be unknown', async () => {
    expect((await send('GET', '/nothing', as(nobody))).status).toBe(404)
  })
})

describe('with permissions that have labels', () => {
  const BASE = '/v4/default/registry'

  test('lists and pictures show only what matches', async () => {
    const { json } = await send('GET', `${BASE}/microservices`, as(shopOnly))
    expect(json.services.map((service: { serviceName: string }) => service.serviceName)).toEqual(['shop-a'])
    const statistics = await send('GET', '/v4/default/govern/statistics', as(shopOnly))
    expect(statistics.json.statistics.services.count).toBe(1)
  })

  test.each([
    ['/v4/default/registry/microservices'],
    ['/v4/default/registry/microservices?withShared=1'],
    ['/v4/default/registry/microservices?offset=0&limit=9'],
    ['/registry/v3/microservices'],
    ['/v4/default/govern/microservices?options=all'],
    ['/v4/default/govern/microservices?options=all&offset=0&limit=9'],
    ['/v4/default/govern/relations'],
  ])('%s gives nothing of others, even when somebody who sees all has just asked for it', async (path) => {
    const everything = await send('GET', path, as(root))
    expect(JSON.stringify(everything.json)).toContain('"bank"')
    const part = await send('GET', path, as(shopOnly))
    expect(JSON.stringify(part.json)).toContain('"shop-a"')
    expect(JSON.stringify(part.json)).not.toContain('bank')
    expect((await send('GET', path, as(root))).json).toEqual(everything.json)
  })

  test('a part of a list counts only what the caller may see', async () => {
    const totals = [root, shopOnly].map(async (token) => {
      const { headers } = await send('GET', `${BASE}/microservices?offset=0&limit=1`, as(token))
      return headers['x-total-count']
    })
    expect(await Promise.all(totals)).toEqual(['2', '1'])
  })

  test.each([
    ['GET', `${BASE}/microservices/id-shop-a`, 200],
    ['GET', `${BASE}/microservices/id-bank`, 403],
    ['GET', `${BASE}/instances?appId=default&serviceName=shop-a`, 200],
    ['GET', `${BASE}/instances?appId=default&serviceName=bank`, 403],
    ['GET', `${BASE}/microservices/nobody-has-it`, 400],
    ['DELETE', `${BASE}/microservices/id-bank`, 403],
    ['PUT', `${BASE}/instances/status`, 403],
    ['GET', `${BASE}/microservices/id-shop-a/schemas`, 403],
  ])('%s %s: %i', async (method, path, status) => {
    expect((await send(method, path, { ...as(shopOnly), body: {} })).status).toBe(status)
  })

  test('a batch is refused when one of its services is not allowed', async () => {
    const body = { serviceIds: ['id-shop-a', 'id-bank'] }
    expect((await send('DELETE', `${BASE}/microservices`, { ...as(shopOnly), body })).status).toBe(403)
    expect((await send('GET', `${BASE}/microservices/id-shop-a`, as(root))).status).toBe(200)
  })
})

test('a right that is taken away is gone with the next request', async () => {
  const token = await account('leaving', [{ resources: [{ type: 'service' }], verbs: ['get'] }])
  const list = () => send('GET', '/v4/default/registry/microservices', as(token))
  expect((await list()).status).toBe(200)
  await send('PUT', '/v4/roles/role-leaving', { ...as(root), body: { perms: [] } })
  expect((await list()).status).toBe(403)
  await send('PUT', '/v4/accounts/leaving', { ...as(root), body: { status: 'inactive' } })
  expect((await list()).json.detail).toBe('401206: account [leaving] is inactive')
  await send('DELETE', '/v4/accounts/leaving', as(root))
  expect((await list()).json.detail).toBe('401206: account [leaving] is deleted')
})

test('nobody may give more than he has', async () => {
  const types = [{ type: 'account' }, { type: 'role' }]
  const token = await account('clerk', [{ resources: types, verbs: ['*'] }])
  const make = (roles: string[]) =>
    send('POST', '/v4/accounts', { ...as(token), body: { name: 'friend', password: PASSWORD, roles } })
  expect((await make(['admin'])).status).toBe(403)
  expect((await make(['developer'])).status).toBe(403)
  expect((await make(['role-clerk'])).status).toBe(200)
  const perms = [{ resources: [{ type: 'service' }], verbs: ['get'] }]
  expect((await send('POST', '/v4/roles', { ...as(token), body: { name: 'more', perms } })).status).toBe(403)
})

test('X-Auth-Token is as good as Authorization', async () => {
  expect((await send('GET', '/v4/self-perms', { headers: { 'X-Auth-Token': nobody } })).status).toBe(200)
})

test('64 guesses at once get no more comparisons than three', async () => {
  await account('target', [])
  const guess = () => send('POST', '/v4/token', { body: { name: 'target', password: 'Wrong-1234' } })
  const replies = await Promise.all(Array.from({ length: 64 }, guess))
  const codes = replies.map(({ json }) => json.errorCode)
  expect(codes.filter((code) => code === '401002')).toHaveLength(3)
  expect(codes.filter((code) => code === '403201')).toHaveLength(61)
  const locks = (await send('GET', '/v4/account-locks', as(root))).json.data
  expect(locks).toContainEqual(expect.objectContaining({ key: 'target::127.0.0.1', status: 'banned' }))
})
