import { expect, test } from 'vitest'
import { KNOWN_TARGETS_MAX } from '../kernel/limits.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import type { Route } from './call.ts'
import { Lookup } from './lookup.ts'
import { Router } from './router.ts'
import { RowCount } from './row-count.ts'

/** Counts how often the route table is asked. */
class CountingRouter extends Router {
  asked = 0

  override match(method: string, path: string) {
    this.asked++
    return super.match(method, path)
  }
}

const row = (method: Route['method']): Route => ({
  method,
  path: '/v4/:project/things/:id',
  family: 'v4',
  permission: 'public',
  audit: 'read',
  handle: () => ({ status: 200, headers: [], body: undefined }),
})

const COUNT = new RowCount({ method: '', path: '', isBeat: false }, new ManualClock())

function start() {
  const router = new CountingRouter([row('GET'), row('PUT'), row('DELETE')], [])
  return { router, lookup: new Lookup(router, () => COUNT) }
}

test.each([
  ['GET', 1],
  ['PUT', 1],
  ['DELETE', 3],
])('the route of a repeated %s is looked for %i times of three', (method, times) => {
  const { router, lookup } = start()
  for (let round = 0; round < 3; round++) {
    const { match, defaultTenant } = lookup.find(method, '/v4/p/things/1?a=b')
    expect(match).toMatchObject({ kind: 'route', params: { project: 'p', id: '1' } })
    expect(defaultTenant).toBe('default/p')
  }
  expect(router.asked).toBe(times)
})

test('the same target leads elsewhere with another method', () => {
  const { lookup } = start()
  const routes = ['GET', 'PUT', 'DELETE', 'GET'].map((method) => lookup.find(method, '/v4/p/things/1').match)
  expect(routes.map((match) => match.kind === 'route' && match.route.method)).toEqual(['GET', 'PUT', 'DELETE', 'GET'])
  expect(lookup.find('POST', '/v4/p/things/1').match).toEqual({
    kind: 'method',
    isPublic: true,
    allowed: ['DELETE', 'GET', 'PUT'],
  })
})

test('what is asked for again and again stays, however many others come; what is not is let go', () => {
  const { router, lookup } = start()
  lookup.find('PUT', '/v4/p/things/often')
  lookup.find('PUT', '/v4/p/things/once')
  for (let id = 0; id < 2 * KNOWN_TARGETS_MAX; id++) {
    lookup.find('PUT', `/v4/p/things/${id}`)
    lookup.find('PUT', '/v4/p/things/often')
  }
  router.asked = 0
  lookup.find('PUT', '/v4/p/things/often')
  expect(router.asked).toBe(0)
  lookup.find('PUT', '/v4/p/things/once')
  expect(router.asked).toBe(1)
})

test('a refused target is refused every time', () => {
  const { lookup } = start()
  for (let round = 0; round < 2; round++) expect(() => lookup.find('GET', '/v4//things/1')).toThrow(/double slash/)
})
