import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { headerValue, type RawAnswer } from '../conformance/wire/http-bytes.ts'
import { RawConnection } from '../conformance/wire/raw-connection.ts'
import { get, post, refusalOf, send } from './raw-http-probe.ts'

const VERSION = '/v4/default/registry/version'
const SERVICES = '/v4/default/registry/microservices'
const FIND = '/v4/default/registry/instances?appId=default&serviceName=limited'
const HEALTH = '/v4/default/registry/health'
/** Enough to tell an end by deadline from none, on a machine that is busy with other things. */
const END_WITHIN_MS = 25_000
const MEMORY = ['--store.kind', 'memory']
const DEADLINES = ['--limits.headerSeconds', '1', '--limits.bodySeconds', '2', '--limits.idleSeconds', '1']

let engine: EngineProcess

async function answerTo(bytes: Buffer | string): Promise<RawAnswer> {
  const { answers } = await send(engine.url, bytes)
  const [answer] = answers
  if (answer === undefined) throw new Error('the connection ended without an answer')
  return answer
}

const put = (path: string) => post({ method: 'PUT', path, domain: 'default' }, '')

/** Registers a service with one instance. @returns the path of its heartbeat */
async function registerInstance(): Promise<string> {
  const service = { serviceId: 'limited', serviceName: 'limited' }
  const document = { service, instances: [{ instanceId: 'i', hostName: 'h' }] }
  expect((await answerTo(post({ path: SERVICES, domain: 'default' }, document))).status).toBe(200)
  return `${SERVICES}/limited/instances/i/heartbeat`
}

/** Sends a byte now and then, for as long as the other side listens. */
async function drip(connection: RawConnection, byte: string): Promise<void> {
  while (!connection.isEnded) {
    connection.write(byte)
    await answerTo(get(VERSION, 'default'))
  }
}

describe('deadlines', () => {
  beforeAll(async () => {
    engine = await EngineProcess.start([...MEMORY, ...DEADLINES])
  })

  afterAll(async () => {
    expect(engine.isRunning, engine.output).toBe(true)
    await engine.stop()
  })

  test.each([
    ['nothing at all', ''],
    ['half a request line', 'GET /ver'],
    ['half a head', `GET ${VERSION} HTTP/1.1\r\nHost: rollcall\r\nX-Slow: `],
    ['half a body', `POST ${SERVICES} HTTP/1.1\r\nHost: rollcall\r\nContent-Length: 100\r\n\r\n{"service"`],
    ['half a chunk', `POST ${SERVICES} HTTP/1.1\r\nHost: rollcall\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"serv`],
  ])('%s on a hundred connections: all are ended, and others are served meanwhile', async (_, bytes) => {
    const connections = await Promise.all(Array.from({ length: 100 }, () => RawConnection.open(engine.url)))
    for (const connection of connections) connection.write(bytes)
    expect((await answerTo(get(VERSION, 'default'))).status).toBe(200)
    for (const connection of connections) {
      const answer = await connection.readAnswer({ withinMs: END_WITHIN_MS })
      if (answer !== undefined) expect(refusalOf({ ...answer, status: 400 }).errorCode).toBe('400001')
      if (answer !== undefined) expect(answer.status).toBe(408)
      await connection.waitForEnd(END_WITHIN_MS)
      connection.close()
    }
  })

  test.each([
    ['head', `GET ${VERSION} HTTP/1.1\r\nHost: rollcall\r\nX-Slow: `],
    ['body', `POST ${SERVICES} HTTP/1.1\r\nHost: rollcall\r\nContent-Length: 10000000\r\n\r\n{`],
  ])('a %s that comes byte by byte is ended too', async (_, start) => {
    const connection = await RawConnection.open(engine.url)
    connection.write(start)
    await drip(connection, 'x')
    connection.close()
  })

  test('a connection without a further request is ended', async () => {
    const connection = await RawConnection.open(engine.url)
    connection.write(get(VERSION, 'default'))
    expect((await connection.readAnswer())?.status).toBe(200)
    await connection.waitForEnd(END_WITHIN_MS)
    connection.close()
  })
})

