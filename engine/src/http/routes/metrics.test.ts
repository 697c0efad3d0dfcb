import { describe, expect, test } from 'vitest'
import { useEngine } from '../../test-engine.ts'

const engine = useEngine({ perTest: true })
const { call, clock } = engine

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

const INVALID = 'Invalid parameter(s)'
const refused = (detail: string) => ({
  status: 400,
  json: { error_code: '400001', error_message: INVALID, error_msg: INVALID, detail },
})

describe('reads', () => {
  test.each([
    ['metric?instance=host-1', 'service: missing'],
    ['metric?service=,', 'service: missing'],
    ['metric?service=cart&by=planet', 'by: not one of application, service, version, instance, interface'],
    ['thresholds', 'services: missing'],
    ['series?step=fast', 'step: not a whole number'],
    ['series?from=2&to=1', 'from: later than to'],
    ['series?from=0&step=60', 'from, to: more than 1500 points of 60 s lie between them'],
    ['top?order=name', 'order: not one of qps, latency, failureRate'],
    ['top?limit=0', 'limit: not from 1 to 1000'],
    ['stream?by=planet', 'by: not one of application, service, version, instance, interface'],
  ])('%s is refused in the form of the newer API', async (search, detail) => {
    expect(await call('GET', `${READ}/${search}`)).toEqual(refused(detail))
  })

  test('several services, an instance, a function', async () => {
    await upload()
    await upload({ instance: 'host-2', interfaces: [{ name: 'Consumer.order', qps: 4 }] })
    await upload({ name: 'order' })
    expect((await read('service=cart,order')).json).toHaveLength(2)
    expect((await read('service=cart')).json).toMatchObject([{ qps: 6, instances: 2, functionCount: 2 }])
    expect((await read('service=cart&instance=host-2')).json).toMatchObject([{ instance: 'host-2', qps: 4 }])
    expect((await read('service=cart&function=Consumer.*')).json).toMatchObject([{ qps: 4 }])
    expect((await read('service=cart&by=interface')).json).toMatchObject([
      { functionName: 'Provider.cart.get', qps: 2 },
      { functionName: 'Consumer.order', qps: 4 },
    ])
  })

  test('an instance shows what it says of itself', async () => {
    await upload({ threadCount: 12, cpu: 1.5, memory: { headMax: 7 } })
    expect((await read('service=cart&instance=host-1')).json).toMatchObject([
      { thread: 12, cpu: 1.5, memory: { heapMax: 7 } },
    ])
  })

  test('a silent instance is marked and keeps its numbers', async () => {
    await upload()
    clock.advance(30_001)
    expect((await read('service=cart')).json).toMatchObject([{ silent: true, silentInstances: 1, qps: 2 }])
    const { services } = (await call('GET', `${READ}/services`)).json
    expect(services).toMatchObject([
      { serviceName: 'cart', silent: true, lastReport: clock.now() - 30_001, instances: [{ silent: true }] },
    ])
  })

  test.each([
    ['qps', ['c', 'b']],
    ['latency', ['a', 'c']],
    ['failureRate', ['b', 'a']],
  ])('the two interfaces with the most %s', async (order, expected) => {
    const item = (name: string, qps: number, latency: number) => ({ name, qps, latency, total: 100 })
    await upload({
      interfaces: [
        { ...item('a', 1, 30), failure: 2 },
        { ...item('b', 2, 10), failure: 3 },
        { ...item('c', 3, 20), failure: 1 },
      ],
    })
    const { json } = await call('GET', `${READ}/top?order=${order}&limit=2`)
    expect(json.map(({ functionName }: { functionName: string }) => functionName)).toEqual(expected)
  })

  test('a series has a column per number, null where nothing was reported', async () => {
    await upload()
    clock.advance(20_000)
    await upload()
    const { json } = await call('GET', `${READ}/series?service=cart&from=${clock.now() - 20_000}`)
    expect(json).toMatchObject({ resolution: 'fine', step: 10, series: [{ serviceName: 'cart', qps: [2, null, 2] }] })
    expect(json.times).toHaveLength(3)
  })
})

