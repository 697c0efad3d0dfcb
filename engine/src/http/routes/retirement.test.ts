import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../engine.ts'
import { startEngine } from '../../engine.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { loadSettings } from '../../settings.ts'

const QUIET = { error() {}, warn() {}, info() {} }
const SETTINGS = ['--server.port', '0', '--store.kind', 'memory', '--server.drainSeconds', '0']

let engine: Engine
let domain: string
let count = 0

beforeAll(async () => {
  engine = await startEngine(loadSettings(SETTINGS, {}), { log: QUIET, clock: new ManualClock() })
})

afterAll(() => engine.close())

beforeEach(async () => {
  domain = `retire-${count++}`
  for (const version of ['1.0', '2.0', '3.0', '4.0', '5.0']) {
    const service = { serviceName: 's', serviceId: version, version, environment: 'testing' }
    await call('POST', '/registry/microservices', { service })
  }
  await call('PUT', '/registry/microservices/1.0/schemas/a', { schema: 'hello' })
  await call('POST', '/registry/microservices/2.0/instances', { instance: { hostName: 'h' } })
})

// biome-ignore lint/suspicious/noExplicitAny: answers of all routes
async function call(method: string, path: string, body?: object): Promise<{ status: number; json: any }> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) }
  const response = await fetch(`${engine.url}/v4/default${path}`, {
    method,
    headers: { 'X-Domain-Name': domain },
    ...content,
  })
  const text = await response.text()
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) }
}

const about = (version: string) => ({
  serviceId: version,
  environment: 'testing',
  appId: 'default',
  serviceName: 's',
  version,
})
const left = async () => {
  const { services } = (await call('GET', '/registry/microservices')).json
  return services.map(({ serviceId }: { readonly serviceId: string }) => serviceId).sort()
}

test('nothing goes unless it is said to be no dry run; the report is the same', async () => {
  const services = {
    retiredCount: 1,
    keptCount: 4,
    retired: [about('1.0')],
    kept: [{ ...about('2.0'), reason: 'instances' }],
  }
  const asked = { minAgeHours: 0 }
  expect(await call('POST', '/admin/retire', asked)).toEqual({
    status: 200,
    json: { dryRun: true, keep: 3, minAgeHours: 0, services, contents: { retiredCount: 0, characters: 0 } },
  })
  expect(await left()).toHaveLength(5)
  expect(await call('POST', '/admin/retire', { ...asked, dryRun: false })).toEqual({
    status: 200,
    json: { dryRun: false, keep: 3, minAgeHours: 0, services, contents: { retiredCount: 1, characters: 5 } },
  })
  expect(await left()).toEqual(['2.0', '3.0', '4.0', '5.0'])
})

test('what is young stays by default', async () => {
  const { json } = await call('POST', '/admin/retire', { dryRun: false, keep: 1 })
  expect(json.services).toMatchObject({ retiredCount: 0, keptCount: 5 })
  expect(json.services.kept.map(({ reason }: { readonly reason: string }) => reason)).toEqual([
    ...['recent', 'recent'],
    ...['instances', 'recent'],
  ])
})

test.each([
  [{ keep: 0 }, 'RetireRequest.Keep'],
  [{ keep: 1001 }, 'RetireRequest.Keep'],
  [{ minAgeHours: -1 }, 'RetireRequest.MinAgeHours'],
  [{ keep: 'x' }, 'keep'],
  [{ dryRun: 'no' }, 'dryRun'],
])('%j is refused by name', async (body, field) => {
  const { status, json } = await call('POST', '/admin/retire', { dryRun: false, ...body })
  expect([status, json.errorCode]).toEqual([400, '400001'])
  expect(json.detail).toContain(field)
  expect(await left()).toHaveLength(5)
})
