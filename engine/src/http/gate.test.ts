import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf, TestAccess } from '../test-access.ts'
import type { Need, Route, SocketRoute } from './call.ts'

/** The gate, tried with every row of the route table that a running engine has. */

type Row = Route | SocketRoute

let access: TestAccess
let rows: readonly Row[]
/** Holds a role whose permissions the tests change. */
let somebody: string
let untouched: string

beforeAll(async () => {
  access = await TestAccess.start()
  rows = access.engine.rows
  somebody = await access.accountThatMay('somebody', [])
  const { serviceId } = IDS
  await access.rule('POST', '/v4/default/registry/microservices', { service: { serviceName: 'bank', serviceId } })
  const instance = { instanceId: IDS.instanceId, hostName: 'vault', endpoints: ['rest://10.9.8.7:1'] }
  await access.rule('POST', `/v4/default/registry/microservices/${serviceId}/instances`, { instance })
  await access.rule('POST', '/csemonitor/v1/metric', METRICS)
  await access.rule('POST', '/csemonitor/v1/transaction', TRANSACTIONS)
  untouched = await everything()
})

afterAll(() => access.close())

const IDS: Readonly<Record<string, string>> = {
  project: 'default',
  serviceId: 'id-bank',
  instanceId: 'at-the-bank',
  schemaId: 'teller',
  key: 'tag',
  name: 'somebody',
  globalTxId: 'transfer',
}
const METRICS = {
  ...{ appId: 'default', name: 'bank', version: '1.0.0', environment: '', instance: 'vault' },
  interfaces: [{ name: 'withdraw', qps: 1, total: 10 }],
}
const HEAD = { appId: 'default', serviceName: 'bank' }
const TRANSACTIONS = { head: HEAD, txInfo: { globalTxId: 'transfer', branchTxId: 'b', status: 'TRYING' } }

/** What each kind of request that names services in its body would do to the bank. */
const BODY = {
  service: { serviceName: 'bank', version: '2.0.0' },
  serviceIds: [IDS.serviceId],
  instance: { hostName: 'robber', endpoints: ['rest://10.0.0.1:1'] },
  instances: [{ serviceId: IDS.serviceId, instanceId: IDS.instanceId, instance: { serviceId: IDS.serviceId } }],
  ...HEAD,
  services: [{ service: { appId: 'default', serviceName: 'bank', version: '1.0.0' } }],
  dependencies: [{ consumer: { ...HEAD, version: '1.0.0' }, providers: [{ ...HEAD, version: '1.0.0' }] }],
  properties: { owner: 'robber' },
  tags: { owner: 'robber' },
  schema: 'opened',
  schemas: [{ schemaId: 'teller', schema: 'opened' }],
  status: 'DOWN',
  matches: { properties: {} },
  name: 'robber',
  password: 'Robber-4-the-gate',
  roles: ['admin'],
  failureRate: 1,
  perms: [],
}

const methodOf = (row: Row): string => ('method' in row ? row.method : 'GET')
const nameOf = (row: Row): string => `${methodOf(row)} ${row.path}`
const pathOf = ({ path }: Row): string => path.replace(/:(\w+)/g, (_, name: string) => IDS[name] ?? name)
const needOf = ({ permission }: Row): Need | undefined => (typeof permission === 'string' ? undefined : permission)
/** What requests that name services in their query would ask of the bank. */
const queryOf = ({ path }: Row): string =>
  `type=${path.endsWith('/action') ? 'query' : 'microservice'}&appId=default&serviceName=bank&version=1.0.0&value=DOWN&service=bank&services=bank`

function bodyOf({ path }: Row): object {
  if (path.endsWith('csemonitor/metric') || path.endsWith('v1/metric')) return METRICS
  return path.endsWith('/transaction') ? TRANSACTIONS : BODY
}

/** All that there is to see and to change, as root sees it. */
async function everything(): Promise<string> {
  const paths = ['/v4/accounts', '/v4/roles', '/v4/default/admin/dump', '/v4/default/admin/quotas']
  const monitored = ['services', 'transactions', 'thresholds?services=bank'].map(
    (noun) => `/v3/default/csemonitor/${noun}`,
  )
  const texts = [...paths, ...monitored].map(async (path) => JSON.stringify(await access.rule('GET', path)))
  return (await Promise.all(texts)).join('\n')
}

/** Ways to spell a path that have opened other products. */
const TAMPERINGS: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => `${path}/`,
  (path) => `${path};`,
  (path) => `${path};a=b/c`,
  (path) => path.replace(/(?<=.)\/(?=[^/]+$)/, ';x=y/'),
  (path) => `${path}%2f`,
  (path) => `${path}%00`,
  (path) => `${path}%20`,
  (path) => `${path}.json`,
  (path) => `${path}/.`,
  (path) => `${path}/%2e%2e`,
  (path) => `${path}?/v4/token`,
  (path) => `${path}#/v4/token`,
  (path) => `${path}%3F/v4/token`,
  (path) => `/v4/token/..${path}`,
  (path) => `/v4/token/..;${path}`,
  (path) => `/console/..%2f..${path}`,
  (path) => `/health/%2e%2e${path}`,
  (path) => `/health;${path}`,
  (path) => path.replace('/v4', '//v4'),
  (path) => path.replace(/.(?=[^/]*$)/, '//'),
  (path) => path.replace('/v4', '/V4'),
  (path) => path.toUpperCase(),
  (path) => path.replaceAll('e', '%65'),
  (path) => path.replaceAll('/', '%2F').replace('%2F', '/'),
  (path) => path.replaceAll('/', '\\').replace('\\', '/'),
  (path) => path.replace('/', '/./'),
  (path) => `http://elsewhere${path}`,
  (path) => `http://elsewhere/console/..${path}`,
]

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
}