describe('thresholds', () => {
  const CART = { appId: 'shop', environment: '', serviceName: 'cart' }
  const put = (body: unknown) => call('PUT', `${READ}/thresholds`, body)
  const list = async () => (await call('GET', `${READ}/thresholds?services=cart,order`)).json
  const alarms = async (project = 'default') => (await call('GET', `/v4/${project}/admin/alarms`)).json.alarms ?? []

  test('are set, shown with the time of the change, and removed by one that watches nothing', async () => {
    expect(
      await put([
        { ...CART, avgDelay: 5, failureRate: 10 },
        { ...CART, serviceName: 'order', throughput: 1 },
      ]),
    ).toEqual({
      status: 200,
      json: undefined,
    })
    expect(await list()).toEqual([
      { $timestamp: clock.now(), ...CART, avgDelay: 5, failureRate: 10 },
      { $timestamp: clock.now(), ...CART, serviceName: 'order', throughput: 1 },
    ])
    await put(CART)
    expect(await list()).toMatchObject([{ serviceName: 'order' }])
    expect((await call('GET', '/v3/other/csemonitor/thresholds?services=order')).json).toEqual([])
  })

  test('one that is wrong sets none of the others', async () => {
    expect(
      await put([
        { ...CART, avgDelay: 5 },
        { ...CART, failureRate: -1 },
      ]),
    ).toEqual(refused('[1].failureRate: not a number from 0 to 100'))
    expect(await list()).toEqual([])
  })

  test('crossing one raises an alarm that only its project sees and that clears by itself', async () => {
    await put({ ...CART, failureRate: 20, avgDelay: 50 })
    await upload()
    clock.advance(10_000)
    const detail = 'shop/cart: failure rate is 25 %, more than 20 %'
    const raised = { id: 'FailureRateHigh:shop/cart', status: 'ACTIVATED', fields: { detail } }
    expect(await alarms()).toEqual([raised])
    expect(await alarms('other')).toEqual([])

    await call('DELETE', '/v4/default/admin/alarms')
    await upload()
    clock.advance(10_000)
    expect(await alarms()).toEqual([raised])

    await upload({ interfaces: [{ name: 'Provider.cart.get', total: 20, failure: 0 }] })
    clock.advance(10_000)
    expect(await alarms()).toEqual([{ ...raised, status: 'CLEARED' }])
  })

  test('the alarm of a service that falls silent, or of a threshold that is removed, clears too', async () => {
    await put([
      { ...CART, throughput: 1 },
      { ...CART, serviceName: 'order', avgDelay: 5 },
    ])
    await upload()
    await upload({ name: 'order' })
    clock.advance(10_000)
    expect((await alarms()).map(({ id, status }: { id: string; status: string }) => [id, status])).toEqual([
      ['ThroughputHigh:shop/cart', 'ACTIVATED'],
      ['LatencyHigh:shop/order', 'ACTIVATED'],
    ])
    await put({ ...CART, serviceName: 'order' })
    clock.advance(10_000)
    expect((await alarms())[1]).toMatchObject({ status: 'CLEARED' })
    clock.advance(30_000)
    expect((await alarms())[0]).toMatchObject({ status: 'CLEARED' })
  })
})

