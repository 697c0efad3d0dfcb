import { once } from 'node:events'
import { connect } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { object } from '@rollcall/protocol/shape'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Failure } from '../kernel/failure.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { type MaybePromise, StoreUnavailableError } from '../storage/store.ts'
import { Alarms } from './alarms.ts'
import type { Answer, Call, Route, SocketRoute } from './call.ts'
import { Pipeline } from './pipeline.ts'
import { Replier } from './reply.ts'
import { Router } from './router.ts'
import { HttpServer } from './server.ts'

const BODY = object('Body', { text: {} })
const LARGE = `{"large":"${'x'.repeat(3000)}"}`
const EMPTY: Answer = { status: 200, headers: ['Content-Type', 'text/plain; charset=UTF-8'], body: undefined }

const jsonText = (text: string, headers: readonly string[] = []): Answer => ({
  status: 200,
  headers: ['Content-Type', 'application/json; charset=UTF-8', ...headers],
  body: Buffer.from(text),
})

/** Made once, as the lists of instances are. */
const KEPT = jsonText(LARGE, ['X-Resource-Revision', 'abc'])

let clock: ManualClock
let server: HttpServer
let alarms: Alarms
let port: number
let logged: string[]
let calls: Call[]
let sockets: { readonly call: Call; readonly socket: WebSocket }[]
let release: () => void

const note = (call: Call): Answer => {
  calls.push(call)
  return EMPTY
}

const v4 = { method: 'GET', family: 'v4', permission: 'signed-in' } as const

/** Counts nothing. */
const traffic: ConstructorParameters<typeof Pipeline>[0]['traffic'] = {
  arrive: (request, response) => ({ request, response, found: undefined, began: 0 }),
  answered() {},
  opened() {},
  countOf: () => ({}) as never,
}

/** Takes everybody in: its own tests run with a whole process. */
const admission = { refusal: () => undefined, welcome() {}, close() {} }

/** Lets everybody pass: who may is the affair of the gate's own test. */
const gate = { admit: () => ({}) as Call['principal'], check() {}, viewerOf: () => undefined }

function routes(): Route[] {
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  return [
    { ...v4, path: '/v4/:project/note', handle: note },
    { ...v4, path: '/v4/:project/large', handle: () => KEPT },
    { ...v4, path: '/v4/:project/huge', handle: () => jsonText(`"${'服'.repeat(100_000)}"`) },
    {
      ...v4,
      path: '/v4/:project/same',
      handle: () => ({ status: 304, headers: ['X-Resource-Revision', 'abc'], body: undefined }),
    },
    { ...v4, path: '/v4/:project/held', handle: (call) => held.then(() => note(call)) },
    {
      ...v4,
      path: '/v4/:project/refused',
      handle: () => {
        throw new Failure('ServiceNotFound', 'no "such" thing')
      },
    },
    { ...v4, path: '/v4/:project/away', handle: () => Promise.reject(new StoreUnavailableError('disk full')) },
    {
      ...v4,
      path: '/v4/:project/defect',
      handle: () => {
        throw new TypeError('secret')
      },
    },
    { ...v4, method: 'POST', audit: 'read', path: '/v4/:project/note', body: { shape: BODY }, handle: note },
    {
      ...v4,
      method: 'PUT',
      audit: 'read',
      path: '/v4/:project/small',
      body: { shape: BODY, bytesMax: 20 },
      handle: note,
    },
    {
      ...v4,
      method: 'POST',
      audit: 'read',
      path: '/v4/:project/admitted',
      body: { shape: BODY },
      admit: () => {
        throw new Failure('InvalidParameters', 'not you')
      },
      handle: note,
    },
    { method: 'GET', path: '/plain', family: 'plain', permission: 'public', handle: note },
    { method: 'GET', path: '/registry/v3/note', family: 'v3', permission: 'public', handle: note },
  ]
}

const socketRoute: SocketRoute = {
  path: '/v4/:project/socket/:id',
  family: 'v4',
  permission: 'signed-in',
  messageBytesMax: 64,
  open: (call, socket) => {
    if (call.params.id === 'defect') throw new Error('no')
    sockets.push({ call, socket })
    socket.on('error', () => socket.terminate())
    socket.send('hello')
  },
}

