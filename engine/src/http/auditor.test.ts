import type { AuditEntry } from '@rollcall/protocol/audit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Engine } from '../engine.ts'
import { startEngine } from '../engine.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { Secret } from '../kernel/secret.ts'
import { loadSettings } from '../settings.ts'
import type { Route } from './call.ts'

const QUIET = { error() {}, warn() {}, info() {} }
const ROOT_PASSWORD = 'Root-4-the-audit'
const PASSWORD = 'User-4-the-audit'
const FLAGS = [
  '--server.port',
  '0',
  '--store.kind',
  'memory',
  '--server.drainSeconds',
  '0',
  '--auth.mode',
  'on',
  '--environments.free',
  'true',
  '--environments.max',
  '999',
]
const REGISTRY = '/v4/default/registry'

const { table } = vi.hoisted(() => ({ table: [] as Route[] }))

/** The real router; besides, the test learns the whole route table of the engine. */
vi.mock('./router.ts', async (original) => {
  const real = await original<typeof import('./router.ts')>()
  return {
    ...real,
    Router: class extends real.Router {
      constructor(...[routes, sockets]: ConstructorParameters<typeof real.Router>) {
        super(routes, sockets)
        table.push(...routes)
      }
    },
  }
})

let engine: Engine
const clock = new ManualClock()
const tokens: Record<'root' | 'viewer' | 'nobody', string> = { root: '', viewer: '', nobody: '' }

interface Ask {
  readonly as?: keyof typeof tokens
  readonly body?: unknown
}

async function send(method: string, path: string, { as = 'root', body }: Ask = {}) {
  const credential = tokens[as] === '' ? {} : { Authorization: `Bearer ${tokens[as]}` }
  const content = body === undefined ? {} : { body: JSON.stringify(body) }
  const headers = { ...credential, 'User-Agent': 'auditor-test' }
  const response = await fetch(`${engine.url}${path}`, { method, headers, ...content })
  const text = await response.text()
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : undefined }
}

/** Entries that match, the latest first. */
async function entries(query: string, as: Ask['as'] = 'root'): Promise<readonly AuditEntry[]> {
  const { status, json } = await send(
    'GET',
    `/v4/default/admin/audit?limit=1000${query}`,
    as === undefined ? {} : { as },
  )
  expect(status).toBe(200)
  return json.entries
}

/** What entries a request leaves. */
async function left(method: string, path: string, ask: Ask = {}) {
  const known = new Set((await entries('')).map(({ id }) => id))
  clock.advance(1)
  const { status } = await send(method, path, ask)
  return { status, found: (await entries('')).filter(({ id }) => !known.has(id)) }
}

async function signIn(name: string, password: string): Promise<string> {
  return (await send('POST', '/v4/token', { as: 'nobody', body: { name, password } })).json.token
}

beforeAll(async () => {
  const secrets = { rootPassword: new Secret(ROOT_PASSWORD) }
  engine = await startEngine(loadSettings(FLAGS, {}), { log: QUIET, clock, secrets })
  tokens.root = await signIn('root', ROOT_PASSWORD)
  await send('POST', '/v4/accounts', { body: { name: 'viewer', password: PASSWORD, roles: ['viewer'] } })
  tokens.viewer = await signIn('viewer', PASSWORD)
})

afterAll(() => engine.close())

let count = 0

/** What a row needs: a service of its own with a tag, a contract and an instance, or an account and a role. */
async function fresh({ family }: Pick<Route, 'family'>): Promise<string> {
  const id = `n${count++}`
  if (family === 'plain') {
    await send('POST', '/v4/roles', { body: { name: `${id}-role`, perms: [] } })
    await send('POST', '/v4/accounts', { body: { name: id, password: PASSWORD, roles: ['viewer'] } })
    return id
  }
  const service = {
    serviceName: id,
    serviceId: id,
    version: '1.0.0',
    environment: 'testing',
  }
  await send('POST', `${REGISTRY}/microservices`, { body: { service, tags: { a: 'b' } } })
  await send('PUT', `${REGISTRY}/microservices/${id}/schemas/x`, { body: { schema: 'hello' } })
  await send('POST', `${REGISTRY}/microservices/${id}/instances`, {
    body: { instance: { instanceId: 'i', hostName: 'h' } },
  })
  await send('POST', `${REGISTRY}/environments`, { body: { id, name: id } })
  return id
}

const KEY = (id: string) => ({ environment: 'testing', appId: 'default', serviceName: id, version: '1.0.0' })
const DEPENDENCIES = (id: string) => ({
  dependencies: [{ consumer: KEY(id), providers: [{ ...KEY(id), serviceName: 'other' }] }],
})
const ACCOUNT = { password: PASSWORD, roles: ['viewer'] }

