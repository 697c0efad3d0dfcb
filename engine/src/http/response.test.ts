import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineRequest } from './request.ts'
import { EngineResponse } from './response.ts'

const HEAD = ['Content-Type', 'text/plain', 'Content-Length', '2', 'Date', 'Tue, 24 Nov 2026 19:00:00 GMT']
const HEAD_LINES = 'Content-Type: text/plain\r\nContent-Length: 2\r\nDate: Tue, 24 Nov 2026 19:00:00 GMT\r\n'

/** What the server is to do with each request. */
let serve: (request: EngineRequest, response: EngineResponse) => void
let socket: Socket
let answers = ''
const classes = { IncomingMessage: EngineRequest, ServerResponse: EngineResponse }
const server = createServer({ ...classes, keepAliveTimeout: 0 }, (request, response) => {
  response.keepAliveMs = 75_000
  serve(request, response)
})

beforeEach(async () => {
  answers = ''
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  socket
    .on('error', () => {})
    .on('data', (bytes) => {
      answers += bytes.toString('latin1')
    })
})

afterEach(async () => {
  socket.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const whole = (_: EngineRequest, response: EngineResponse) => response.sendWhole(200, HEAD_LINES, 'ok')

const get = (rest = '') => `GET / HTTP/1.1\r\nHost: x\r\n${rest}\r\n`

function answered(count: number): Promise<void> {
  return expect.poll(() => answers.split('HTTP/1.1 ').length - 1, { timeout: 5000 }).toBe(count)
}

/** The bytes of one answer on a connection that is kept. */
async function bytesOf(way: typeof serve): Promise<string> {
  serve = way
  answers = ''
  socket.write(get())
  await answered(1)
  return answers
}

test.each([
  [200, 'ok'],
  [400, 'no'],
  [599, 'ÿ\0'],
])('the bytes of %i are those that Node writes itself', async (status, body) => {
  const own = await bytesOf((_, response) => response.sendWhole(status, HEAD_LINES, body))
  const nodes = await bytesOf((_, response) => response.writeHead(status, HEAD).end(body, 'latin1'))
  expect(own).toBe(nodes)
  expect(own).toContain('Keep-Alive: timeout=75\r\n')
})

test('304 has no body and keeps the connection, as with Node', async () => {
  const own = await bytesOf((_, response) => response.sendWhole(304, 'Date: now\r\n', ''))
  const nodes = await bytesOf((_, response) => response.writeHead(304, ['Date', 'now']).end())
  expect(own).toBe(nodes)
})

test('an answer that was sent tells that it is finished and closed, and no further one is under way', async () => {
  const told: string[] = []
  serve = (request, response) => {
    response.on('finish', () => told.push('finish')).on('close', () => told.push('close'))
    whole(request, response)
    told.push(response.headersSent && response.writableEnded ? 'ended' : 'open')
  }
  socket.write(get())
  await expect.poll(() => told, { timeout: 5000 }).toEqual(['ended', 'finish', 'close'])
})

test('a body that nobody has read is skipped, and the next request of the connection is served', async () => {
  serve = whole
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(200_000)}`)
  await answered(1)
  socket.write(get())
  await answered(2)
})

test.each([
  ['the client wants the connection closed', get('Connection: close\r\n')],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
  ['HTTP/1.0 that wants it kept', 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'],
  ['HEAD', 'HEAD / HTTP/1.1\r\nHost: x\r\n\r\n'],
])('is not plain: %s', async (_, request) => {
  let isPlain: boolean | undefined
  serve = (_request, response) => {
    isPlain = response.isPlain
    response.end()
  }
  socket.write(request)
  await expect.poll(() => isPlain, { timeout: 5000 }).toBe(false)
})

test('while an earlier answer is under way the next is not plain', async () => {
  const seen: EngineResponse[] = []
  const plain: boolean[] = []
  serve = (_, response) => {
    seen.push(response)
    plain.push(response.isPlain)
  }
  socket.write(get() + get())
  await expect.poll(() => plain, { timeout: 5000 }).toEqual([true, false])
  for (const response of seen) response.end('-')
  await answered(2)
})

test('a client that is gone harms nobody', async () => {
  const reached = Promise.withResolvers<EngineResponse>()
  serve = (_, response) => reached.resolve(response)
  socket.write(get())
  const response = await reached.promise
  const closed = once(response, 'close')
  socket.resetAndDestroy()
  await closed
  expect(() => response.sendWhole(200, HEAD_LINES, 'ok')).not.toThrow()
})
