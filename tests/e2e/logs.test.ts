import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { RawConnection } from '../conformance/wire/raw-connection.ts'

/** Lines of the log, and what answers and WebSockets say of them, of an engine in a process of its own. */

const MAIN = new URL('../../engine/src/main.ts', import.meta.url).pathname
const FLAGS = ['--store.kind', 'memory', '--log.access', 'true']
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const BASE = '/v4/default/registry'

let engine: EngineProcess

beforeAll(async () => {
  engine = await EngineProcess.start(FLAGS)
})

afterAll(async () => {
  await engine.stop()
})

/** The lines about requests to a target. */
function linesOf(url: string): Record<string, unknown>[] {
  const objects = engine.output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
  const lines = objects.map((line) => JSON.parse(line) as Record<string, unknown>)
  return lines.filter((line) => line.msg === 'request' && line.url === url)
}

/** Sends the head of a request as it stands. @returns the headers of the answer, bytes as they came */
async function ask(target: string, headers: readonly string[] = [], method = 'GET') {
  const connection = await RawConnection.open(engine.url)
  connection.write([`${method} ${target} HTTP/1.1`, 'Host: h', ...headers, '', ''].join('\r\n'))
  const answer = await connection.readAnswer({ isHead: method === 'HEAD' })
  connection.close()
  return answer
}

const idsIn = (answer: Awaited<ReturnType<typeof ask>>) =>
  answer?.headers.filter(([name]) => name.toLowerCase() === 'x-request-id')

test('each answer leaves one line of JSON that says what was asked, what came of it, and by whom', async () => {
  const target = `${BASE}/microservices/none?line=1`
  const answer = await ask(target)
  await expect.poll(() => linesOf(target)).toHaveLength(1)
  const [line] = linesOf(target)
  expect(line).toEqual({
    level: 30,
    time: expect.any(Number),
    requestId: expect.stringMatching(/^[\da-f-]{36}$/),
    method: 'GET',
    url: target,
    status: answer?.status,
    ms: expect.any(Number),
    address: '127.0.0.1',
    msg: 'request',
  })
  expect(idsIn(answer)).toEqual([])
})

test.each([
  ['an answer', 'GET', `${BASE}/health/readiness?id=`, []],
  ['an answer without a body', 'HEAD', `${BASE}/health/readiness?head=`, []],
  ['a refusal', 'GET', `${BASE}/microservices/none?id=`, []],
  ['what leads nowhere', 'GET', '/nowhere?id=', []],
  ['a target that is refused', 'GET', '//refused?id=', []],
  ['a preflight', 'OPTIONS', '/any?id=', ['Origin: http://o', 'Access-Control-Request-Method: GET']],
])('%s gives X-Request-Id back, with these capitals, and its line has it', async (kind, ...[method, path, more]) => {
  const id = `id-${kind.replaceAll(' ', '-')}`
  const answer = await ask(`${path}1`, [`x-request-id: ${id}`, ...more], method)
  expect(idsIn(answer)).toEqual([['X-Request-Id', id]])
  await expect.poll(() => linesOf(`${path}1`).map(({ requestId }) => requestId)).toEqual([id])
})

test('a WebSocket that opens gives X-Request-Id back and leaves a line too', async () => {
  const target = `${BASE}/microservices/none/watcher`
  const handshake = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
  const answer = await ask(target, [...handshake, key, 'X-Request-Id: watch-1'])
  expect([answer?.status, idsIn(answer)]).toEqual([101, [['X-Request-Id', 'watch-1']]])
  await expect.poll(() => linesOf(target)).toMatchObject([{ requestId: 'watch-1', status: 101 }])
})

test('the trace of traceparent is in the line, and names the request if nothing else does', async () => {
  const target = `${BASE}/health/readiness?trace=1`
  const trace = { trace_id: TRACE, span_id: SPAN, trace_flags: '01' }
  const answer = await ask(target, [`traceparent: 00-${TRACE}-${SPAN}-01`])
  expect(idsIn(answer)).toEqual([])
  await expect.poll(() => linesOf(target)).toMatchObject([{ requestId: TRACE, ...trace }])
  await ask(`${target}2`, [`traceparent: 00-${TRACE}-${SPAN}-01`, 'X-Request-Id: both'])
  await expect.poll(() => linesOf(`${target}2`)).toMatchObject([{ requestId: 'both', ...trace }])
})

test.each([
  ['an id with a blank', 'X-Request-Id: a b'],
  ['an id that is too long', `X-Request-Id: ${'a'.repeat(129)}`],
  ['two ids', 'X-Request-Id: a\r\nX-Request-Id: b'],
  ['an id beyond ASCII', 'X-Request-Id: größe'],
  ['a trace of zeros', `traceparent: 00-${'0'.repeat(32)}-${SPAN}-01`],
  ['a trace that is cut off', `traceparent: 00-${TRACE}`],
])('%s is as good as none', async (kind, header) => {
  const target = `${BASE}/health/readiness?bad=${kind.replaceAll(' ', '-')}`
  const answer = await ask(target, [header])
  expect([answer?.status, idsIn(answer)]).toEqual([200, []])
  await expect.poll(() => linesOf(target)).toHaveLength(1)
  const [line = {}] = linesOf(target)
  expect(line.requestId).toMatch(/^[\da-f-]{36}$/)
  expect(line).not.toHaveProperty('trace_id')
})

test('without the setting answers leave no line', async () => {
  const quiet = await EngineProcess.start(['--store.kind', 'memory'])
  await fetch(new URL('/nowhere', quiet.url))
  expect(await quiet.stop()).toBe(0)
  expect(quiet.output).not.toContain('"request"')
})

const hasTerminal = spawnSync('script', ['--version']).status === 0

test('on a terminal lines are for people', async ({ skip }) => {
  if (!hasTerminal) skip('no `script` here, which makes a terminal')
  const command = `echo "pid $$"; exec ${process.execPath} ${MAIN} --server.port 0 ${FLAGS.join(' ')}`
  const terminal = spawn('script', ['-qfec', command, '/dev/null'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  terminal.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const ended = once(terminal, 'exit')
  await expect.poll(() => text, { timeout: 60_000 }).toMatch(/API +http:\S+/)
  const url = /API +(http:[\w./:]+)/.exec(text)?.[1]
  await fetch(`${url}/nowhere`, { headers: { 'X-Request-Id': 'seen' } })
  await expect
    .poll(() => text)
    .toMatch(/^\d\d:\d\d:\d\d\.\d{3} info request requestId="seen" method="GET" url="\/nowhere"/m)
  process.kill(Number(/pid (\d+)/.exec(text)?.[1]), 'SIGTERM')
  await ended
})
