import type { IncomingMessage } from 'node:http'
import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../kernel/manual-clock.ts'
import { Admission } from './admission.ts'
import type { Route } from './call.ts'
import type { Match } from './router.ts'

const log = { error() {}, warn() {}, info() {} }
const RATE = 10

let clock: ManualClock
let admission: Admission

const open = (trustForwarded: boolean) => {
  const limits = { connectionsPerAddress: 0, requestsPerSecond: RATE, overloadMs: 0 }
  return new Admission({ clock, log, limits, trustForwarded })
}

beforeEach(() => {
  clock = new ManualClock()
  admission = open(false)
})

function requestFrom(remoteAddress: string, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage
}

function routeOf(method: Route['method'], urgency?: Route['urgency']): Match {
  const row = { path: '/', family: 'v4', permission: 'public', handle: () => ({}) as never } as const
  const route: Route = method === 'GET' ? { ...row, method } : { ...row, method, audit: 'report' }
  return { kind: 'route', route: urgency === undefined ? route : { ...route, urgency }, params: {} }
}

const FIND = routeOf('GET')
const WRITE = routeOf('POST')
const BEAT = routeOf('PUT', 'high')

/** How many of so many requests are served. */
function served(count: number, match: Match, request = requestFrom('10.0.0.1')): number {
  return Array.from({ length: count }, () => admission.refusal(request, match)).filter((answer) => !answer).length
}

describe('beyond the rate of an address', () => {
  test.each([
    ['finds', FIND, RATE],
    ['paths that nobody knows', { kind: 'none' } as const, RATE],
    ['writes', WRITE, RATE * 2],
    ['heartbeats', BEAT, RATE * 4],
  ])('%s are refused', (_, match, most) => {
    expect(served(1000, match)).toBe(most)
  })

  test('a flood of finds takes nothing from writes and heartbeats', () => {
    served(1000, FIND)
    expect(served(RATE, WRITE)).toBe(RATE)
    served(1000, FIND)
    expect(served(RATE, BEAT)).toBe(RATE)
  })

  test('finds are refused as soon as others have used it up', () => {
    served(RATE, BEAT)
    expect(served(1, FIND)).toBe(0)
  })

  test('there is room again in the next second, and for another address at once', () => {
    served(1000, FIND)
    expect(served(1000, FIND, requestFrom('10.0.0.2'))).toBe(RATE)
    clock.advance(1000)
    expect(served(1000, FIND)).toBe(RATE)
  })

  test('a new connection does not begin anew', () => {
    served(1000, FIND, requestFrom('10.0.0.1'))
    expect(served(1, FIND, requestFrom('::ffff:10.0.0.1'))).toBe(0)
  })

  test('the refusal has the form of the API that was asked, and says when to come again', () => {
    served(RATE, FIND)
    const answer = admission.refusal(requestFrom('10.0.0.1'), FIND)
    expect(answer?.status).toBe(429)
    expect(answer?.headers).toEqual(['Content-Type', 'application/json; charset=UTF-8', 'Retry-After', '1'])
    expect(JSON.parse(String(answer?.body))).toMatchObject({ errorCode: '429001', errMsg: 'Too many requests' })
  })
})

test('behind a proxy that is trusted the address is the one that it tells', () => {
  admission = open(true)
  expect(served(1000, FIND, requestFrom('10.0.0.9', '1.1.1.1'))).toBe(RATE)
  expect(served(1000, FIND, requestFrom('10.0.0.9', 'lies, 1.1.1.2'))).toBe(RATE)
  expect(served(1, FIND, requestFrom('10.0.0.9', 'other lies, 1.1.1.2'))).toBe(0)
})
