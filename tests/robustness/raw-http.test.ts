import { beforeEach, describe, expect, test } from 'vitest'
import { headerValue, type RawAnswer } from '../conformance/wire/http-bytes.ts'
import { RawConnection } from '../conformance/wire/raw-connection.ts'
import { useRawEngine } from './raw-engine.ts'
import { get, post, refusalOf, send } from './raw-http-probe.ts'

const SERVICES = '/v4/default/registry/microservices'
const VERSION = '/v4/default/registry/version'
const SERVICE = { service: { serviceName: 'raw' } }
const BODY = JSON.stringify(SERVICE)
const MIB = 1024 * 1024

const engine = useRawEngine()
const { answerTo } = engine
let domain: string
let count = 0

beforeEach(() => {
  domain = `raw-${count++}`
})

async function serviceCount(): Promise<number> {
  const answer = await answerTo(get(SERVICES, domain))
  expect(answer.status).toBe(200)
  return (JSON.parse(answer.body.toString()) as { services?: unknown[] }).services?.length ?? 0
}

/** The engine serves others as before, and nothing of the request has been done. */
async function expectUnharmed(): Promise<void> {
  expect(engine.isRunning, engine.output).toBe(true)
  expect(await serviceCount()).toBe(0)
}

function head(lines: readonly string[]): string {
  return `${lines.map((line) => line.replaceAll('DOMAIN', domain)).join('\r\n')}\r\n\r\n`
}

const CREATE = [
  `POST ${SERVICES} HTTP/1.1`,
  'Host: rollcall',
  'X-Domain-Name: DOMAIN',
  'Content-Type: application/json',
]

describe('framing that is wrong', () => {
  test.each([
    ['no number as Content-Length', [...CREATE, 'Content-Length: many'], BODY],
    ['a negative Content-Length', [...CREATE, 'Content-Length: -1'], BODY],
    ['two Content-Lengths that differ', [...CREATE, 'Content-Length: 3', 'Content-Length: 29'], BODY],
    ['Content-Length beside chunks', [...CREATE, 'Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['a chunk without a size', [...CREATE, 'Transfer-Encoding: chunked'], `size\r\n${BODY}\r\n0\r\n\r\n`],
    ['a space before the colon of a header', [...CREATE, 'Content-Length : 0'], ''],
    ['a header without a colon', [...CREATE, 'nonsense'], ''],
    ['a NUL in a header', [...CREATE, 'X-ConsumerId: a\0b', 'Content-Length: 0'], ''],
    ['a method in small letters', ['get /version HTTP/1.1', 'Host: rollcall'], ''],
    ['an HTTP version of the future', ['GET /version HTTP/9.1', 'Host: rollcall'], ''],
    ['bytes that are no HTTP', ['\u0016\u0003\u0001 hello'], ''],
  ])('%s: 400, and the connection ends', async (_, lines, body) => {
    const connection = await RawConnection.open(engine.url)
    connection.write(head(lines) + body)
    const answer = await connection.readAnswer()
    expect(answer?.status).toBe(400)
    await connection.waitForEnd()
    connection.close()
    await expectUnharmed()
  })

  test('a Content-Length that is too small: the rest is refused after the request has got its own answer', async () => {
    const short = post({ path: SERVICES, domain }, SERVICE).toString().replace(`: ${BODY.length}`, ': 10')
    const { answers } = await send(engine.url, short, { answers: 2 })
    expect(refusalOf(answers[0] as RawAnswer).detail).toContain('not JSON')
    if (answers.length > 1) expect(answers[1]?.status).toBe(400)
    await expectUnharmed()
  })

  test('rubbish behind a request that is right does not take its answer', async () => {
    const { answers } = await send(engine.url, `${post({ path: SERVICES, domain }, SERVICE)}rubbish\r\n\r\n`, {
      answers: 2,
    })
    expect(answers[0]?.status).toBe(200)
    if (answers.length > 1) expect(answers[1]?.status).toBe(400)
    expect(await serviceCount()).toBe(1)
  })

  test('a Content-Length that is too large, then the end: nothing is done', async () => {
    const long = post({ path: SERVICES, domain }, SERVICE).toString().replace(`: ${BODY.length}`, ': 5000')
    const { answers } = await send(engine.url, long, { finish: true })
    for (const { status } of answers) expect(status).toBe(400)
    await expectUnharmed()
  })

  test.each([
    ['half a request line', 'POST /v4/def'],
    ['half a head', `POST ${SERVICES} HTTP/1.1\r\nHost: roll`],
    ['half a body', `POST ${SERVICES} HTTP/1.1\r\nHost: rollcall\r\nContent-Length: 29\r\n\r\n{"service"`],
    ['half a chunk', `POST ${SERVICES} HTTP/1.1\r\nHost: rollcall\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"serv`],
  ])('%s, then a reset', async (_, bytes) => {
    const connections = await Promise.all(Array.from({ length: 50 }, () => RawConnection.open(engine.url)))
    for (const connection of connections) {
      connection.write(bytes)
      connection.close()
    }
    await expectUnharmed()
  })

  test('head bytes beyond the limit: 431', async () => {
    const answer = await answerTo(head([`GET ${VERSION} HTTP/1.1`, 'Host: rollcall', `X-Long: ${'x'.repeat(100_000)}`]))
    expect(answer.status).toBe(431)
    await expectUnharmed()
  })

  test('a great many headers: no 5xx', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => `X-${index}: 1`)
    const answer = await answerTo(head([`GET ${VERSION} HTTP/1.1`, 'Host: rollcall', ...many]))
    expect([200, 431]).toContain(answer.status)
    await expectUnharmed()
  })
})

