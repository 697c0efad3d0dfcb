import type { Engine } from '@rollcall/engine/engine'
import { startEngine } from '@rollcall/engine/engine'
import { loadSettings } from '@rollcall/engine/settings'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

const RUNS = { numRuns: 150 }
const UPLOADS = ['/v2/default/csemonitor/metric', '/csemonitor/v1/metric']
const READS = '/v3/default/csemonitor'
const UNDECODABLE = 'SVCSTG.CSE.500500'

let engine: Engine
let defects: object[]

beforeAll(async () => {
  defects = []
  const log = { error: (facts: object) => void defects.push(facts), warn() {}, info() {} }
  engine = await startEngine(loadSettings(['--server.port', '0', '--store.kind', 'memory'], {}), { log })
})

afterAll(() => engine.close())

/** Asks, and refuses every answer that no document describes. */
async function ask(path: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(engine.url + path, init)
  const text = await response.text()
  if (response.status === 200) return 200
  const { error_code: code, detail } = JSON.parse(text) as { error_code?: string; detail?: string }
  expect(detail).toMatch(/\S/)
  if (response.status === 500) expect(code).toBe(UNDECODABLE)
  else expect([response.status, code]).toEqual([400, expect.stringMatching(/^(?:SVCSTG\.CSE\.4001000|400001)$/)])
  return response.status
}

const json = fc.jsonValue({ maxDepth: 3 })
const member = fc.constantFrom('name', 'appId', 'version', 'instance', 'interfaces', 'memory', 'cpu', 'timestamp', 'x')
const item = fc.dictionary(fc.constantFrom('name', 'qps', 'total', 'l99', 'circuitBreakerOpen', '__proto__'), json)
const report = fc
  .tuple(fc.array(item, { maxLength: 3 }), fc.dictionary(member, json, { maxKeys: 2 }))
  .map(([interfaces, members]) => ({ appId: 'a', name: 'n', version: '1', instance: 'h', interfaces, ...members }))
const bodies = fc.oneof(
  report.map((value) => JSON.stringify(value)),
  fc.tuple(report, fc.nat()).map(([value, at]) => JSON.stringify(value).slice(0, at % 80)),
  json.map((value) => JSON.stringify(value)),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => new Blob([bytes as Uint8Array<ArrayBuffer>])),
)

test.each(UPLOADS)('whatever is posted to %s, it is taken or refused in the documented form', async (path) => {
  const property = fc.asyncProperty(bodies, async (body) => {
    const status = await ask(path, { method: 'POST', body })
    expect([200, 400, 500]).toContain(status)
  })
  await fc.assert(property, RUNS)
  expect(defects).toEqual([])
})

test('whatever is put as thresholds, it is taken or refused in the documented form', async () => {
  const limits = fc.dictionary(fc.constantFrom('serviceName', 'appId', 'avgDelay', 'failureRate'), json)
  const values = fc.oneof(json, limits, fc.array(limits, { maxLength: 3 }))
  const property = fc.asyncProperty(values, async (value) => {
    await ask(`${READS}/thresholds`, { method: 'PUT', body: JSON.stringify(value) })
  })
  await fc.assert(property, RUNS)
  expect(defects).toEqual([])
})

test('whatever is asked, it is answered or refused in the documented form', async () => {
  await ask(UPLOADS[0] as string, {
    method: 'POST',
    body: '{"appId":"a","name":"n","version":"1","instance":"h","interfaces":[{"name":"f","qps":1}]}',
  })
  const noun = fc.constantFrom('metric', 'series', 'top', 'services', 'thresholds')
  const names = ['service', 'services', 'by', 'instance', 'function', 'from', 'to', 'step', 'order', 'limit', 'version']
  const value = fc.oneof(
    fc.string(),
    fc.nat().map(String),
    fc.constantFrom('n', 'interface', 'instance', 'qps', '*', '0'),
  )
  const query = fc.dictionary(fc.constantFrom(...names), value)
  const property = fc.asyncProperty(noun, query, async (path, search) => {
    // What ends a target or doubles slashes is refused before the route is looked at.
    const text = `${new URLSearchParams({ ...search, z: 'z' })}`
    await ask(`${READS}/${path}?${text}`)
  })
  await fc.assert(property, RUNS)
  expect(defects).toEqual([])
})
