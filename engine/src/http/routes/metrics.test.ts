import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../../engine.ts'
import { startEngine } from '../../engine.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { loadSettings } from '../../settings.ts'

const QUIET = { error() {}, warn() {}, info() {} }
const SETTINGS = ['--server.port', '0', '--store.kind', 'memory', '--server.drainSeconds', '0']

let clock: ManualClock
let engine: Engine

beforeEach(async () => {
  clock = new ManualClock()
  engine = await startEngine(loadSettings(SETTINGS, {}), { log: QUIET, clock })
})

afterEach(() => engine.close())

interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of all routes
  readonly json: any
}

async function call(method: string, path: string, body?: unknown): Promise<Reply> {
  const content = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
  const response = await fetch(`${engine.url}${path}`, { method, ...content })
  const text = await response.text()
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) }
}

const UPLOAD = '/v2/default/csemonitor/metric'
const READ = '/v3/default/csemonitor'

const report = (members: object = {}) => ({
  appId: 'shop',
  name: 'cart',
  version: '1.0.0',
  instance: 'host-1',
  interfaces: [{ name: 'Provider.cart.get', qps: 2, latency: 10, total: 20, failure: 5 }],
  ...members,
})
const upload = (members: object = {}) => call('POST', UPLOAD, report(members))
const read = (search: string) => call('GET', `${READ}/metric?${search}`)

describe('an upload', () => {
  test.each([UPLOAD, '/csemonitor/v1/metric', `${UPLOAD}?service=cart`, '/csemonitor/v1/metric?service=cart'])(
    'to %s is taken and read again',
    async (path) => {
      expect(await call('POST', path, report())).toEqual({ status: 200, json: undefined })
      const { status, json } = await read('service=cart')
      expect(status).toBe(200)
      expect(json).toHaveLength(1)
      expect(json[0]).toMatchObject({
        appId: 'shop',
        version: '1.0.0',
        qps: 2,
        latency: 10,
        total: 20,
        failureRate: 25,
      })
    },
  )

  test('is seen by its own project only', async () => {
    await upload()
    expect((await call('GET', '/v3/other/csemonitor/metric?service=cart')).json).toEqual([])
  })

  const invalid = (detail: string) => ({
    status: 400,
    json: { error_code: 'SVCSTG.CSE.4001000', error_message: 'upload metric invalid', detail },
  })

  test.each([
    [{ name: undefined }, 'name: missing'],
    [{ appId: null }, 'appId: missing'],
    [{ version: '' }, 'version: empty'],
    [{ instance: 7 }, 'instance: not a text'],
    [{ instanceId: 'i' }, 'serviceId: missing; serviceId and instanceId come together or not at all'],
    [{ serviceId: 's' }, 'instanceId: missing; serviceId and instanceId come together or not at all'],
    [{ cpu: 'fast' }, 'cpu: not a number'],
    [{ memory: { heapUsed: '' } }, 'memory.heapUsed: not a number'],
    [{ interfaces: {} }, 'interfaces: not a list'],
    [{ interfaces: [null] }, 'interfaces[0]: not an object'],
    [{ interfaces: [{ name: 'a' }, { qps: 1 }] }, 'interfaces[1].name: missing'],
    [{ interfaces: [{ name: 'a', latency: 'NaN' }] }, 'interfaces[0].latency: not a number'],
    [{ interfaces: [{ name: 'a', total: '0x10' }] }, 'interfaces[0].total: not a number'],
    [{ interfaces: [{ name: 'a', l99: true }] }, 'interfaces[0].l99: not a number'],
    [{ interfaces: [{ name: 'a', circuitBreakerOpen: 'no' }] }, 'interfaces[0].circuitBreakerOpen: not true or false'],
    [{ interfaces: Array.from({ length: 1001 }, () => ({ name: 'a' })) }, 'interfaces: more than 1000'],
  ])('of %j is refused: %s', async (members, detail) => {
    expect(await upload(members)).toEqual(invalid(detail))
    expect((await read('service=cart')).json).toEqual([])
  })

  test.each(['[]', 'null', '"text"', '7'])('of %s is refused', async (text) => {
    expect(await call('POST', UPLOAD, text)).toEqual(invalid('body: not an object'))
  })

  test('of more than 1 MiB is refused, of exactly 1 MiB it is not', async () => {
    const text = JSON.stringify(report())
    expect(await call('POST', UPLOAD, text.padEnd(1_048_577))).toEqual(invalid('body: longer than 1048576 bytes'))
    expect((await call('POST', UPLOAD, text.padEnd(1_048_576))).status).toBe(200)
  })

  test.each([
    ['nothing', '', 'No content to map due to end-of-input', 1, 0],
    ['cut JSON', '{"name":', 'Unexpected end-of-input', 1, 8],
    ['JSON with a fault', '{\n  "name": cart\n}', "Unexpected character ('c')", 2, 11],
  ])('of %s is refused with reason, line and column', async (_, text, ...[reason, line, column]) => {
    const detail = `${reason}\n at [Source: request body; line: ${line}, column: ${column}]`
    expect(await call('POST', UPLOAD, text)).toEqual({
      status: 500,
      json: { error_code: 'SVCSTG.CSE.500500', error_message: `Failed to decode: ${detail}`, detail },
    })
    expect((await call('GET', '/v4/default/admin/alarms')).json).toEqual({})
  })
})

describe('reads', () => {
  test('a question without a service is refused in the form of the newer API', async () => {
    const text = 'Invalid parameter(s)'
    expect(await read('instance=host-1')).toEqual({
      status: 400,
      json: { error_code: '400001', error_message: text, error_msg: text, detail: 'service: missing' },
    })
  })
})
