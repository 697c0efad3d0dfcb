import type { Route, SocketRoute } from '../call.ts'

const CURRENT = '/v4/:project/registry'
const LEGACY = '/registry/v3'

const INSTANCE = '/microservices/:serviceId/instances/:instanceId'

/** What the older prefix never had. */
const CURRENT_ONLY: ReadonlySet<string> = new Set([
  `PUT ${INSTANCE}/drain`,
  `DELETE ${INSTANCE}/drain`,
  'GET /microservices/:serviceId/subscribers',
  'GET /microservices/:serviceId/schemas/:schemaId/diff',
  'GET /environments',
  'POST /environments',
  'GET /environments/:environmentId',
  'PUT /environments/:environmentId',
  'DELETE /environments/:environmentId',
  'POST /instances/action',
  'POST /dependencies',
  'PUT /dependencies',
  'PUT /instances/status',
  'GET /version',
  'GET /health',
  'GET /health/readiness',
])

/**
 * The registry under its older prefix: the same rows, with the tenant taken from `X-Tenant-Name`, and without what the
 * newer prefix refuses by setting.
 */
export function legacyRoutes(routes: readonly Route[]): Route[] {
  return routes
    .filter(
      ({ method, path }) => path.startsWith(CURRENT) && !CURRENT_ONLY.has(`${method} ${path.slice(CURRENT.length)}`),
    )
    .map(({ admit: _, ...route }) => ({ ...route, family: 'v3', path: legacyPath(route.path) }))
}

/** The watch under the older prefix. */
export function legacySockets(routes: readonly SocketRoute[]): SocketRoute[] {
  return routes
    .filter(({ path }) => path.endsWith('/watcher'))
    .map((route) => ({ ...route, family: 'v3', path: legacyPath(route.path) }))
}

function legacyPath(path: string): string {
  return `${LEGACY}${path.slice(CURRENT.length)}`
}
