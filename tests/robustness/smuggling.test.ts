import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { RawConnection } from '../conformance/wire/raw-connection.ts'
import { get, post, refusalOf, send } from './raw-http-probe.ts'
import { BODY_ROUTES } from './raw-http-routes.ts'

const SERVICES = '/v4/default/registry/microservices'
const VERSION = '/v4/default/registry/version'
const MIB = 1024 * 1024

let engine: EngineProcess
let domain: string
let count = 0

beforeAll(async () => {
  engine = await EngineProcess.start(['--store.kind', 'memory'])
})

afterAll(() => engine.stop())

beforeEach(() => {
  domain = `smuggled-${count++}`
})

/** A request that would create a service, as somebody would hide it inside another one. */
const hidden = () => post({ path: SERVICES, domain }, { service: { serviceName: 'hidden' } }).toString()

const outer = (...lines: readonly string[]) =>
  [`POST ${SERVICES} HTTP/1.1`, 'Host: rollcall', `X-Domain-Name: ${domain}`, ...lines].join('\r\n')

/** The engine serves others as before, and no request has been found where there was none. */
async function expectNothingCreated(): Promise<void> {
  expect(engine.isRunning, engine.output).toBe(true)
  const { answers } = await send(engine.url, get(SERVICES, domain))
  expect(answers[0]?.status).toBe(200)
  expect(answers[0]?.body.toString()).toBe('{}')
}

describe('a request that two parties could frame in two ways is refused, its connection ends, and nothing else is seen', () => {
  test.each<[string, () => string]>([
    ['length and chunks', () => `${outer('Content-Length: 4', 'Transfer-Encoding: chunked')}\r\n\r\n0\r\n\r\n`],
    ['chunks and length', () => `${outer('Transfer-Encoding: chunked', 'Content-Length: 4')}\r\n\r\n0\r\n\r\n`],
    ['chunks as one of several codings', () => `${outer('Transfer-Encoding: chunked, identity')}\r\n\r\n0\r\n\r\n`],
    [
      'chunks said twice',
      () => `${outer('Transfer-Encoding: chunked', 'Transfer-Encoding: identity')}\r\n\r\n0\r\n\r\n`,
    ],
    ['a coding that nobody knows', () => `${outer('Transfer-Encoding: xchunked')}\r\n\r\n0\r\n\r\n`],
    ['a coding behind a control character', () => `${outer('Transfer-Encoding: \u000bchunked')}\r\n\r\n0\r\n\r\n`],
    ['two lengths', () => `${outer('Content-Length: 0', 'Content-Length: 5')}\r\n\r\n`],
    ['two lengths in one line', () => `${outer('Content-Length: 0, 5')}\r\n\r\n`],
    ['a length with a sign', () => `${outer('Content-Length: +0')}\r\n\r\n`],
    ['a length in another base', () => `${outer('Content-Length: 0x0')}\r\n\r\n`],
    ['a length beyond all numbers', () => `${outer('Content-Length: 18446744073709551616')}\r\n\r\n`],
    ['a space before the colon', () => `${outer('Content-Length : 0')}\r\n\r\n`],
    ['a folded header', () => `${outer('X-Folded: a\r\n Content-Length: 5', 'Content-Length: 0')}\r\n\r\n`],
    ['a folded coding', () => `${outer('Transfer-Encoding:\r\n chunked')}\r\n\r\n0\r\n\r\n`],
    ['a name with a control character', () => `${outer('Content-Length\u0000: 0')}\r\n\r\n`],
    ['a carriage return alone', () => `${outer('X-Bare: a\rContent-Length: 5')}\r\n\r\n`],
    ['a chunk whose size overflows', () => `${outer('Transfer-Encoding: chunked')}\r\n\r\n10000000000000000\r\n`],
    ['a chunk with a negative size', () => `${outer('Transfer-Encoding: chunked')}\r\n\r\n-1\r\n\r\n`],
    [
      'a length behind the chunks',
      () => `${outer('Transfer-Encoding: chunked')}\r\n\r\n2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n`,
    ],
    ['a chunk that is longer than it says', () => `${outer('Transfer-Encoding: chunked')}\r\n\r\n1\r\n{}\r\n0\r\n\r\n`],
  ])('%s', async (_, bytes) => {
    const connection = await RawConnection.open(engine.url)
    connection.write(bytes() + hidden())
    const answer = await connection.readAnswer()
    expect(answer?.status).toBe(400)
    await connection.waitForEnd()
    expect(connection.pending.length).toBe(0)
    connection.close()
    await expectNothingCreated()
  })
})

