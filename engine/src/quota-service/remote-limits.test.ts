import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../kernel/clock.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { RemoteLimits } from './remote-limits.ts'

/*
 * Everything here runs against a real HTTP server on a real socket; only the time stands still until a test moves it.
 */

const DEFAULTS = { service: 10, instance: 20, schema: 3, tag: 4, account: 5, role: 6 }
const TENANT = 'shop/default'

let server: Server
let answer: (response: ServerResponse, request: IncomingMessage) => void
let asked: string[]
let sockets: Set<Socket>
let clock: ManualClock
let said: string[]

const quotas = (...limits: (readonly [resource: string, limit: unknown])[]) =>
  JSON.stringify({ quotas: limits.map(([resource, limit]) => ({ resource, limit })) })
const fine = (response: ServerResponse) => void response.end(quotas(['service', 2]))

beforeEach(async () => {
  asked = []
  said = []
  sockets = new Set()
  answer = fine
  clock = new ManualClock()
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    sockets.add(request.socket)
    answer(response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(async () => {
  server.closeAllConnections()
  if (server.listening) await new Promise((resolve) => server.close(resolve))
})

function open(changes: { readonly timeoutMs?: number; readonly isReal?: boolean } = {}): RemoteLimits {
  const { port } = server.address() as AddressInfo
  return new RemoteLimits({
    url: `http://127.0.0.1:${port}/limits`,
    timeoutMs: changes.timeoutMs ?? 60_000,
    cacheSeconds: 5,
    pauseSeconds: 10,
    defaults: DEFAULTS,
    clock: changes.isReal === true ? systemClock : clock,
    log: {
      error() {},
      warn: (_, sentence) => void said.push(sentence),
      info: (_, sentence) => void said.push(sentence),
    },
  })
}

/** What comes of asking: the limits, or the refusal. */
async function ask(limits: RemoteLimits, tenant = TENANT): Promise<unknown> {
  try {
    return await limits.limits(tenant)
  } catch (error) {
    return String((error as Error).message)
  }
}

test('what the service says holds, and the settings hold for what it does not name', async () => {
  answer = (response) => void response.end(quotas(['service', 2], ['tag', 0], ['unheard of', 7]))
  expect(await ask(open(), 'a b/ü')).toEqual({ ...DEFAULTS, service: 2, tag: 0 })
  expect(asked).toEqual(['GET /limits/a%20b/%C3%BC'])
})

test('an answer is good for a while, for its tenant only, and then at hand without waiting', async () => {
  const limits = open()
  await ask(limits)
  expect(limits.limits(TENANT)).toEqual({ ...DEFAULTS, service: 2 })
  await ask(limits, 'other/default')
  expect(asked).toHaveLength(2)
  await clock.advance(5001)
  await ask(limits)
  expect(asked).toHaveLength(3)
})

test('who asks at the same time shares one question, and connections stay open', async () => {
  const limits = open()
  await Promise.all(Array.from({ length: 64 }, () => ask(limits)))
  expect(asked).toHaveLength(1)
  for (let round = 0; round < 3; round++) await ask(limits, `t${round}/default`)
  expect(asked).toHaveLength(4)
  expect(sockets.size).toBe(1)
})

describe('when the service fails, nothing is allowed', () => {
  const refused = (reason: string) => `QuotaUnavailable: the quota service did not say what is allowed: ${reason}`

  test.each<[what: string, behaviour: (response: ServerResponse) => void, reason: string]>([
    ['an error', (response) => void response.writeHead(503).end('{}'), 'it answered with status 503'],
    ['an unknown path', (response) => void response.writeHead(404).end(), 'it answered with status 404'],
    ['no JSON', (response) => void response.end('<html>'), 'its answer is not JSON'],
    ['nothing', (response) => void response.end(), 'its answer is not JSON'],
    ['null', (response) => void response.end('null'), 'its answer has no list "quotas"'],
    ['another document', (response) => void response.end('{"limits":{}}'), 'its answer has no list "quotas"'],
    ['too much', (response) => void response.end(`"${'x'.repeat(70_000)}"`), 'its answer is longer than 65536 bytes'],
    ...[-1, 1.5, '5', null, 1e12, undefined].map((limit): [string, (response: ServerResponse) => void, string] => [
      `the limit ${JSON.stringify(limit)}`,
      (response) => void response.end(quotas(['service', limit])),
      'its answer has an entry without a resource and a limit that is a whole number',
    ]),
  ])('it says %s', async (_, behaviour, reason) => {
    answer = behaviour
    expect(await ask(open())).toBe(refused(reason))
  })

  test('it ends the connection in the middle of an answer', async () => {
    answer = (response) => {
      response.writeHead(200, { 'Content-Length': 100 })
      response.write('{"quotas":', () => response.socket?.destroy())
    }
    expect(await ask(open())).toContain(refused(''))
  })

  test('it resets connections', async () => {
    answer = (response) => void response.socket?.resetAndDestroy()
    expect(await ask(open())).toContain('it cannot be reached')
    expect(asked).toHaveLength(1)
  })

  test('it is not there', async () => {
    const limits = open()
    await new Promise((resolve) => server.close(resolve))
    expect(await ask(limits)).toContain('it cannot be reached: connect ECONNREFUSED')
  })

  test('it takes too long', async () => {
    answer = () => {}
    expect(await ask(open({ timeoutMs: 20, isReal: true }))).toBe(refused('it gave no answer within 20 ms'))
  })

  test('an answer from before is not used any more', async () => {
    const limits = open()
    await ask(limits)
    await clock.advance(5001)
    answer = (response) => void response.writeHead(500).end()
    expect(await ask(limits)).toContain('QuotaUnavailable')
  })
})

test('an idle connection that the server has closed does no harm', async () => {
  const limits = open()
  await ask(limits)
  let resets = 0
  answer = (response, request) => {
    // As if it had been closed just when the question was on its way.
    if (resets++ === 0) request.socket.resetAndDestroy()
    else fine(response)
  }
  expect(await ask(limits, 'other/default')).toMatchObject({ service: 2 })
  expect(asked).toHaveLength(3)
})

describe('after five failures in a row', () => {
  async function broken(): Promise<RemoteLimits> {
    const limits = open()
    answer = (response) => void response.writeHead(500).end()
    for (let round = 0; round < 5; round++) await ask(limits)
    expect(asked).toHaveLength(5)
    return limits
  }

  test('the service is left alone for a while', async () => {
    const limits = await broken()
    answer = fine
    expect(await ask(limits)).toContain('it has failed several times and is asked again later')
    expect(await ask(limits, 'other/default')).toContain('it has failed several times')
    expect(asked).toHaveLength(5)
  })

  test('then one question finds out whether it is well', async () => {
    const limits = await broken()
    await clock.advance(10_001)
    const outcomes = await Promise.all(['a/a', 'b/b', 'c/c'].map((tenant) => ask(limits, tenant)))
    expect(asked).toHaveLength(6)
    expect(outcomes).toEqual(Array.from({ length: 3 }, () => expect.stringContaining('QuotaUnavailable')))
    answer = fine
    await clock.advance(10_001)
    expect(await ask(limits)).toMatchObject({ service: 2 })
    expect(await ask(limits, 'other/default')).toMatchObject({ service: 2 })
    expect(said).toEqual(['the quota service fails; what needs quota is refused', 'the quota service answers again'])
  })
})

test('limits cannot be set here', async () => {
  await expect(open().set()).rejects.toThrow('Forbidden: limits are kept by the quota service')
})
