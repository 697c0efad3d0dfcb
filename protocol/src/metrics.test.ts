import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from './decode.ts'
import { INTERFACE_WIDTH, readMetricReport } from './metrics.ts'

const HEAD = { appId: 'app1', version: '1.0.0', name: 'svc1', instance: 'host-1' }

const read = (interfaces: unknown, members: object = {}) => readMetricReport({ ...HEAD, ...members, interfaces })
const numbers = (item: object) => [...read([{ name: 'a', ...item }]).numbers]

describe('documents of clients', () => {
  test('of Java: with misspelt heap, threadCount and nulls', () => {
    const report = readMetricReport({
      ...HEAD,
      serviceId: 's1',
      environment: 'development',
      instanceId: 'i1',
      cpu: 1.5,
      loadAverage: 0.5,
      uptime: 1234,
      memory: { heapInit: 1, headMax: 2, nonHeapUsed: 7 },
      interfaces: [
        {
          name: 'Provider.svc1.schema.op',
          desc: null,
          qps: 1.2,
          latency: 3,
          l995: 9,
          l5: 1,
          rate: 1,
          failureRate: 0.5,
        },
      ],
      customs: null,
      threadCount: 12,
    })
    expect(report).toMatchObject({ name: 'svc1', environment: 'development', serviceId: 's1', instanceId: 'i1' })
    expect(report.gauges).toEqual({
      thread: 12,
      cpu: 1.5,
      loadAverage: 0.5,
      uptime: 1234,
      memory: { heapInit: 1, heapMax: 2, nonHeapUsed: 7 },
    })
    expect(report.interfaceNames).toEqual(['Provider.svc1.schema.op'])
  })

  test('of Go: one interface, thread, no environment', () => {
    const report = readMetricReport({
      ...HEAD,
      environment: '',
      thread: 5,
      customs: null,
      interfaces: [{ name: 'Consumer.svc2.rest', total: 4, circuitBreakerOpen: true }],
      cpu: 2,
      memory: { heapAlloc: 12, heapObjects: 0 },
    })
    expect(report.gauges).toMatchObject({ thread: 5, cpu: 2, memory: { heapAlloc: 12, heapObjects: 0 } })
    expect([...report.numbers].at(-1)).toBe(1)
  })

  test.each([null, undefined, []])('an instance without calls: interfaces %j', (interfaces) => {
    expect(read(interfaces)).toMatchObject({ interfaceNames: [], environment: '', serviceId: '', timestamp: 0 })
  })

  test('numbers may be texts, an interface may be called functionName', () => {
    const { interfaceNames, numbers: [qps, total] = [] } = read([{ functionName: 'f', qps: '1.5', total: '+2e1' }])
    expect({ interfaceNames, qps, total }).toEqual({ interfaceNames: ['f'], qps: 1.5, total: 20 })
  })
})

describe('what is not sent', () => {
  test.each([
    [{ qps: 2 }, [2, 20, 0]],
    [{ qps: 2, failureRate: 0.25 }, [2, 20, 5]],
    [{ qps: 2, total: 8, failureRate: 0.25 }, [2, 8, 2]],
    [{ qps: 2, total: 8, failure: 3, failureRate: 0.25 }, [2, 8, 3]],
    [{}, [0, 0, 0]],
  ])('%j counts as %j calls per second, calls and failures', (item, expected) => {
    expect(numbers(item).slice(0, 3)).toEqual(expected)
  })

  test('negative counts, which clients send for what they do not know yet, are 0', () => {
    expect(numbers({ qps: -1, total: -5, countTimeout: -0.5 })).toEqual(new Array(INTERFACE_WIDTH).fill(0))
  })
})

test('whatever is sent, it is refused by name or every number is one', () => {
  const value = fc.oneof(
    fc.double(),
    fc.string(),
    fc.boolean(),
    fc.constantFrom(null, '1', '1e400', 1e300),
    fc.jsonValue(),
  )
  const member = fc.constantFrom('name', 'qps', 'total', 'latency', 'l99', 'circuitBreakerOpen', 'failureRate')
  const head = fc.constantFrom('name', 'appId', 'instance', 'serviceId', 'cpu', 'memory', 'timestamp', 'interfaces')
  const document = fc
    .tuple(fc.array(fc.dictionary(member, value), { maxLength: 3 }), fc.dictionary(head, value, { maxKeys: 2 }))
    .map(([items, members]) => ({ ...HEAD, interfaces: items.map((item) => ({ name: 'a', ...item })), ...members }))
  fc.assert(
    fc.property(document, (body) => {
      try {
        const report = readMetricReport(JSON.parse(JSON.stringify(body)))
        expect(report.numbers).toHaveLength(report.interfaceNames.length * INTERFACE_WIDTH)
        for (const number of report.numbers) expect(number >= 0 && number <= Number.MAX_SAFE_INTEGER).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
        expect((error as Error).message).toMatch(/^[\s\S]+: [a-z]/)
      }
    }),
    { numRuns: 2000 },
  )
})