beforeEach(async () => {
  clock = new ManualClock()
  alarms = new Alarms()
  logged = []
  calls = []
  sockets = []
  const note = (_: object, sentence: string) => void logged.push(sentence)
  const log = { error: note, warn: note, info: note }
  const router = new Router(routes(), [socketRoute])
  const auditor = { follow: (_: object, run: (seen: () => void) => MaybePromise<Answer>) => run(() => {}) }
  const addressOf = () => '127.0.0.1'
  const own = { gate, admission, auditor, traffic, addressOf, bodyBytesMax: 1000 }
  const pipeline = new Pipeline({ router, replier: new Replier('Rollcall/1', clock), log, alarms, ...own })
  const deadlines = { headerSeconds: 60, bodySeconds: 60, idleSeconds: 75 }
  server = new HttpServer({ pipeline, log, clock, headerBytesMax: 8192, admission, deadlines, tls: undefined })
  port = await server.listen('127.0.0.1', 0)
})

afterEach(() => server.close(0))

interface Reply {
  readonly status: number
  /** Lines of the head as they came. */
  readonly lines: readonly string[]
  readonly body: Buffer
}

/** Sends bytes and reads until the server ends the connection. */
async function exchange(...parts: readonly (string | Buffer)[]): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('error', () => {})
  for (const part of parts) socket.write(part)
  await once(socket, 'close')
  return Buffer.concat(chunks)
}

function parse(bytes: Buffer): Reply {
  const end = bytes.indexOf('\r\n\r\n')
  const lines = bytes.subarray(0, end).toString('latin1').split('\r\n')
  return { status: Number(lines[0]?.split(' ')[1]), lines, body: bytes.subarray(end + 4) }
}

/** One request on a connection of its own. */
async function send(line: string, headers: readonly string[] = [], body: string | Buffer = ''): Promise<Reply> {
  const length = Buffer.byteLength(body) > 0 ? [`Content-Length: ${Buffer.byteLength(body)}`] : []
  const head = [`${line} HTTP/1.1`, 'Host: x', 'Connection: close', ...length, ...headers].join('\r\n')
  return parse(await exchange(`${head}\r\n\r\n`, body))
}

const get = (path: string, ...headers: readonly string[]) => send(`GET /v4/p/${path}`, headers)
const json = (reply: Reply) => JSON.parse(reply.body.toString())

describe('the head of an answer', () => {
  test('names headers in the capitals that clients compare', async () => {
    const { lines } = await get('large')
    expect(lines).toEqual([
      'HTTP/1.1 200 OK',
      'Content-Type: application/json; charset=UTF-8',
      'X-Resource-Revision: abc',
      'Server: Rollcall/1',
      'Vary: Accept-Encoding, Origin',
      `Content-Length: ${LARGE.length}`,
      expect.stringMatching(/^Date: /),
      'Connection: close',
    ])
  })

  test('says how long the connection is kept', async () => {
    const head = 'GET /v4/p/note HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n'
    const [first = '', second = ''] = (await exchange(`${head}\r\n`, `${head}Connection: close\r\n\r\n`))
      .toString()
      .split('\r\n\r\n')
    expect(first.split('\r\n')).toEqual(expect.arrayContaining(['Connection: keep-alive', 'Keep-Alive: timeout=75']))
    expect(second).not.toContain('Keep-Alive')
  })

  test('an empty success is 200 with no bytes', async () => {
    const { status, lines, body } = await get('note')
    expect([status, body.length]).toEqual([200, 0])
    expect(lines).toContain('Content-Type: text/plain; charset=UTF-8')
    expect(lines).toContain('Content-Length: 0')
  })

  test('304 has its revision, no length and no body', async () => {
    const { status, lines, body } = await get('same')
    expect([status, body.length]).toEqual([304, 0])
    expect(lines).toContain('X-Resource-Revision: abc')
    expect(lines.join()).not.toContain('Content-Length')
  })

  test('characters beyond ASCII come whole, in small and in huge answers', async () => {
    const { body } = await get('huge')
    expect(body.toString()).toBe(`"${'服'.repeat(100_000)}"`)
  })
})

