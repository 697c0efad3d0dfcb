import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Client, MetricsReporter } from '@rollcall/client'
import { joinService, reportMetrics } from '@rollcall/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TestBed } from './client-fixture.ts'
import { startTestBed } from './client-fixture.ts'

const SERVICE = { appId: 'shop', serviceName: 'cart', version: '1.0.0' }

let bed: TestBed
let reporter: MetricsReporter | undefined
let isAway: boolean
let warnings: string[]
let client: Client

beforeEach(async () => {
  bed = await startTestBed()
  isAway = false
  warnings = []
  client = bed.connect({
    fetch: (target, init) => (isAway ? Promise.reject(new TypeError('fetch failed')) : fetch(target, init)),
    log: { info() {}, warn: (_, sentence) => void warnings.push(sentence) },
  })
})

afterEach(async () => {
  await reporter?.close()
  await bed[Symbol.asyncDispose]()
})

function report(options: Partial<Parameters<typeof reportMetrics>[1]> = {}): MetricsReporter {
  reporter = reportMetrics(client, { service: SERVICE, hostName: 'host-1', ...options })
  return reporter
}

/** Both clocks go on together, as real ones do. */
function advance(ms: number): void {
  bed.engineClock.advance(ms)
  bed.clientClock.advance(ms)
}

// biome-ignore lint/suspicious/noExplicitAny: answers of all routes
async function read(noun: string): Promise<any> {
  const response = await fetch(`${bed.engine.url}/v3/default/csemonitor/${noun}`)
  expect(response.status).toBe(200)
  return response.json()
}

const current = (by = 'instance') => read(`metric?service=cart&by=${by}`)

describe('what is recorded', () => {
  test('is seen by the engine after an interval', async () => {
    const metrics = report()
    for (let n = 0; n < 20; n++) metrics.record('Provider.cart.get', 10, { isFailure: n < 5 })
    advance(10_000)
    await expect.poll(() => current()).toHaveLength(1)
    const [group] = await current()
    expect(group).toMatchObject({ instance: 'host-1', qps: 2, latency: 10, total: 20, failure: 5, failureRate: 25 })
    expect(group.l99 / 10).toBeCloseTo(1, 1)
    expect(group.memory.heapUsed).toBeGreaterThan(0)
  })

  test('is reported under the ids of the registration, as soon as it has them', async () => {
    isAway = true
    const membership = joinService(client, { service: SERVICE, instance: { hostName: 'host-1', endpoints: [] } })
    const metrics = report({ membership })
    metrics.record('Provider.cart.get', 10)
    advance(10_000)
    expect(metrics.waiting).toBe(1)
    isAway = false
    const joined = membership.joined().catch(() => membership.joined())
    await membership.beat()
    await joined
    advance(10_000)
    await expect.poll(() => current()).toHaveLength(1)
    expect(await current()).toMatchObject([{ instanceId: membership.instanceId }])
    await membership.leave()
  })

  test('a breaker is shown as long as it is open, with the calls that it held back', async () => {
    const metrics = report()
    metrics.record('Consumer.stock.take', 10, { isFailure: true })
    metrics.setBreaker('Consumer.stock.take', true)
    for (let n = 0; n < 3; n++) metrics.recordShortCircuit('Consumer.stock.take')
    advance(10_000)
    await expect.poll(() => current()).toHaveLength(1)
    expect(await current()).toMatchObject([{ circuitBreakerOpen: true, shortCircuited: 3, breakerRateAgg: 75 }])
    metrics.setBreaker('Consumer.stock.take', false)
    advance(10_000)
    await expect.poll(() => current()).toMatchObject([{ circuitBreakerOpen: false }])
  })

  test('functions: results, promises and failures pass through', async () => {
    const metrics = report()
    const double = metrics.wrap('Provider.cart.double', (value: number) => value * 2)
    const later = metrics.wrap('Provider.cart.later', async (value: string) => value)
    const never = metrics.wrap('Provider.cart.never', () => {
      throw new RangeError('no')
    })
    const rejected = metrics.wrap('Provider.cart.rejected', () => Promise.reject(new RangeError('no')))
    expect(double(21)).toBe(42)
    expect(await later('text')).toBe('text')
    expect(never).toThrow('no')
    await expect(rejected()).rejects.toThrow('no')
    advance(10_000)
    await expect.poll(() => current('interface')).toHaveLength(4)
    const groups: { functionName: string; failure: number }[] = await current('interface')
    expect(Object.fromEntries(groups.map(({ functionName, failure }) => [functionName, failure]))).toEqual({
      'Provider.cart.double': 0,
      'Provider.cart.later': 0,
      'Provider.cart.never': 1,
      'Provider.cart.rejected': 1,
    })
  })

  test('requests of a server', async () => {
    const metrics = report()
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/broken' ? 500 : 200
      response.end('text')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const stop = metrics.observe(server)
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    for (const path of ['/carts/1', '/carts/2?x=1', '/broken']) await (await fetch(url + path)).text()
    await expect
      .poll(async () => {
        advance(10_000)
        const groups: { functionName: string; failureRate: number }[] = await current('interface')
        return groups.map(({ functionName }) => functionName)
      })
      .toEqual(['Provider.cart.GET /carts/*', 'Provider.cart.GET /broken'])
    stop()
    server.close()
    server.closeAllConnections()
  })
})

describe('while the engine is away', () => {
  test('reports wait, and are filed where they belong afterwards', async () => {
    const metrics = report()
    const from = bed.engineClock.now()
    isAway = true
    for (const calls of [10, 20, 30]) {
      for (let n = 0; n < calls; n++) metrics.record('Provider.cart.get', 10)
      advance(10_000)
    }
    expect(metrics.waiting).toBe(3)
    await expect.poll(() => warnings).toEqual(['metrics could not be reported'])
    isAway = false
    await expect
      .poll(async () => {
        advance(1000)
        return metrics.waiting
      })
      .toBe(0)
    const { series } = await read(`series?service=cart&from=${from}&to=${from + 29_999}`)
    expect(series[0].total).toEqual([10, 20, 30])
    expect(warnings).toHaveLength(1)
  })

  test('never more than thirty wait, and closing gives them up', async () => {
    isAway = true
    const metrics = report()
    for (let n = 0; n < 50; n++) advance(10_000)
    expect(metrics.waiting).toBe(30)
    await metrics.close()
    metrics.record('Provider.cart.get', 10)
    advance(10_000)
    expect(await current()).toEqual([])
  })
})

test('a refused report is given up, and said once', async () => {
  const metrics = report({ service: { ...SERVICE, serviceName: ' ' } })
  for (let n = 0; n < 3; n++) {
    metrics.record('Provider.cart.get', 10)
    advance(10_000)
    await expect.poll(() => metrics.waiting).toBe(0)
  }
  expect(warnings).toEqual(['metrics could not be reported'])
})

test('names without end do not take memory without end', async () => {
  const metrics = report()
  for (let n = 0; n < 2000; n++) metrics.record(`Provider.cart.${n}`, 10)
  advance(10_000)
  await expect.poll(() => current('interface')).toHaveLength(500)
  const [other] = await read('metric?service=cart&by=interface&function=other')
  expect(other.total).toBe(1501)
})

test('closing sends the last report', async () => {
  const metrics = report()
  metrics.record('Provider.cart.get', 10)
  advance(4000)
  await metrics.close()
  expect(await current()).toMatchObject([{ total: 1, qps: 0.25 }])
})
