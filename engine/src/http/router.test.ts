import { describe, expect, test } from 'vitest'
import { EMPTY } from './answers.ts'
import type { Route, SocketRoute } from './call.ts'
import { Router } from './router.ts'

const route = (method: Route['method'], path: string): Route => ({
  method,
  path,
  family: 'v4',
  permission: 'signed-in',
  audit: 'read',
  handle: () => EMPTY,
})
const socket = (path: string): SocketRoute => ({
  path,
  family: 'v4',
  permission: 'signed-in',
  messageBytesMax: 1,
  open() {},
})

const router = new Router(
  [
    route('GET', '/v4/:project/services'),
    route('POST', '/v4/:project/services'),
    route('GET', '/v4/:project/services/:id'),
    route('PUT', '/v4/:project/services/status'),
    route('DELETE', '/v4/:project/services/:id'),
    route('GET', '/page/'),
  ],
  [socket('/v4/:project/services/:id/watcher')],
)

const found = (method: string, path: string) => {
  const match = router.match(method, path)
  return match.kind === 'route' ? [match.route.path, { ...match.params }] : match
}

test.each([
  ['GET', '/v4/p/services', ['/v4/:project/services', { project: 'p' }]],
  ['GET', '/v4/p/services/s', ['/v4/:project/services/:id', { project: 'p', id: 's' }]],
  ['PUT', '/v4/p/services/status', ['/v4/:project/services/status', { project: 'p' }]],
  ['GET', '/v4/p/services/status', ['/v4/:project/services/:id', { project: 'p', id: 'status' }]],
  ['GET', '/v4/%E6%9C%8D/services/a%20b', ['/v4/:project/services/:id', { project: '服', id: 'a b' }]],
  ['GET', '/page/', ['/page/', {}]],
])('%s %s', (method, path, expected) => {
  expect(found(method, path)).toEqual(expected)
})

describe('what is not there', () => {
  test.each([
    '/',
    '/v4/p/service',
    '/v4/p/services/',
    '/v4//services',
    '/V4/p/services',
    '/v4/p/services/s/',
    '/v4/p/services/s/more',
    '/page',
  ])('%s', (path) => {
    expect(found('GET', path)).toEqual({ kind: 'none' })
  })

  test('another method: those that there are', () => {
    expect(found('PATCH', '/v4/p/services')).toEqual({ kind: 'method', allowed: ['GET', 'POST'], isPublic: false })
    expect(found('PUT', '/v4/p/services/x')).toEqual({ kind: 'method', allowed: ['DELETE', 'GET'], isPublic: false })
    expect(found('POST', '/v4/p/services/x/watcher')).toEqual({ kind: 'method', allowed: ['GET'], isPublic: false })
    expect(found('nonsense', '/nowhere')).toEqual({ kind: 'none' })
  })
})

test('a WebSocket route is one of its own kind', () => {
  expect(router.match('GET', '/v4/p/services/s/watcher')).toMatchObject({ kind: 'socket', params: { id: 's' } })
})