describe('compression', () => {
  test.each(['gzip', 'deflate, gzip', 'gzip;q=0.5', 'br, gzip ; q=1.0'])('%s takes it', async (accept) => {
    for (let round = 0; round < 2; round++) {
      const { lines, body } = await get('large', `Accept-Encoding: ${accept}`)
      expect(lines).toContain('Content-Encoding: gzip')
      expect(lines).toContain(`Content-Length: ${body.length}`)
      expect(body.length).toBeLessThan(1400)
      expect(gunzipSync(body).toString()).toBe(LARGE)
    }
  })

  test.each(['', 'identity', 'gzip;q=0', 'gzip;q=0.00', 'xgzip', 'gzipped'])('"%s" does not', async (accept) => {
    const { lines, body } = await get('large', `Accept-Encoding: ${accept}`)
    expect(lines.join()).not.toContain('Content-Encoding')
    expect(body.toString()).toBe(LARGE)
  })

  test('small answers go plain', async () => {
    const { lines } = await get('note', 'Accept-Encoding: gzip')
    expect(lines.join()).not.toContain('Content-Encoding')
  })
})

describe('other origins', () => {
  test('an answer may be read by any page', async () => {
    expect((await get('note', 'Origin: http://a')).lines).toContain('Access-Control-Allow-Origin: *')
    expect((await get('note')).lines.join()).not.toContain('Access-Control')
    expect((await get('refused', 'Origin: http://a')).lines).toContain('Access-Control-Allow-Origin: *')
  })

  test('a preflight learns what it may do, whatever the path', async () => {
    const headers = [
      'Origin: http://a',
      'Access-Control-Request-Method: PUT',
      'Access-Control-Request-Headers: x-domain-name,content-type',
    ]
    const { status, lines, body } = await send('OPTIONS /nowhere', headers)
    expect([status, body.length]).toEqual([200, 0])
    expect(lines).toContain('Access-Control-Allow-Origin: *')
    expect(lines).toContain('Access-Control-Allow-Methods: PUT')
    expect(lines).toContain('Access-Control-Allow-Headers: X-Domain-Name, Content-Type')
    expect(lines).toContain(
      'Vary: Accept-Encoding, Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    )
  })

  test.each([
    ['a method', ['Access-Control-Request-Method: PATCH']],
    ['a header', ['Access-Control-Request-Method: GET', 'Access-Control-Request-Headers: Authorization']],
  ])('%s that is not open is not offered', async (_, headers) => {
    const { status, lines } = await send('OPTIONS /v4/p/note', ['Origin: http://a', ...headers])
    expect(status).toBe(200)
    expect(lines.join()).not.toContain('Access-Control-Allow')
  })

  test('OPTIONS without a question is answered too', async () => {
    expect((await send('OPTIONS /v4/p/note')).status).toBe(200)
    expect(calls).toEqual([])
  })
})

describe('routes', () => {
  test('an unknown path', async () => {
    const { status, body, lines } = await send('GET /nowhere')
    expect([status, body.toString()]).toEqual([404, '404 page not found\n'])
    expect(lines).toContain('Content-Type: text/plain; charset=utf-8')
  })

  test('an unknown method says which there are', async () => {
    const { status, lines, body } = await send('DELETE /v4/p/note')
    expect([status, body.toString()]).toEqual([405, 'Method Not Allowed\n'])
    expect(lines).toContain('Allow: GET, POST')
  })

  test('a target that is refused does nothing', async () => {
    const reply = await send('GET /v4/p//note')
    expect(reply.status).toBe(400)
    expect(json(reply)).toMatchObject({ errorCode: '400001', errCode: '400001' })
    expect(calls).toEqual([])
  })

  test('an escaped slash does not make an empty project', async () => {
    expect((await send('GET /v4/%2Fnote')).status).toBe(404)
    expect(calls).toEqual([])
  })

  test.each([
    ['the default', [], 'default/p'],
    ['a domain', ['X-Domain-Name: shop'], 'shop/p'],
    ['an empty domain', ['X-Domain-Name: '], 'default/p'],
    ['a domain beyond ASCII', ['X-Domain-Name: 服'], '服/p'],
  ])('the tenant: %s', async (_, headers, tenant) => {
    const head = ['GET /v4/p/note HTTP/1.1', 'Host: x', 'Connection: close', ...headers].join('\r\n')
    await exchange(Buffer.from(`${head}\r\n\r\n`))
    expect(calls[0]?.tenant).toBe(tenant)
  })

  test.each([
    ['X-Tenant-Name', ['X-Tenant-Name: shop', 'X-Domain-Name: other'], 'shop/default'],
    ['X-Domain-Name', ['X-Domain-Name: other'], 'other/default'],
    ['nothing', [], 'default/default'],
  ])('the tenant of the older prefix comes from %s', async (_, headers, tenant) => {
    await send('GET /registry/v3/note', headers)
    expect(calls[0]?.tenant).toBe(tenant)
  })

  test('a tenant without end is refused', async () => {
    const reply = await get('note', `X-Domain-Name: ${'d'.repeat(200)}`)
    expect(reply.status).toBe(400)
    expect(calls).toEqual([])
  })

  test('query, caller and accepted types reach the handler', async () => {
    await get('note?a=b%20c', 'X-ConsumerId: me', 'Accept: text/html')
    expect(calls[0]).toMatchObject({ consumerId: 'me', accept: 'text/html', params: { project: 'p' } })
    expect(calls[0]?.query.get('a')).toBe('b c')
  })
})

describe('bodies', () => {
  const post = (body: string | Buffer, path = 'note') => send(`POST /v4/p/${path}`, [], body)

  test("are decoded by the route's shape", async () => {
    await post('{"TEXT":"服","unknown":1}')
    expect(calls[0]?.body).toEqual({ text: '服' })
  })

  test.each([
    ['no JSON', '{', 'the body is not JSON'],
    ['a wrong type', '{"text":1}', "member 'text' must be a string"],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'the body is not valid UTF-8'],
    ['longer than the server takes', `{"text":"${'x'.repeat(1000)}"}`, 'http: request body too large'],
  ])('%s: 400', async (_, body, words) => {
    const reply = await post(body)
    expect(reply.status).toBe(400)
    expect(json(reply)).toMatchObject({ errorCode: '400001' })
    expect(json(reply).detail).toContain(words)
    expect(calls).toEqual([])
  })

  test('a route may take less than the server', async () => {
    expect((await send('PUT /v4/p/small', [], '{"text":"12345678"}')).status).toBe(200)
    const reply = await send('PUT /v4/p/small', [], '{"text":"1234567890"}')
    expect(json(reply).detail).toBe('http: request body too large')
  })

  test('in chunks count by their bytes', async () => {
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
    const head = 'POST /v4/p/note HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
    await exchange(head, chunk('{"text":'), chunk('"a"}'), '0\r\n\r\n')
    expect(calls[0]?.body).toEqual({ text: 'a' })
    const long = parse(await exchange(head, chunk('{"text":"'), chunk('x'.repeat(2000)), chunk('"}'), '0\r\n\r\n'))
    expect(json(long).detail).toBe('http: request body too large')
  })

  test('a route may refuse before it looks at the body', async () => {
    expect(json(await post('{', 'admitted')).detail).toBe('not you')
  })

  test('where none is asked for it is ignored', async () => {
    expect((await send('GET /v4/p/note', [], 'no JSON')).status).toBe(200)
  })
})