describe('framing that is unusual and right', () => {
  test('several requests at once are answered in order', async () => {
    const bytes = [
      post({ path: SERVICES, domain }, SERVICE).toString(),
      get(SERVICES, domain),
      get('/nothing', domain),
      get(VERSION, domain),
    ].join('')
    const { answers } = await send(engine.url, bytes, { answers: 4 })
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 200])
    expect(answers[1]?.body.toString()).toContain('"serviceName":"raw"')
  })

  test('a body in chunks', async () => {
    const chunks = [...BODY].map((letter) => `1\r\n${letter}\r\n`).join('')
    const answer = await answerTo(`${head([...CREATE, 'Transfer-Encoding: chunked'])}${chunks}0\r\n\r\n`)
    expect(answer.status).toBe(200)
    expect(await serviceCount()).toBe(1)
  })

  test('Expect: 100-continue', async () => {
    const connection = await RawConnection.open(engine.url)
    connection.write(head([...CREATE, `Content-Length: ${BODY.length}`, 'Expect: 100-continue']))
    expect((await connection.readAnswer())?.status).toBe(100)
    connection.write(BODY)
    expect((await connection.readAnswer())?.status).toBe(200)
    connection.close()
    expect(await serviceCount()).toBe(1)
  })

  test('another expectation is refused or passed over, not waited for', async () => {
    const answer = await answerTo(head([`GET ${VERSION} HTTP/1.1`, 'Host: rollcall', 'Expect: wonders']))
    expect([200, 417]).toContain(answer.status)
  })

  test('HTTP/1.1 without Host', async () => {
    expect((await answerTo(head([`GET ${VERSION} HTTP/1.1`]))).status).toBe(200)
  })

  test('HTTP/1.0 without Host', async () => {
    const { answers } = await send(engine.url, head([`GET ${VERSION} HTTP/1.0`]))
    expect(answers[0]?.status).toBe(200)
  })

  test('HTTP/1.0 ends the connection unless it is asked not to', async () => {
    const connection = await RawConnection.open(engine.url)
    connection.write(head([`GET ${VERSION} HTTP/1.0`]))
    await connection.readAnswer()
    await connection.waitForEnd()
    connection.close()
  })

  test('a target in absolute form', async () => {
    const answer = await answerTo(head([`GET http://rollcall:30100${VERSION} HTTP/1.1`, 'Host: rollcall']))
    expect(answer.status).toBe(200)
    expect(answer.body.toString()).toContain('apiVersion')
  })

  test('OPTIONS of the whole server', async () => {
    expect((await answerTo(head(['OPTIONS * HTTP/1.1', 'Host: rollcall']))).status).toBe(200)
  })

  test('an offer of HTTP/2, as Java makes it, is passed over', async () => {
    const offer = [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
    ]
    const answer = await answerTo(head([`GET ${VERSION} HTTP/1.1`, 'Host: rollcall', ...offer]))
    expect(answer.status).toBe(200)
  })

  test('an offer of a WebSocket where there is none is an ordinary request', async () => {
    const offer = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ]
    const answer = await answerTo(head([`GET ${VERSION} HTTP/1.1`, 'Host: rollcall', ...offer]))
    expect(answer.status).toBe(200)
  })

  test('CONNECT is no proxy', async () => {
    const { answers } = await send(engine.url, head(['CONNECT rollcall:80 HTTP/1.1', 'Host: rollcall']))
    for (const { status } of answers) expect([400, 404, 405]).toContain(status)
    await expectUnharmed()
  })

  test('a body where none is needed, and the type JSON where no body is', async () => {
    const created = await answerTo(
      post({ path: SERVICES, domain }, { ...SERVICE, instances: [{ instanceId: 'i', hostName: 'h' }] }),
    )
    const { serviceId } = JSON.parse(created.body.toString()) as { serviceId: string }
    const one = `${SERVICES}/${serviceId}/instances/i`
    const json = ['Host: rollcall', 'X-Domain-Name: DOMAIN', 'Content-Type: application/json']
    for (const line of [`PUT ${one}/heartbeat`, `PUT ${one}/status?value=DOWN`, `GET ${one}`, `DELETE ${one}`]) {
      const { answers } = await send(engine.url, head([`${line} HTTP/1.1`, ...json]))
      expect(answers[0]?.status, line).toBe(200)
    }
    const withBody = post({ method: 'DELETE', path: `${SERVICES}/${serviceId}?force=1`, domain }, 'not read')
    const { answers } = await send(engine.url, Buffer.concat([withBody, Buffer.from(get(VERSION, domain))]), {
      answers: 2,
    })
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
  })
})

