import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineRequest } from './request.ts'

/** What the server is to do with each request. */
let serve: (request: EngineRequest, response: ServerResponse) => void
let socket: Socket
let answers = ''
const server = createServer({ IncomingMessage: EngineRequest }, (request, response) => serve(request, response))

beforeEach(async () => {
  answers = ''
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  socket
    .on('error', () => {})
    .on('data', (bytes) => {
      answers += bytes.toString()
    })
})

afterEach(async () => {
  socket.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** Reads a body into the text of its bytes, or the word "cut". */
function bodyOf(request: EngineRequest): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const chunk = (bytes: Buffer) => {
      text += bytes.toString()
    }
    request.readBody({ chunk, end: () => resolve(text), cut: () => resolve('cut') })
  })
}

const post = (body: string, length = body.length) =>
  `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${body}`

function answered(count: number): Promise<void> {
  return expect.poll(() => answers.split('HTTP/1.1 200').length - 1, { timeout: 5000 }).toBe(count)
}

test.each([
  ['of no bytes', 0],
  ['in one piece', 100],
  ['in many pieces', 1_000_000],
])('a body %s', async (_, length) => {
  serve = (request, response) => void bodyOf(request).then((body) => response.end(String(body.length)))
  socket.write(post('x'.repeat(length)))
  await answered(1)
  expect(answers).toMatch(new RegExp(`\\r\\n${length}$`))
})

test('a body that nobody reads is skipped, and the next request of the connection is served', async () => {
  serve = (_, response) => void response.end('-')
  socket.write(post('x'.repeat(1_000_000)) + post('y') + post(''))
  await answered(3)
})

test('a large body that comes before anybody asks waits in the connection, not in memory', async () => {
  const asked = Promise.withResolvers<EngineRequest>()
  serve = (request, response) => {
    if (request.method === 'OPTIONS') {
      response.end()
      return
    }
    asked.resolve(request)
    void read.promise.then(() => bodyOf(request)).then((body) => response.end(String(body.length)))
  }
  const read = Promise.withResolvers<void>()
  const length = 20_000_000
  socket.write(post('z'.repeat(length)))
  const request = await asked.promise
  await expect.poll(() => request.socket.bytesRead).toBeGreaterThan(65_536)
  // In the time of many requests all of it would come.
  const other = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  for (let turn = 0; turn < 100; turn += 1) {
    other.write('OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(other, 'data')
  }
  other.destroy()
  expect(request.socket.bytesRead).toBeLessThan(1_000_000)
  read.resolve()
  await answered(1)
  expect(answers).toContain(String(length))
})

test('who reads is told when the connection ends before the body does', async () => {
  const body = Promise.withResolvers<string>()
  serve = (request) => void bodyOf(request).then(body.resolve)
  socket.write(post('half', 100))
  socket.end()
  expect(await body.promise).toBe('cut')
})