describe('refusals', () => {
  test('have both spellings on the wire', async () => {
    const reply = await get('refused')
    expect(reply.status).toBe(400)
    expect(reply.lines).toContain('Content-Type: application/json; charset=UTF-8')
    expect(json(reply)).toEqual({
      errorCode: '400012',
      errorMessage: 'Micro-service does not exist',
      errCode: '400012',
      errMsg: 'Micro-service does not exist',
      detail: 'no "such" thing',
    })
    expect(logged).toEqual([])
  })

  test('a store that is away is told to the client and to the operator', async () => {
    const reply = await get('away')
    expect(reply.status).toBe(500)
    expect(json(reply)).toMatchObject({ errorCode: '500011', detail: 'disk full' })
    expect(logged).toEqual(['store refused'])
    expect(alarms.list()).toHaveLength(1)
  })

  test('a defect is logged, and says nothing of the inside', async () => {
    const reply = await get('defect')
    expect(reply.status).toBe(500)
    expect(reply.body.toString()).not.toContain('secret')
    expect(json(reply).errorCode).toBe('500003')
    expect(logged).toEqual(['request failed'])
    expect((await get('note')).status).toBe(200)
  })
})

describe('connections', () => {
  test('requests that do not wait for answers take effect and are answered in their order', async () => {
    const line = (path: string, last = false) =>
      `GET /v4/p/${path} HTTP/1.1\r\nHost: x\r\n${last ? 'Connection: close\r\n' : ''}\r\n`
    const answers = exchange(line('held?n=1'), line('note?n=2'), line('refused'), line('note?n=3', true))
    await send('GET /v4/p/note?n=other')
    expect(calls.map(({ query }) => query.get('n'))).toEqual(['other'])
    release()
    const statuses = (await answers).toString().match(/HTTP\/1.1 \d+/g)
    expect(statuses).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400', 'HTTP/1.1 200'])
    expect(calls.map(({ query }) => query.get('n'))).toEqual(['other', '1', '2', '3'])
  })

  test('an expectation that nobody knows does not keep a request from its answer', async () => {
    expect((await send('GET /v4/p/refused', ['Expect: miracles'])).status).toBe(400)
    expect((await send('GET /v4/p/note', ['Expect: miracles'])).status).toBe(200)
  })

  test('a head without end is refused', async () => {
    const reply = parse(await exchange(`GET /v4/p/note HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`))
    expect(reply.status).toBe(431)
    expect(json(reply).errCode).toBe('400001')
  })

  test('a request under way is finished before the server is closed; new ones are not taken', async () => {
    const answer = send('GET /v4/p/held')
    await send('GET /v4/p/note')
    const closed = server.close(1000)
    release()
    expect((await answer).status).toBe(200)
    clock.advance(2000)
    await closed
    await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED')
  })
})