describe('bodies that are too long', () => {
  const instance = (length: number) => ({ instance: { hostName: 'h', properties: { k: 'x'.repeat(length) } } })
  test.each([
    ['POST', SERVICES, 2 * MIB, { service: { serviceName: 'raw', properties: { k: 'x'.repeat(2 * MIB) } } }],
    ['POST', `${SERVICES}/nobody/instances`, 5120, instance(5120)],
    ['PUT', `${SERVICES}/nobody/properties`, 3072, { properties: { k: 'x'.repeat(3072) } }],
    ['PUT', `${SERVICES}/nobody/instances/nobody/properties`, 3072, { properties: { k: 'x'.repeat(3072) } }],
    ['PUT', '/v4/default/registry/heartbeats', 2 * MIB, { instances: [], k: 'x'.repeat(2 * MIB) }],
  ])('%s %s: 400001 beyond %i bytes', async (...[method, path, bytesMax, body]) => {
    const refusal = refusalOf(await answerTo(post({ method, path, domain }, body)))
    expect(refusal).toMatchObject({ errorCode: '400001', detail: 'http: request body too large' })
    const padded = JSON.stringify({ service: { serviceName: 1 } }).padEnd(bytesMax, ' ')
    expect(refusalOf(await answerTo(post({ method, path, domain }, padded))).detail).not.toContain('too large')
    await expectUnharmed()
  })

  test('in chunks, without a declared length', async () => {
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
    const answer = await answerTo(`${head([...CREATE, 'Transfer-Encoding: chunked'])}${chunk.repeat(40)}0\r\n\r\n`)
    expect(refusalOf(answer).detail).toBe('http: request body too large')
    await expectUnharmed()
  })

  test('a length that nobody will ever send is refused as soon as the limit is passed', async () => {
    const endless = `${head([...CREATE, 'Content-Length: 100000000000'])}${' '.repeat(3 * MIB)}`
    expect(refusalOf(await answerTo(endless)).errorCode).toBe('400001')
    await expectUnharmed()
  })
})