type Example = (id: string) => { readonly action: string; readonly body?: unknown; readonly query?: string }

/** A request that changes something, for each row that may; `:serviceId` and the like stand for what `fresh` made. */
const EXAMPLES: Readonly<Record<string, Example>> = {
  'POST /microservices': (id) => ({ action: 'service.create', body: { service: { serviceName: `${id}-new` } } }),
  'DELETE /microservices': (id) => ({ action: 'service.delete', body: { serviceIds: [id], force: true } }),
  'DELETE /microservices/:serviceId': () => ({ action: 'service.delete', query: '?force=1' }),
  'PUT /microservices/:serviceId/properties': () => ({
    action: 'service.properties',
    body: { properties: { k: 'v' } },
  }),
  'POST /microservices/:serviceId/schemas': () => ({
    action: 'schema.set',
    body: { schemas: [{ schemaId: 'y', summary: 's', schema: 'z' }] },
  }),
  'PUT /microservices/:serviceId/schemas/:schemaId': () => ({ action: 'schema.put', body: { schema: 'other' } }),
  'DELETE /microservices/:serviceId/schemas/:schemaId': () => ({ action: 'schema.delete' }),
  'POST /microservices/:serviceId/tags': () => ({ action: 'tag.set', body: { tags: { c: 'd' } } }),
  'PUT /microservices/:serviceId/tags/:key': () => ({ action: 'tag.update', query: '?value=z' }),
  'DELETE /microservices/:serviceId/tags/:key': () => ({ action: 'tag.delete' }),
  'POST /microservices/:serviceId/instances': () => ({
    action: 'instance.register',
    body: { instance: { hostName: 'h' } },
  }),
  'DELETE /microservices/:serviceId/instances/:instanceId': () => ({ action: 'instance.unregister' }),
  'PUT /microservices/:serviceId/instances/:instanceId/properties': () => ({
    action: 'instance.properties',
    body: { properties: { k: 'v' } },
  }),
  'PUT /microservices/:serviceId/instances/:instanceId/status': () => ({
    action: 'instance.status',
    query: '?value=DOWN',
  }),
  'PUT /microservices/:serviceId/instances/:instanceId/drain': () => ({
    action: 'instance.drain',
    query: '?seconds=9',
  }),
  'DELETE /microservices/:serviceId/instances/:instanceId/drain': () => ({ action: 'instance.undrain' }),
  'PUT /instances/status': () => ({
    action: 'instance.status',
    body: { matches: { properties: { k: 'v' } }, status: 'UP' },
  }),
  'POST /dependencies': (id) => ({ action: 'dependency.add', body: DEPENDENCIES(id) }),
  'PUT /dependencies': (id) => ({
    action: 'dependency.set',
    body: { dependencies: [{ consumer: KEY(id), providers: [KEY(id)] }] },
  }),
  'POST /environments': (id) => ({ action: 'environment.create', body: { name: `${id}-new` } }),
  'PUT /environments/:environmentId': () => ({ action: 'environment.update', body: { description: 'd' } }),
  'DELETE /environments/:environmentId': () => ({ action: 'environment.delete' }),
  'PUT /v4/:project/admin/quotas': () => ({ action: 'quota.set', body: { quotas: [{ resource: 'tag', limit: 77 }] } }),
  'POST /v4/:project/admin/retire': () => ({ action: 'service.retire', body: { dryRun: false } }),
  'PUT /v3/:project/csemonitor/thresholds': (id) => ({
    action: 'threshold.set',
    body: [{ appId: 'default', environment: '', serviceName: id, failureRate: 5 }],
  }),
  'POST /v4/token': (id) => ({ action: 'account.sign-in', body: { name: id, password: PASSWORD } }),
  'POST /v4/accounts': (id) => ({ action: 'account.create', body: { name: `${id}-a`, ...ACCOUNT } }),
  'POST /v4/accounts/batch-create': (id) => ({
    action: 'account.create',
    body: {
      accounts: [
        { name: `${id}-b`, ...ACCOUNT },
        { name: `${id}-c`, ...ACCOUNT },
      ],
    },
  }),
  'PUT /v4/accounts/:name': () => ({ action: 'account.update', body: { roles: ['operator'] } }),
  'DELETE /v4/accounts/:name': () => ({ action: 'account.delete' }),
  'POST /v4/accounts/:name/password': () => ({ action: 'account.password', body: { password: 'Other-4-the-audit' } }),
  'POST /v4/roles': (id) => ({ action: 'role.create', body: { name: `${id}-r`, perms: [] } }),
  'PUT /v4/roles/:name': () => ({
    action: 'role.update',
    body: { perms: [{ resources: [{ type: 'service' }], verbs: ['get'] }] },
  }),
  'DELETE /v4/roles/:name': () => ({ action: 'role.delete' }),
}

