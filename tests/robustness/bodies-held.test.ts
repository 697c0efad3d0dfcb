import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { RawConnection } from '../conformance/wire/raw-connection.ts'
import { get, post, refusalOf, send } from './raw-http-probe.ts'

const SERVICES = '/v4/default/registry/microservices'
const MIB = 1024 * 1024
/** Unfinished bodies that together are more than the engine holds. */
const CONNECTIONS = 140

let engine: EngineProcess

beforeAll(async () => {
  engine = await EngineProcess.start(['--store.kind', 'memory'])
})

afterAll(() => engine.stop())

test('large bodies that never end do not fill the memory: the last ones are refused, small ones and others are served', async () => {
  const head = `POST ${SERVICES} HTTP/1.1\r\nHost: rollcall\r\nContent-Length: ${2 * MIB}\r\n\r\n`
  const unfinished = Buffer.from(head + ' '.repeat(2 * MIB - 1))
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => RawConnection.open(engine.url)))
  for (const connection of connections) connection.write(unfinished)
  await expect.poll(() => connections.some(({ pending }) => pending.length > 0), { timeout: 25_000 }).toBe(true)
  const refused = connections.filter(({ pending }) => pending.length > 0)
  const answer = await refused[0]?.readAnswer()
  expect(answer?.status).toBe(429)
  if (answer !== undefined) expect(refusalOf(answer).errorCode).toBe('429001')

  const small = post({ path: SERVICES, domain: 'default' }, { service: { serviceName: 'small' } })
  for (const bytes of [small, get(SERVICES, 'default')]) {
    expect((await send(engine.url, bytes)).answers[0]?.status).toBe(200)
  }
  for (const connection of connections) connection.close()
  const large = post({ path: SERVICES, domain: 'default' }, `${' '.repeat(MIB)}{"service":{"serviceName":"large"}}`)
  await expect.poll(async () => (await send(engine.url, large)).answers[0]?.status, { timeout: 25_000 }).toBe(200)
})