const HEADERS: readonly Readonly<Record<string, string>>[] = [
  {},
  UPGRADE,
  { 'User-Agent': 'Nacos-Server' },
  { 'X-HTTP-Method-Override': 'POST' },
  { 'X-HTTP-Method': 'GET', 'X-Method-Override': 'GET' },
  { 'X-Original-URL': '/v4/token', 'X-Rewrite-URL': '/v4/token' },
  { 'X-Forwarded-For': '127.0.0.1', 'X-Real-IP': '127.0.0.1' },
  { 'X-Forwarded-User': 'root', 'X-Remote-User': 'root', 'X-User': 'root', 'X-Account': 'root' },
  { 'X-Domain-Name': 'default', 'X-Tenant-Name': 'default', 'X-ConsumerId': 'id-bank' },
  { Serveridentity: 'security', 'X-Auth-Service': 'true' },
  { Cookie: 'token=root; rollcall=root' },
]
const CREDENTIALS: readonly Readonly<Record<string, string>>[] = [
  {},
  { Authorization: 'Bearer ' },
  { Authorization: 'Bearer a.b.c' },
  { Authorization: 'Basic cm9vdDpyb290' },
  { 'X-Auth-Token': 'x' },
  { 'X-Authorization': 'Bearer a.b.c' },
]

/** 400 is only ever said about the target itself, which is looked at before anything else. */
const isAboutTarget = (status: number, detail: unknown): boolean =>
  status === 400 && /^Invalid Request URI /.test(String(detail))

const RUNS = { numRuns: 700 }

test.each([
  ['Authorization', 'Bearer '],
  ['X-Authorization', 'Bearer '],
  ['X-Auth-Token', ''],
])('a token is taken as %s', async (header, word) => {
  const ask = (token: string) => fetch(`${access.engine.url}/v4/accounts`, { headers: { [header]: word + token } })
  expect((await ask(access.root)).status).toBe(200)
  expect((await ask(`${access.root}x`)).status).toBe(401)
})

test('only these rows are for everybody', () => {
  const names = rows.filter(({ permission }) => permission === 'public').map(nameOf)
  expect(names.sort()).toEqual([
    'GET /',
    'GET /console',
    'GET /console/',
    'GET /docs',
    'GET /docs/page.css',
    'GET /docs/page.js',
    'GET /health',
    'GET /openapi.json',
    'GET /v1/syncer/health',
    'GET /v4/:project/registry/health',
    'GET /v4/:project/registry/health/readiness',
    'GET /v4/:project/registry/version',
    'GET /v4/errors',
    'GET /version',
    'POST /v4/token',
  ])
})

test('only these rows ask for a credential and nothing more', () => {
  const names = rows.filter(({ permission }) => permission === 'signed-in').map(nameOf)
  expect(names.sort()).toEqual([
    'GET /v4/:project/registry/environments',
    'GET /v4/:project/registry/environments/:environmentId',
    'GET /v4/self-perms',
    'POST /v4/accounts/:name/password',
  ])
})

test('a row asks for the right that its method is about, but for these', () => {
  const verbs: Readonly<Record<string, string>> = { GET: 'get', POST: 'create', PUT: 'update', DELETE: 'delete' }
  const others = rows.filter((row) => needOf(row) !== undefined && needOf(row)?.verb !== verbs[methodOf(row)])
  expect(others.map((row) => `${nameOf(row)}: ${needOf(row)?.verb}`).sort()).toEqual([
    'DELETE /v4/:project/registry/microservices/:serviceId/instances/:instanceId/drain: update',
    'GET /v4/:project/registry/microservices/:serviceId/instances/:instanceId/heartbeat: update',
    'POST /csemonitor/v1/metric: update',
    'POST /csemonitor/v1/transaction: update',
    'POST /v2/:project/csemonitor/metric: update',
    'POST /v2/:project/csemonitor/transaction: update',
    'POST /v4/:project/admin/retire: update',
    'POST /v4/:project/registry/instances/action: get',
  ])
})