describe('the stream', () => {
  interface Event {
    readonly id: number
    // biome-ignore lint/suspicious/noExplicitAny: events of all kinds
    readonly data: any
  }

  /** Opens a stream; `next` is its next event. */
  async function open(search = '', lastEventId?: number) {
    const abort = new AbortController()
    const headers: Record<string, string> = lastEventId === undefined ? {} : { 'Last-Event-ID': String(lastEventId) }
    const response = await fetch(`${engine.url}${READ}/stream?service=cart${search}`, { headers, signal: abort.signal })
    const reader = response.body?.getReader()
    let text = ''
    const next = async (): Promise<Event | undefined> => {
      while (!text.includes('\n\n')) {
        const chunk = await reader?.read()
        if (chunk?.value === undefined) return undefined
        text += new TextDecoder().decode(chunk.value)
      }
      const [event = ''] = text.split('\n\n', 1)
      text = text.slice(event.length + 2)
      const [, id, data = ''] = /^id: (\d+)\nevent: metrics\ndata: (.*)$/.exec(event) ?? []
      return { id: Number(id), data: JSON.parse(data) }
    }
    return { response, next, close: () => abort.abort() }
  }

  test('tells what is, then each interval', async () => {
    await upload()
    const { response, next, close } = await open()
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const first = await next()
    expect(first?.data.metrics).toMatchObject([{ serviceName: 'cart', qps: 2 }])
    await upload({ interfaces: [{ name: 'Provider.cart.get', qps: 4 }] })
    clock.advance(10_000)
    const second = await next()
    expect(second).toMatchObject({ id: (first?.id ?? 0) + 1, data: { metrics: [{ qps: 3, silent: false }] } })
    for (const silent of [false, false, true, true]) {
      clock.advance(10_000)
      expect((await next())?.data.metrics).toMatchObject([{ silent }])
    }
    close()
  })

  test('who comes back with the id of the last event gets what was missed', async () => {
    const { next, close } = await open()
    const first = await next()
    expect(first?.data.metrics).toEqual([])
    close()
    for (const qps of [1, 2, 3]) {
      await upload({ interfaces: [{ name: 'Provider.cart.get', qps }] })
      clock.advance(10_000)
    }
    const again = await open('', first?.id)
    const ids: number[] = []
    const values: number[] = []
    for (let n = 0; n < 3; n++) {
      const event = await again.next()
      ids.push((event?.id ?? 0) - (first?.id ?? 0))
      values.push(event?.data.metrics[0].qps)
    }
    expect(ids).toEqual([1, 2, 3])
    expect(values).toEqual([1, 2, 3])
    again.close()
  })

  test('ends when the engine stops', async () => {
    const { next } = await open()
    await next()
    const end = next()
    await engine.stop()
    expect(await end).toBeUndefined()
  })

  test('too many at once are refused', async () => {
    const opened = await Promise.all(Array.from({ length: 256 }, () => open()))
    expect(await call('GET', `${READ}/stream`)).toMatchObject({
      status: 400,
      json: { error_code: '400100', detail: '256 streams of metrics are open, which is the most' },
    })
    for (const { close } of opened) close()
  })
})

describe('what Prometheus scrapes', () => {
  const scrape = async () => (await fetch(`${engine.url}/metrics/services`)).text()
  const LABELS = 'domain="default",project="default",environment="",app="shop",service="cart",version="1.0.0"'

  test('counters only grow, gauges show the newest report, silence has no value', async () => {
    await upload()
    await upload({ instance: 'host-2' })
    const text = await scrape()
    for (const sample of [
      `rollcall_service_calls_total{${LABELS}} 40`,
      `rollcall_service_failures_total{${LABELS}} 10`,
      `rollcall_service_calls_per_second{${LABELS}} 4`,
      `rollcall_service_latency_seconds{${LABELS}} 0.01`,
      `rollcall_service_failure_ratio{${LABELS}} 0.25`,
      `rollcall_service_reporting_instances{${LABELS}} 2`,
      'rollcall_metrics_hidden_versions 0',
    ]) {
      expect(text.split('\n')).toContain(sample)
    }
    clock.advance(40_000)
    const later = await scrape()
    expect(later).toContain(`rollcall_service_calls_total{${LABELS}} 40`)
    expect(later).toContain(`rollcall_service_silent_instances{${LABELS}} 2`)
    expect(later).not.toContain('rollcall_service_calls_per_second{')
  })

  test('names cannot break out of their labels', async () => {
    await upload({ version: '1"\\\n} 7' })
    expect(await scrape()).toContain('version="1\\"\\\\\\n} 7"')
  })

  test('there are never more than a thousand versions', async () => {
    for (let n = 0; n < 1010; n++) await upload({ version: String(n) })
    const text = await scrape()
    expect(text.match(/^rollcall_service_calls_total\{/gm)).toHaveLength(1000)
    expect(text).toContain('rollcall_metrics_hidden_versions 10')
  })
})

test.each(['version=latest&env=production', 'version=0%2B', 'version=latest&env='])(
  'clients find where to report to: CseMonitoring, asked with %s',
  async (search) => {
    const path = `/v4/default/registry/instances?appId=default&serviceName=CseMonitoring&${search}`
    const { json } = await call('GET', path)
    const [, port] = engine.url.split('http://127.0.0.1:')
    expect(json.instances[0].endpoints).toEqual([`rest://127.0.0.1:${port}?sslEnabled=false`])
    const key = { appId: 'default', serviceName: 'CseMonitoring', version: 'latest', environment: '' }
    const batch = await call('POST', '/v4/default/registry/instances/action?type=query', {
      services: [{ service: key }],
    })
    expect(batch.json.services.updated[0].instances).toEqual(json.instances)
  },
)