describe('WebSockets', () => {
  const open = (path: string) => new WebSocket(`ws://127.0.0.1:${port}${path}`)

  test('a plain request to one is refused', async () => {
    const { status, lines, body } = await get('socket/s')
    expect([status, body.toString()]).toEqual([400, 'Bad Request\n'])
    expect(lines).toContain('Sec-WebSocket-Version: 13')
  })

  test.each([
    ['of another version', 'Sec-WebSocket-Version: 99', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
    ['without a version', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
    ['without a key', 'Sec-WebSocket-Version: 13'],
    ['with a key that is none', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: short'],
  ])('a handshake %s is refused as a plain request is', async (_, ...head) => {
    const { status, lines, body } = await send('GET /v4/p/socket/s', [
      'Connection: Upgrade',
      'Upgrade: websocket',
      ...head,
    ])
    expect([status, body.toString()]).toEqual([400, 'Bad Request\n'])
    expect(lines).toContain('Sec-WebSocket-Version: 13')
  })

  test('the route gets its call and its socket', async () => {
    const client = open('/v4/p/socket/s')
    const [message] = await once(client, 'message')
    expect(message.toString()).toBe('hello')
    expect(sockets[0]?.call).toMatchObject({ tenant: 'default/p', params: { id: 's' } })
    client.close()
    await once(client, 'close')
  })

  test('a message that is too long ends the connection with 1009', async () => {
    const client = open('/v4/p/socket/s')
    await once(client, 'message')
    client.send('x'.repeat(65))
    expect((await once(client, 'close'))[0]).toBe(1009)
  })

  test('an offer to upgrade elsewhere is an ordinary request', async () => {
    const upgrade = ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__']
    expect((await send('GET /v4/p/note', upgrade)).status).toBe(200)
    expect((await send('GET /v4/p/socket/s', upgrade)).status).toBe(400)
    const websocket = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']
    expect((await send('GET /v4/p/note', websocket)).status).toBe(200)
    expect((await send('GET /nowhere', websocket)).status).toBe(404)
  })

  test('a route that fails ends its own connection only', async () => {
    const client = open('/v4/p/socket/defect')
    expect((await once(client, 'close'))[0]).toBe(1008)
    expect(logged).toEqual(['WebSocket refused'])
    expect((await get('note')).status).toBe(200)
  })
})