test('without a credential no row, spelling and header opens anything', async () => {
  const closed = rows.filter(({ permission }) => permission !== 'public')
  const ways = fc.record({
    row: fc.constantFrom(...closed),
    tamper: fc.constantFrom(...TAMPERINGS),
    headers: fc.constantFrom(...HEADERS),
    credential: fc.constantFrom(...CREDENTIALS),
  })
  await fc.assert(
    fc.asyncProperty(ways, async ({ row, tamper, headers, credential }) => {
      const sent = { headers: { ...headers, ...credential }, body: bodyOf(row) }
      const { status, json } = await access.send(methodOf(row), tamper(pathOf(row)), sent)
      if (isAboutTarget(status, json?.detail)) return
      expect([status, codeOf(json)]).toEqual([401, '401002'])
    }),
    RUNS,
  )
  expect(await everything()).toBe(untouched)
})

const TYPES = ['account', 'role', 'audit', 'service', 'service/schema', 'governance', 'ops', 'config']
const VERBS = ['get', 'create', 'update', 'delete']
const RIGHTS = TYPES.flatMap((type) => VERBS.map((verb) => `${type}:${verb}`))
const perms = (rights: readonly string[], labels?: object) =>
  rights.map((right) => {
    const [type, verb] = right.split(':')
    return { resources: [{ type, ...(labels && { labels }) }], verbs: [verb] }
  })
const become = (rights: readonly string[], labels?: object) =>
  access.rule('PUT', '/v4/roles/role-somebody', { perms: perms(rights, labels) })

test('with any role no row, spelling and header opens what the role does not allow', async () => {
  const guarded = rows.filter((row) => needOf(row) !== undefined)
  const ways = fc.record({
    row: fc.constantFrom(...guarded),
    rights: fc.subarray(RIGHTS),
    tamper: fc.constantFrom(...TAMPERINGS),
    headers: fc.constantFrom(...HEADERS),
  })
  await become([])
  const before = await everything()
  await fc.assert(
    fc.asyncProperty(ways, async ({ row, rights, tamper, headers }) => {
      const { resource, verb } = needOf(row) ?? {}
      await become(rights.filter((right) => right !== `${resource}:${verb}`))
      const sent = { token: somebody, headers, body: bodyOf(row) }
      const { status, json } = await access.send(methodOf(row), tamper(pathOf(row)), sent)
      if (isAboutTarget(status, json?.detail) || status === 404 || status === 405) return
      expect([status, codeOf(json)]).toEqual([403, '403205'])
      expect(json.detail).toBe(`role has no permissions[${resource}:${verb}]`)
    }),
    RUNS,
  )
  await become([])
  expect(withoutTimes(await everything())).toBe(withoutTimes(before))
})

/** The role of the tests is changed by them. */
const withoutTimes = (text: string): string => text.replace(/"updateTime":"\d+"/g, '')

test('with every right, limited to services of other names, nothing of the bank is seen or changed', async () => {
  await become(RIGHTS, { serviceName: 'shop*' })
  const before = await everything()
  for (const row of rows.filter((one) => needOf(one) !== undefined)) {
    const sent = { token: somebody, body: bodyOf(row) }
    const { status, text, json } = await access.send(methodOf(row), `${pathOf(row)}?${queryOf(row)}`, sent)
    const isFiltered = needOf(row)?.scope === 'shown'
    const isNothing = status === 200 && !/bank|vault|10\.9\.8\.7|transfer/.test(text)
    const said = `${nameOf(row)}: ${status} ${text}`
    if (isFiltered) expect(isNothing || status === 404, said).toBe(true)
    else expect([status, codeOf(json), said]).toEqual([403, '403205', said])
  }
  expect(await everything()).toBe(before)
})

describe('roles that are there from the beginning', () => {
  /** By role, what it may do with each type of resource. */
  const MATRIX: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    viewer: { service: 'get', 'service/schema': 'get', governance: 'get', config: 'get' },
    operator: {
      ...{ account: 'get', role: 'get', service: 'get update', 'service/schema': 'get', config: 'get' },
      ...{ governance: 'get create update delete', ops: 'get create update delete' },
    },
    developer: Object.fromEntries(TYPES.slice(3).map((type) => [type, 'get create update delete'])),
    admin: Object.fromEntries(TYPES.map((type) => [type, 'get create update delete'])),
  }

  test.each(Object.entries(MATRIX))('%s may do what the documents say, at every row', async (role, may) => {
    const token = await access.account(`a-${role}`, [role])
    // Ids that nobody has: what is allowed does no harm.
    const path = (row: Row) => row.path.replace(':project', 'default').replace(/:(\w+)/g, 'nobody-has-it')
    for (const row of rows) {
      const need = needOf(row)
      if (need === undefined) continue
      const { status, json } = await access.send(methodOf(row), path(row), { token, body: {} })
      const isAllowed = (may[need.resource] ?? '').split(' ').includes(need.verb)
      expect([nameOf(row), status !== 401 && codeOf(json) !== '403205']).toEqual([nameOf(row), isAllowed])
    }
  })
})

test('an unknown path is told to be unknown only to who has signed in', async () => {
  await become([])
  for (const path of ['/nothing', '/v4', '/v4/default/registry/nothing', '/metrics/nothing']) {
    expect((await access.send('GET', path)).status).toBe(401)
    expect((await access.send('GET', path, { token: somebody })).status).toBe(404)
  }
})
