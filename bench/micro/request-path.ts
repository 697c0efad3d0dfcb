import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type Server } from 'node:http'
import { type Engine, startEngine } from '@rollcall/engine/engine'
import { loadSettings } from '@rollcall/engine/settings'
import { spread } from '../load/figures.ts'
import { RegistryCalls } from '../load/registry-calls.ts'
import { encodeRequest } from '../load/request.ts'
import { SCENES, SERVICE } from '../load/scenes.ts'
import { MemoryConnection } from './memory-connection.ts'

/** JavaScript time of one request in engine and bare node:http, over connections in memory: what the engine adds. */

const ROUNDS = 41
const REQUESTS = 2000
const WARM_UP_REQUESTS = 20_000
const CONNECTIONS = 10
/** The lower quartile: noise only ever adds. */
const QUANTILE = 0.25

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} }
const port = Number(process.argv[2] ?? 30_199)
const flags = ['--server.port', String(port), '--store.kind', 'memory']
const engine: Engine = await startEngine(loadSettings(flags, {}), { log: silent as never })
const calls = new RegistryCalls(port)
const engineServer = await httpServerOf(calls)

for (const scene of SCENES.filter(({ isGrowing }) => !isGrowing)) {
  await calls.createService(SERVICE)
  const request = encodeRequest(await scene.prepare(calls))
  const floorServer = sameAnswer(await new MemoryConnection(engineServer).exchange(request))
  const sides = [connections(engineServer), connections(floorServer)] as const
  const times: [engine: number[], floor: number[]] = [[], []]
  for (const side of sides) await time(side, request, WARM_UP_REQUESTS)
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const index of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      times[index].push(await time(sides[index], request, REQUESTS))
    }
  }
  const [own, bare] = times.map(lowerQuartile) as [number, number]
  const ratios = spread(times[0].map((value, round) => (times[1][round] ?? 0) / value))
  process.stdout.write(
    `${scene.title.padEnd(22)} engine ${own.toFixed(2)} µs, bare ${bare.toFixed(2)} µs, ` +
      `adds ${(own - bare).toFixed(2)} µs; ${Math.round(ratios.median * 100)} % of bare\n`,
  )
  await calls.removeService(SERVICE)
}
await engine.close()
process.exit(0)

/** The engine's server object, which the first request shows. */
async function httpServerOf(firstCalls: RegistryCalls): Promise<Server> {
  let found: Server | undefined
  const onRequest = (message: unknown): void => {
    found = (message as { readonly server: Server }).server
  }
  subscribe('http.server.request.start', onRequest)
  await firstCalls.send({ method: 'GET', path: '/version' })
  unsubscribe('http.server.request.start', onRequest)
  if (found === undefined) throw new Error('no request was seen')
  return found
}

/** A bare server whose answers have the head and body that the engine wrote. */
function sameAnswer(bytes: Buffer): Server {
  const end = bytes.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const written = lines.filter((line) => !/^(?:date|connection|keep-alive):/i.test(line))
  const headers = written.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])
  const status = Number(statusLine.split(' ')[1])
  const body = bytes.subarray(end + 4)
  const text = body.toString('latin1')
  const isSmall = body.length <= 16_384
  return createServer((request, response) => {
    const send = () => {
      response.writeHead(status, headers)
      if (body.length === 0) response.end()
      else if (isSmall) response.end(text, 'latin1')
      else response.end(body)
    }
    if (request.method === 'POST') request.on('data', (chunk: Buffer) => JSON.parse(chunk.toString())).on('end', send)
    else send()
  })
}

function connections(server: Server): readonly MemoryConnection[] {
  return Array.from({ length: CONNECTIONS }, () => new MemoryConnection(server))
}

/** Microseconds per request, one request in flight on each connection. */
async function time(side: readonly MemoryConnection[], request: Buffer, requests: number): Promise<number> {
  let left = requests
  const start = performance.now()
  await new Promise<void>((resolve) => {
    for (const connection of side) {
      connection.onWritten = () => {
        left -= 1
        if (left > 0) setImmediate(() => connection.push(request))
        else if (left === 0) setImmediate(resolve)
      }
      connection.push(request)
    }
  })
  return ((performance.now() - start) * 1000) / requests
}

function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * QUANTILE)] ?? Number.NaN
}
