import type { HealthCheck } from '@rollcall/protocol/documents'
import { describe, expect, test } from 'vitest'
import { completeInstance, completeService, naturalKey, ttlSecondsOf } from './defaults.ts'

const LIMITS = { minIntervalSeconds: 5, minTimes: 3, ttlSeconds: 0 }

describe('services', () => {
  test('a service that says only its name gets all defaults and nothing else', () => {
    expect(completeService({ serviceName: 's' }, 'id', '17')).toEqual({
      serviceName: 's',
      serviceId: 'id',
      appId: 'default',
      version: '0.0.1',
      level: 'BACK',
      status: 'UP',
      timestamp: '17',
      modTimestamp: '17',
    })
  })

  test("what is given stays, but times are the engine's", () => {
    const given = { appId: 'a', version: '2.0', level: 'FRONT', status: 'DOWN', environment: 'testing', alias: 'x' }
    expect(completeService({ serviceName: 's', ...given, timestamp: '1', modTimestamp: '2' }, 'id', '17')).toEqual({
      serviceName: 's',
      serviceId: 'id',
      ...given,
      timestamp: '17',
      modTimestamp: '17',
    })
  })

  test('empty texts count as not given', () => {
    expect(naturalKey({ serviceName: 's', appId: '', version: '' })).toMatchObject({
      appId: 'default',
      version: '0.0.1',
    })
  })
})

describe('instances', () => {
  const complete = (asked: { status?: string; healthCheck?: HealthCheck }) =>
    completeInstance(
      { hostName: 'h', ...asked },
      { instanceId: 'i', service: { serviceId: 's', version: '1.2' } },
      { seconds: '17', limits: LIMITS },
    )

  test('an instance that says only its host', () => {
    expect(complete({})).toEqual({
      hostName: 'h',
      instanceId: 'i',
      serviceId: 's',
      status: 'UP',
      healthCheck: { mode: 'push', interval: 30, times: 3 },
      timestamp: '17',
      modTimestamp: '17',
      version: '1.2',
      drainingUntil: '',
    })
  })

  test.each([
    [
      'push is raised to the least interval and count',
      { mode: 'push', interval: 1, times: 0 },
      { mode: 'push', interval: 5, times: 3 },
    ],
    ['push without a count', { mode: 'push', interval: 60 }, { mode: 'push', interval: 60, times: 3 }],
    ['push above the least stays', { mode: 'push', interval: 7, times: 9 }, { mode: 'push', interval: 7, times: 9 }],
    [
      'push keeps port and url',
      { mode: 'push', interval: 7, times: 9, port: 8, url: '/x' },
      { mode: 'push', interval: 7, times: 9, port: 8, url: '/x' },
    ],
    [
      'pull is set to 30 and 3',
      { mode: 'pull', interval: 1, times: 99, port: 80, url: '/up' },
      { mode: 'pull', interval: 30, times: 3, port: 80, url: '/up' },
    ],
  ])('%s', (_, given, stored) => {
    expect(complete({ healthCheck: given }).healthCheck).toEqual(stored)
  })

  test('a state that is given stays', () => {
    expect(complete({ status: 'STARTING' }).status).toBe('STARTING')
    expect(complete({ status: '' }).status).toBe('UP')
  })
})

describe('how long an instance lives without a heartbeat', () => {
  test.each([
    [{ interval: 30, times: 3 }, 120],
    [{ interval: 5, times: 3 }, 20],
    [{ interval: 10, times: 0 }, 10],
    [{ interval: 2_147_483_647, times: 2_147_483_647 }, 2_147_483_647],
  ])('%j: %i s', (healthCheck, seconds) => {
    expect(ttlSecondsOf({ healthCheck: { mode: 'push', ...healthCheck } }, LIMITS)).toBe(seconds)
  })

  test('without a health check: the default', () => {
    expect(ttlSecondsOf({}, LIMITS)).toBe(120)
  })

  test("an operator's length beats what the instance says", () => {
    expect(ttlSecondsOf({ healthCheck: { interval: 30, times: 3 } }, { ...LIMITS, ttlSeconds: 15 })).toBe(15)
  })
})
