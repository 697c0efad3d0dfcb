import { once } from 'node:events'
import { get, type IncomingMessage, type ServerResponse } from 'node:http'
import { json as jsonOf } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../../engine.ts'
import { startEngine } from '../../engine.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { loadSettings } from '../../settings.ts'
import { TestKieServer } from '../../test-kie-server.ts'

const QUIET = { error() {}, warn() {}, info() {} }
const GROUP = { alias: 'orders', matches: [{ name: 'm', apiPath: { exact: '/orders' }, method: ['POST'] }] }

let kie: TestKieServer
let engine: Engine
let clock: ManualClock

beforeEach(async () => {
  kie = new TestKieServer()
  const url = await kie.start()
  const flags = ['--server.port', '0', '--store.kind', 'memory', '--server.drainSeconds', '0']
  const policies = ['--policies.kieUrl', url, '--policies.timeoutMs', '300']
  clock = new ManualClock()
  engine = await startEngine(loadSettings([...flags, ...policies], {}), { log: QUIET, clock })
})

afterEach(async () => {
  await engine.close()
  await kie.stop()
})

// biome-ignore lint/suspicious/noExplicitAny: answers of all routes
async function call(method: string, path: string, body?: object): Promise<{ status: number; text: string; json: any }> {
  const response = await fetch(`${engine.url}/v1/shop/gov/${path}`, {
    method,
    headers: { Authorization: 'Bearer mine' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, text, json: text === '' ? undefined : JSON.parse(text) }
}

async function create(kind: string, policy: object): Promise<string> {
  const { status, json } = await call('POST', kind, policy)
  expect([status, Object.keys(json)]).toEqual([200, ['id']])
  return json.id
}

const SELECTOR = { app: 'a', environment: '' }

test('a policy is kept where clients of ServiceComb read it, and asked for with the credential of the caller', async () => {
  await create('rate-limiting', { name: 'x', selector: SELECTOR, spec: { rate: 5, services: 'cart' } })
  expect(kie.entries).toEqual([
    {
      id: 'id-0',
      key: 'servicecomb.rateLimiting.x',
      value: 'rate: 5\nservices: cart\n',
      status: 'enabled',
      labels: SELECTOR,
      create_time: 1,
      update_time: 2,
    },
  ])
  expect(kie.authorizations).toEqual(['Bearer mine'])
})

test('is read alone and by kind, indented; changed only in what it says and whether it holds; and removed', async () => {
  const id = await create('retry', { name: 'x', selector: SELECTOR, spec: { maxAttempts: 3 } })
  const policy = {
    name: 'x',
    id,
    status: 'enabled',
    creatTime: 1,
    updateTime: 2,
    selector: SELECTOR,
    kind: 'retry',
    spec: { maxAttempts: 3 },
  }
  expect((await call('GET', `retry/${id}`)).text).toBe(JSON.stringify(policy, undefined, 2))
  expect((await call('GET', 'retry?app=a')).text).toBe(JSON.stringify([policy], undefined, 2))
  expect((await call('GET', 'bulkhead?app=a')).text).toBe('[]')
  const change = { name: 'y', selector: {}, status: 'disabled', spec: { maxAttempts: 4 } }
  expect(await call('PUT', `retry/${id}`, change)).toEqual({ status: 200, text: '', json: undefined })
  const changed = { ...policy, status: 'disabled', spec: { maxAttempts: 4 } }
  expect((await call('GET', 'retry?environment=all')).json).toEqual([changed])
  expect((await call('DELETE', `retry/${id}`)).status).toBe(200)
  expect(kie.entries).toEqual([])
})

test.each([
  ['retry', '', ['environment:']],
  ['match-group', '?app=a&environment=production', ['environment:production', 'app:a']],
  ['circuit-breaker', '?environment=all', []],
])('%s%s asks for the labels %j', async (kind, search, labels) => {
  await call('GET', kind + search)
  const url = new URL(kie.asked[0]?.slice(4) ?? '', 'http://kie')
  expect(url.searchParams.getAll('label')).toEqual(labels)
})

test('display shows each group with the policies of its name, and a group takes them along when it goes', async () => {
  const group = await create('match-group', { name: 'g', selector: SELECTOR, spec: GROUP })
  await create('match-group', { name: 'alone', selector: SELECTOR, spec: GROUP })
  await create('retry', { name: 'g', selector: SELECTOR, spec: { maxAttempts: 1 } })
  await create('fault-injection', { name: 'g', selector: SELECTOR, spec: { percentage: 1 } })
  await create('retry', { name: 'other', selector: SELECTOR, spec: { maxAttempts: 1 } })
  const { json } = await call('GET', 'display?app=a')
  const shown = json.map((one: { matchGroup: { name: string }; policies: { kind: string }[] }) => [
    one.matchGroup.name,
    one.policies.map(({ kind }) => kind),
  ])
  expect(shown).toEqual([
    ['g', ['retry', 'faultInjection']],
    ['alone', []],
  ])
  await call('DELETE', `match-group/${group}`)
  expect(kie.entries.map(({ key }) => key)).toEqual(['servicecomb.matchGroup.alone', 'servicecomb.retry.other'])
})

test('a group without a name gets one', async () => {
  await create('match-group', { selector: SELECTOR, spec: GROUP })
  expect(kie.entries[0]?.key).toMatch(/^servicecomb\.matchGroup\.scene-[a-z0-9]{4}$/)
})

describe('what is unsound is refused, and nothing is asked', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`)
  test.each<[kind: string, body: object, detail: string]>([
    ['nonsense', { name: 'x', spec: {} }, 'not support kind[nonsense] yet'],
    ['toString', { name: 'x', spec: {} }, 'not support kind[toString] yet'],
    ['retry', { name: 'x' }, 'illegal policy[retry] spec, msg: retry.maxAttempts in body is required'],
    [
      'retry',
      { name: 'x', spec: { maxAttempts: 1, retryOnSame: 1.5 } },
      'retry.retryOnSame in body must be of type integer',
    ],
    ['retry', { spec: { maxAttempts: 1 } }, "field 'Policy.Name' is missing"],
    ['retry', { name: 'a.b', spec: { maxAttempts: 1 } }, "field 'Policy.Name' does not match rule"],
    ['retry', { name: 'x', spec: [] }, "member 'spec' must be an object, not a list"],
    ['retry', { name: 'x', spec: { maxAttempts: deep } }, 'retry in body is nested more than 16 levels deep'],
    [
      'fault-injection',
      { name: 'x', spec: { percentage: -1 } },
      'percentage in body should be greater than or equal to 0',
    ],
    ['loadbalance', { name: 'x', spec: { rule: '' } }, 'loadbalance.rule in body should be at least 1 long'],
    ['match-group', { spec: { alias: 'a', matches: [] } }, 'match-group.matches in body should be at least 1 long'],
    ['match-group', { spec: { alias: 'a', matches: [{}] } }, 'match-group.matches.0.name in body is required'],
    [
      'match-group',
      { spec: { alias: 'a', matches: [{ name: 'm', method: ['HEAD'] }] } },
      'match-group.matches.0.method.0 in body should be one of [GET POST DELETE PUT PATCH]',
    ],
  ])('%s %j', async (kind, body, detail) => {
    const { status, json } = await call('POST', kind, body)
    expect([status, json.errorCode]).toEqual([400, '400001'])
    expect(json.detail).toContain(detail)
    expect(kie.asked).toEqual([])
  })

  test('a change', async () => {
    const { status, json } = await call('PUT', 'retry/1', { spec: {} })
    expect([status, json.detail]).toEqual([400, expect.stringContaining('retry.maxAttempts in body is required')])
    expect(kie.asked).toEqual([])
  })
})

test.each(['shop/gov/retry/.', 'shop/gov/retry/..', './gov/retry', '../gov/retry'])(
  '%s is refused, for dots would make the address of the entry another one',
  async (path) => {
    // `fetch` would take the dots away itself.
    const [response] = (await once(get(engine.url, { path: `/v1/${path}` }), 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(400)
    expect(await jsonOf(response)).toMatchObject({ errorCode: '400001', detail: expect.stringContaining('is no name') })
    expect(kie.asked).toEqual([])
  },
)

describe('when the server fails, so do the requests, with the reason', () => {
  test.each<[what: string, behaviour: (response: ServerResponse) => void, reason: string]>([
    ['an error', (response) => void response.writeHead(503).end('away'), 'it answered GET with status 503: away'],
    ['no JSON', (response) => void response.end('<html>'), 'not valid JSON'],
    ['a redirect', (response) => void response.writeHead(302, { Location: '/' }).end(), 'redirect'],
    ['a reset', (response) => void response.socket?.resetAndDestroy(), 'it cannot be reached'],
    ['nothing at all', () => void clock.advance(301), 'no answer within 300 ms'],
  ])('%s', async (_, behaviour, reason) => {
    kie.misbehave = behaviour
    const { status, json } = await call('GET', 'retry')
    expect([status, json.errorCode, json.errorMessage]).toEqual([500, '500003', 'Internal server error'])
    expect(json.detail).toContain(reason)
  })

  test('an unknown id', async () => {
    for (const [method, body] of [['GET'], ['PUT', { spec: { maxAttempts: 1 } }]] as const) {
      const { status, json } = await call(method, 'retry/nobody', body)
      expect([status, json.detail]).toEqual([500, expect.stringContaining(`it answered ${method} with status 404`)])
    }
  })

  test('entries that are no policies are passed over', async () => {
    const entry = { status: 'enabled', labels: { environment: '' } }
    kie.entries = [
      { ...entry, id: '1', key: 'servicecomb.retry.broken', value: ': [' },
      { ...entry, id: '2', key: 'servicecomb.retry.text', value: 'text' },
      { ...entry, id: '3', key: 'servicecomb.retry.a.b', value: 'maxAttempts: 1' },
      { ...entry, id: '4', key: 'servicecomb.retry.sound', value: 'maxAttempts: 1' },
    ]
    expect((await call('GET', 'retry')).json.map(({ name }: { name: string }) => name)).toEqual(['sound'])
  })
})