describe('what a body hides stays a body', () => {
  test('behind a length that counts it', async () => {
    const inner = hidden()
    const { answers } = await send(engine.url, `${outer(`Content-Length: ${inner.length}`)}\r\n\r\n${inner}`, {
      answers: 2,
      finish: true,
    })
    expect(answers.map(({ status }) => status)).toEqual([400])
    await expectNothingCreated()
  })

  test('where the route reads no body', async () => {
    const inner = hidden()
    const head = [`GET ${VERSION} HTTP/1.1`, 'Host: rollcall', `Content-Length: ${inner.length}`].join('\r\n')
    const { answers } = await send(engine.url, `${head}\r\n\r\n${inner}`, { answers: 2, finish: true })
    expect(answers.map(({ status }) => status)).toEqual([200])
    await expectNothingCreated()
  })

  test('behind a body that is refused unread', async () => {
    const inner = hidden()
    const refused = outer('Content-Encoding: gzip', `Content-Length: ${inner.length}`)
    const { answers } = await send(engine.url, `${refused}\r\n\r\n${inner}`, { answers: 2, finish: true })
    expect(answers.map(({ status }) => status)).toEqual([400])
    await expectNothingCreated()
  })

  test('in chunks, their extensions and their trailers', async () => {
    const bytes = `${outer('Transfer-Encoding: chunked')}\r\n\r\n2;x="${'a'.repeat(200)}"\r\n{}\r\n0\r\nX-Trailer: ${'b'.repeat(200)}\r\n\r\n`
    const { answers } = await send(engine.url, bytes + get(VERSION, domain), { answers: 2 })
    expect(answers.map(({ status }) => status)).toEqual([400, 200])
    await expectNothingCreated()
  })
})

describe('headers that come twice', () => {
  test('a tenant that is named twice is neither of the two', async () => {
    const body = JSON.stringify({ service: { serviceName: 'twice' } })
    const twice = outer(`X-Domain-Name: other-${domain}`, `Content-Length: ${body.length}`)
    const { answers } = await send(engine.url, `${twice}\r\n\r\n${body}`)
    expect(answers[0]?.status).toBeLessThan(500)
    await expectNothingCreated()
    const other = await send(engine.url, get(SERVICES, `other-${domain}`))
    expect(other.answers[0]?.body.toString()).toBe('{}')
  })

  test('two hosts harm nobody', async () => {
    const { answers } = await send(engine.url, `GET ${VERSION} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`)
    expect([200, 400]).toContain(answers[0]?.status)
    await expectNothingCreated()
  })
})

describe('compressed bodies', () => {
  /** A few kilobytes that would become a document of many megabytes. */
  const bomb = gzipSync(Buffer.from(JSON.stringify({ service: { serviceName: 'x'.repeat(64 * MIB) } })))
  const compressed = (method: string, path: string, encoding: string) =>
    Buffer.concat([
      Buffer.from(
        [
          `${method} ${path} HTTP/1.1`,
          'Host: rollcall',
          `X-Domain-Name: ${domain}`,
          `Content-Encoding: ${encoding}`,
          `Content-Length: ${bomb.length}`,
        ].join('\r\n'),
      ),
      Buffer.from('\r\n\r\n'),
      bomb,
    ])

  test.each(BODY_ROUTES)(
    '$method $path: never unpacked, refused by name, and the connection goes on',
    async (route) => {
      const bytes = Buffer.concat([compressed(route.method, route.path, 'gzip'), Buffer.from(get(VERSION, domain))])
      const { answers } = await send(engine.url, bytes, { answers: 2 })
      expect(answers.map(({ status }) => status)).toEqual([400, 200])
      if (answers[0] !== undefined) expect(refusalOf(answers[0]).detail).toContain('Content-Encoding: gzip')
      await expectNothingCreated()
    },
  )

  test.each(['deflate', 'br', 'zstd', 'GZIP', 'gzip, gzip', 'identity, gzip'])(
    '%s is none that is taken',
    async (encoding) => {
      const { answers } = await send(engine.url, compressed('POST', SERVICES, encoding))
      if (answers[0] !== undefined) expect(refusalOf(answers[0]).detail).toContain('is not accepted')
      await expectNothingCreated()
    },
  )

  test('identity is', async () => {
    const plain = post({ path: SERVICES, domain }, { service: { serviceName: 'plain' } })
    const { answers } = await send(engine.url, plain.toString().replace('Host:', 'Content-Encoding: identity\r\nHost:'))
    expect(answers[0]?.status).toBe(200)
  })
})

describe('a client that sends and does not take', () => {
  test('two thousand requests at once are answered in their order, others meanwhile', async () => {
    const many = 2000
    const connection = await RawConnection.open(engine.url)
    for (let index = 0; index < many; index++) connection.write(get(index % 2 === 0 ? VERSION : '/nowhere', domain))
    const { answers } = await send(engine.url, get(VERSION, domain))
    expect(answers[0]?.status).toBe(200)
    for (let index = 0; index < many; index++) {
      expect((await connection.readAnswer())?.status).toBe(index % 2 === 0 ? 200 : 404)
    }
    connection.close()
    await expectNothingCreated()
  })

  test('requests whose answers nobody reads stop being read themselves', async () => {
    const greedy = await RawConnection.open(engine.url, { isReading: false })
    const requests = get('/v4/default/registry/instances?appId=default&serviceName=SERVICECENTER', 'default').repeat(
      20_000,
    )
    greedy.write(requests)
    for (let round = 0; round < 20; round++) {
      const { answers } = await send(engine.url, get(VERSION, domain))
      expect(answers[0]?.status).toBe(200)
    }
    greedy.close()
    await expectNothingCreated()
  })
})