describe('targets', () => {
  test.each([
    '/v4/default/registry/microservices/%',
    '/v4/default/registry/microservices/%zz',
    '/v4/default/registry/microservices/%c3%28',
    '/v4/default/registry/instances?appId=%&serviceName=a',
    '/v4/default/registry/instances?appId=%ff&serviceName=a',
    '/v4/default/registry/instances?appId=a&serviceName=%e0%a4%a',
    '/%%%',
  ])('%s: a percent sign that is no escape is refused', async (path) => {
    expect(refusalOf(await answerTo(get(path, domain))).errorCode).toBe('400001')
    await expectUnharmed()
  })

  test.each([
    '/v4/default/registry/microservices/%00',
    '/v4/default/registry/microservices/%E2%98%83',
    '/v4/default/registry/microservices/..%2f..%2fetc',
    '/v4/%00/registry/microservices/a',
    '/v4/default/registry/microservices/__proto__',
    '/v4/default/registry/microservices/constructor/instances/toString',
    '/v4/__proto__/registry/microservices/a',
    '/v4/default/registry/instances?appId=__proto__&serviceName=constructor',
    '/v4/default/registry/instances?appId=a&appId=b&serviceName=c&rev=%00',
    '/v4/default/registry/existence?type=constructor',
    '/v4/default/registry/existence?type=microservice&appId=%20&serviceName=%20&version=1',
  ])('%s: refused in the documented form', async (path) => {
    const { answers } = await send(engine.url, get(path, domain))
    if (answers[0]?.status !== 404) refusalOf(answers[0] as RawAnswer)
    await expectUnharmed()
  })

  test('unknown path: 404 as text', async () => {
    const answer = await answerTo(get('/v4/default/registry/nothing', domain))
    expect(answer).toMatchObject({ status: 404, body: Buffer.from('404 page not found\n') })
    expect(headerValue(answer.headers, 'content-type')).toBe('text/plain; charset=utf-8')
  })

  test.each([
    ['PUT', SERVICES, 'DELETE, GET, POST'],
    ['PATCH', SERVICES, 'DELETE, GET, POST'],
    ['TRACE', VERSION, 'GET'],
    ['POST', VERSION, 'GET'],
    ['GET', '/v4/default/registry/heartbeats', 'PUT'],
    ['DELETE', '/v4/default/registry/microservices/a/watcher', 'GET'],
  ])('%s %s: 405 with the methods that are allowed', async (method, path, allowed) => {
    const answer = await answerTo(head([`${method} ${path} HTTP/1.1`, 'Host: rollcall', 'Content-Length: 0']))
    expect(answer.status).toBe(405)
    expect(headerValue(answer.headers, 'allow')?.split(', ').sort().join(', ')).toBe(allowed)
  })

  test('a domain of any length and any letters never breaks the engine', async () => {
    for (const name of ['a'.repeat(161), 'x'.repeat(8000), 'ä€😀', '__proto__', 'a/b', '..', '\u0080\u00ff']) {
      const answer = await answerTo(`GET ${SERVICES} HTTP/1.1\r\nHost: rollcall\r\nX-Domain-Name: ${name}\r\n\r\n`)
      if (answer.status !== 200) expect(refusalOf(answer).errorCode).toBe('400001')
    }
    await expectUnharmed()
  })
})