describe('a connection that takes nothing of its answers', () => {
  beforeAll(async () => {
    // While it is there, there is no room for another one: that shows whether it is.
    engine = await EngineProcess.start([...MEMORY, '--limits.idleSeconds', '1', '--limits.connectionsPerAddress', '1'])
  })

  afterAll(() => engine.stop())

  test('is ended', async () => {
    const greedy = await RawConnection.open(engine.url, { isReading: false })
    // More answers than the network and the engine's own buffer hold.
    greedy.write(get('/openapi.json', 'default').repeat(300))
    const other = () => answerTo(get(VERSION, 'default')).then(({ status }) => status, String)
    expect(await other()).not.toBe(200)
    await expect.poll(other, { timeout: END_WITHIN_MS }).toBe(200)
    greedy.close()
  })
})

describe('connections of one address', () => {
  beforeAll(async () => {
    engine = await EngineProcess.start([...MEMORY, '--limits.connectionsPerAddress', '20'])
  })

  afterAll(() => engine.stop())

  test('are ended from the first that is too many; there is room again when one has gone', async () => {
    const kept = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(engine.url)))
    const surplus = await RawConnection.open(engine.url)
    surplus.write(get(VERSION, 'default'))
    await surplus.waitForEnd()
    expect(surplus.pending.length).toBe(0)
    expect(engine.output).toContain('too many from one address')

    for (const connection of kept) connection.write(get(VERSION, 'default'))
    for (const connection of kept) expect((await connection.readAnswer())?.status).toBe(200)
    kept.pop()?.close()
    await expect.poll(() => answerTo(get(VERSION, 'default')).then(({ status }) => status, String)).toBe(200)
    for (const connection of kept) connection.close()
  })
})

describe('requests of one address', () => {
  const RATE = 30

  beforeAll(async () => {
    engine = await EngineProcess.start([...MEMORY, '--limits.requestsPerSecond', String(RATE)])
  })

  afterAll(() => engine.stop())

  test('beyond the rate finds get 429 and say when to come again; heartbeats and health go on', async () => {
    const heartbeat = await registerInstance()
    const finds = get(FIND, 'default')
    const { answers } = await send(engine.url, finds.repeat(RATE * 3) + get(VERSION, 'default').repeat(RATE), {
      answers: RATE * 4,
    })
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(0)
    for (const answer of answers) if (answer.status !== 429) expect(answer.status).toBe(200)
    for (const answer of refused) {
      expect(refusalOf(answer)).toMatchObject({ errorCode: '429001' })
      expect(headerValue(answer.headers, 'retry-after')).toBe('1')
    }
    expect(refusalOf(refused[0] as RawAnswer).detail).toContain('limits.requestsPerSecond')

    // The flood goes on; what is refused takes nothing from what is not.
    for (let round = 0; round < 3; round++) {
      const flood = send(engine.url, finds.repeat(RATE * 5), { answers: RATE * 5 })
      expect((await answerTo(put(heartbeat))).status).toBe(200)
      expect((await answerTo(get(HEALTH, 'default'))).status).toBe(200)
      expect((await flood).answers.some(({ status }) => status === 429)).toBe(true)
    }
    await expect.poll(async () => (await answerTo(finds)).status).toBe(200)
  })

  test('heartbeats are refused too when they alone are far too many, and not before', async () => {
    const heartbeat = await registerInstance()
    const bytes = put(heartbeat)
      .toString()
      .repeat(RATE * 12)
    const { answers } = await send(engine.url, bytes, { answers: RATE * 12 })
    const first = answers.findIndex(({ status }) => status === 429)
    expect(first).toBeGreaterThan(RATE)
    expect(refusalOf(answers[first] as RawAnswer).errorCode).toBe('429001')
  })
})