/** Rows about what is kept by another server, or only a running engine in trouble has: that they leave entries is seen from those who are refused. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'POST /v1/:project/gov/:kind': 'policy.create',
  'PUT /v1/:project/gov/:kind/:id': 'policy.update',
  'DELETE /v1/:project/gov/:kind/:id': 'policy.delete',
  'DELETE /v4/:project/admin/alarms': 'alarm.delete',
  'DELETE /v4/:project/admin/self-preservation/:serviceId': 'self-preservation.delete',
}

const UNAUDITED = new Set(['read', 'beat', 'report'])

function rows(): { row: Route; name: string }[] {
  return table
    .filter(({ method, audit }) => method !== 'GET' && !UNAUDITED.has(String(audit)))
    .map((row) => ({
      row,
      name: `${row.method} ${row.path.replace(/^(\/v4\/:project\/registry|\/registry\/v3)/, '')}`,
    }))
}

function pathOf({ path }: Route, id: string, query = ''): string {
  const name = path.startsWith('/v4/roles') ? `${id}-role` : id
  const values: Record<string, string> = {
    project: 'default',
    serviceId: id,
    instanceId: 'i',
    schemaId: 'x',
    environmentId: id,
    kind: 'governance',
    id,
    key: 'a',
    name,
  }
  return path.replaceAll(/:(\w+)/g, (_, part: string) => values[part] ?? part) + query
}

describe('the route table', () => {
  test('has an example for each row that may change something', () => {
    const named = new Set(rows().map(({ name }) => name))
    expect(named).toEqual(new Set([...Object.keys(EXAMPLES), ...Object.keys(ELSEWHERE)]))
  })

  test('leaves one entry for each change, with who, from where and what', async () => {
    for (const { row, name } of rows()) {
      if (ELSEWHERE[name] !== undefined) continue
      const id = await fresh(row)
      if (name.startsWith('DELETE') && name.endsWith('/drain')) {
        await send('PUT', `${REGISTRY}/microservices/${id}/instances/i/drain?seconds=9`)
      }
      const { action, body, query } = EXAMPLES[name]?.(id) ?? {}
      const { status, found } = await left(row.method, pathOf(row, id, query), { body })
      expect(status, name).toBe(200)
      const account = name === 'POST /v4/token' ? id : 'root'
      const about = { account, address: '127.0.0.1', agent: 'auditor-test', action, result: 'ok' }
      expect(found, name).toEqual([expect.objectContaining(about)])
    }
  })

  test('leaves one entry for each refusal, with who asked and why it was refused', async () => {
    const id = await fresh({ family: 'v4' })
    for (const { row, name } of rows()) {
      const { action, body } = EXAMPLES[name]?.(id) ?? { action: ELSEWHERE[name], body: undefined }
      if (name === 'POST /v4/token') continue
      for (const [as, account, result] of [
        ['nobody', '', '401002'],
        ['viewer', 'viewer', '403205'],
      ] as const) {
        const isSelf = row.permission === 'signed-in' && as === 'viewer'
        const { status, found } = await left(row.method, pathOf(row, id), { as, body })
        expect([401, 403], name).toContain(status)
        const about = { account, action, result: isSelf ? '403001' : result, address: '127.0.0.1' }
        expect(found, name).toEqual([expect.objectContaining(about)])
        expect(found[0], name).not.toHaveProperty('after')
      }
    }
  })

  test('leaves none for what only reads, beats or reports', async () => {
    const id = await fresh({ family: 'v4' })
    const service = `${REGISTRY}/microservices/${id}`
    for (const [method, path, body] of [
      ['PUT', `${service}/instances/i/heartbeat`],
      ['PUT', `${REGISTRY}/heartbeats`, { instances: [{ serviceId: id, instanceId: 'i' }] }],
      ['POST', `${REGISTRY}/instances/action?type=query`, { services: [{ service: KEY(id) }] }],
      ['GET', service],
      ['POST', '/v2/default/csemonitor/transaction', { head: { appId: 'a', serviceName: 's' } }],
    ] as const) {
      expect(await left(method, path, { body }), path).toEqual({ status: 200, found: [] })
    }
  })
})
