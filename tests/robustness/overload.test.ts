import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { headerValue } from '../conformance/wire/http-bytes.ts'
import { get, post, refusalOf, send } from './raw-http-probe.ts'

const REGISTRY = '/v4/default/registry'
const SERVICES = `${REGISTRY}/microservices`
const SERVICE = { serviceId: 'busy', serviceName: 'busy' }
const WITHIN_MS = 25_000

let engine: EngineProcess

beforeAll(async () => {
  // A millisecond is little: a few connections that never wait for an answer are overload then.
  engine = await EngineProcess.start(['--store.kind', 'memory', '--limits.overloadMs', '1'])
})

afterAll(() => engine.stop())

test('an engine that falls behind refuses finds with 429 until it has caught up, and heartbeats never', async () => {
  const registered = post(
    { path: SERVICES, domain: 'default' },
    { service: SERVICE, instances: [{ instanceId: 'i', hostName: 'h' }] },
  )
  const heartbeat = post({ method: 'PUT', path: `${SERVICES}/busy/instances/i/heartbeat`, domain: 'default' }, '')
  const find = get(`${REGISTRY}/instances?appId=default&serviceName=busy`, 'default')
  const once = async (bytes: Buffer | string) => {
    const [answer] = (await send(engine.url, bytes)).answers
    if (answer === undefined) throw new Error('no answer')
    return answer
  }
  expect((await once(registered)).status).toBe(200)

  let isOver = false
  const flood = Array.from({ length: 4 }, async () => {
    const beats = heartbeat.toString().repeat(200)
    while (!isOver) {
      const { answers } = await send(engine.url, beats, { answers: 200 })
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 200 }, () => 200))
    }
  })
  let last = await once(find)
  const statusOf = async () => {
    last = await once(find)
    return last.status
  }
  await expect.poll(statusOf, { timeout: WITHIN_MS }).toBe(429)
  isOver = true
  await Promise.all(flood)
  expect(refusalOf(last)).toMatchObject({ errorCode: '429001' })
  expect(headerValue(last.headers, 'retry-after')).toBe('1')
  expect(engine.output).toContain('overloaded: finds are refused')
  await expect.poll(statusOf, { timeout: WITHIN_MS }).toBe(200)
})
