import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { SocketSteps } from './socket-steps.ts'

const RECEIVE = { method: 'WS-RECEIVE', connection: 'a', withinMs: 5000 }

let server: WebSocketServer
let steps: SocketSteps
let socket: WebSocket

beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  steps = new SocketSteps(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  const connected = once(server, 'connection') as Promise<[WebSocket]>
  expect(await steps.open('a', '/', {})).toMatchObject({ status: 101 })
  socket = (await connected)[0]
})

afterEach(() => {
  steps.closeAll()
  server.close()
})

test('frames of every kind and size are seen as they are', async () => {
  socket.ping('p')
  socket.send('{"a":1}')
  socket.send('x'.repeat(200))
  socket.send('y'.repeat(70_000))
  socket.close(4001, 'why')
  const frames = await steps.receive({ ...RECEIVE, count: 5 })
  expect(frames).toEqual([
    { opcode: 'ping', body: 'p' },
    { opcode: 'text', body: { a: 1 } },
    { opcode: 'text', body: 'x'.repeat(200) },
    { opcode: 'text', body: 'y'.repeat(70_000) },
    { opcode: 'close', code: 4001, text: 'why' },
  ])
})

test('kinds that do not count are passed over, and the end is a frame', async () => {
  socket.ping()
  socket.send('one')
  socket.terminate()
  const frames = await steps.receive({ ...RECEIVE, count: 2, only: ['text', 'end'] })
  expect(frames).toEqual([{ opcode: 'text', body: 'one' }, { opcode: 'end' }])
})

test('what is sent arrives', async () => {
  const [message, ping] = [once(socket, 'message'), once(socket, 'ping')] as const
  steps.send({ method: 'WS-SEND', connection: 'a', opcode: 'text', data: 'z'.repeat(300) })
  steps.send({ method: 'WS-SEND', connection: 'a', opcode: 'ping', data: 'p' })
  expect(String((await message)[0])).toBe('z'.repeat(300))
  expect(String((await ping)[0])).toBe('p')
  expect(await steps.receive({ ...RECEIVE, count: 1 })).toEqual([{ opcode: 'pong', body: 'p' }])
})

test('a close is answered, then comes the end', async () => {
  const frames = await steps.close({ method: 'WS-CLOSE', connection: 'a', code: 1000 })
  expect(frames).toEqual([{ opcode: 'close', code: 1000, text: '' }, { opcode: 'end' }])
})

test('nothing within the time is no frame', async () => {
  expect(await steps.receive({ ...RECEIVE, withinMs: 30, count: 0 })).toEqual([])
})
