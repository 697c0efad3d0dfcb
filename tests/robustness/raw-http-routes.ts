/** A route that takes a body, with a body that uses every member it knows. */
export interface BodyRoute {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

const REGISTRY = '/v4/default/registry'

const KEY = { tenant: 't/t', environment: 'testing', appId: 'a', serviceName: 's', alias: 'b', version: '1.0.0' }

const INSTANCE = {
  instanceId: 'i',
  serviceId: 's',
  endpoints: ['rest://10.0.0.1:8080'],
  hostName: 'h',
  status: 'UP',
  properties: { k: 'v' },
  healthCheck: { mode: 'push', port: 8080, interval: 30, times: 3, url: 'http://h/' },
  timestamp: '1',
  dataCenterInfo: { name: 'n', region: 'r', availableZone: 'z' },
  modTimestamp: '1',
  version: '1.0.0',
}

const SERVICE = {
  serviceId: 's',
  appId: 'a',
  serviceName: 'n',
  version: '1.0.0',
  description: 'd',
  level: 'BACK',
  schemas: ['x'],
  paths: [{ path: '/p', property: { k: 'v' } }],
  status: 'UP',
  properties: { k: 'v' },
  timestamp: '1',
  providers: [KEY],
  alias: 'b',
  LBStrategy: { k: 'v' },
  modTimestamp: '1',
  environment: 'testing',
  registerBy: 'SDK',
  framework: { name: 'f', version: '1' },
}

const DEPENDENCIES = { dependencies: [{ consumer: KEY, providers: [KEY] }] }

/** Every registry route that takes a body. */
export const BODY_ROUTES: readonly BodyRoute[] = [
  {
    method: 'POST',
    path: `${REGISTRY}/microservices`,
    body: { service: SERVICE, tags: { a: 'b' }, instances: [INSTANCE] },
  },
  { method: 'DELETE', path: `${REGISTRY}/microservices`, body: { serviceIds: ['s'], force: true } },
  { method: 'PUT', path: `${REGISTRY}/microservices/s/properties`, body: { properties: { k: 'v' } } },
  { method: 'POST', path: `${REGISTRY}/microservices/s/instances`, body: { instance: INSTANCE } },
  { method: 'PUT', path: `${REGISTRY}/microservices/s/instances/i/properties`, body: { properties: { k: 'v' } } },
  { method: 'PUT', path: `${REGISTRY}/heartbeats`, body: { instances: [{ serviceId: 's', instanceId: 'i' }] } },
  {
    method: 'PUT',
    path: `${REGISTRY}/instances/status`,
    body: { matches: { properties: { k: 'v' } }, status: 'UP' },
  },
  {
    method: 'POST',
    path: `${REGISTRY}/instances/action?type=query`,
    body: {
      services: [{ service: { environment: 'testing', appId: 'a', serviceName: 's', version: '1' }, rev: '1' }],
      instances: [{ instance: { serviceId: 's', instanceId: 'i' }, rev: '1' }],
    },
  },
  { method: 'POST', path: `${REGISTRY}/microservices/s/tags`, body: { tags: { a: 'b' } } },
  {
    method: 'POST',
    path: `${REGISTRY}/microservices/s/schemas`,
    body: { schemas: [{ schemaId: 'x', summary: 'y', schema: 'z' }] },
  },
  { method: 'PUT', path: `${REGISTRY}/microservices/s/schemas/x`, body: { summary: 'y', schema: 'z' } },
  {
    method: 'POST',
    path: '/registry/v3/microservices',
    body: { service: { serviceName: 'n', framework: { name: 'f' } } },
  },
  { method: 'PUT', path: '/v4/default/admin/quotas', body: { quotas: [{ resource: 'account', limit: 1 }] } },
  { method: 'POST', path: '/v4/default/admin/retire', body: { dryRun: true, keep: 3, minAgeHours: 1 } },
  { method: 'POST', path: `${REGISTRY}/environments`, body: { id: 'e', name: 'n', description: 'd' } },
  { method: 'PUT', path: `${REGISTRY}/environments/e`, body: { name: 'n', description: 'd' } },
  { method: 'POST', path: `${REGISTRY}/dependencies`, body: DEPENDENCIES },
  { method: 'PUT', path: `${REGISTRY}/dependencies`, body: DEPENDENCIES },
]

/** Every registry route without a body; `:` stands before what a test puts in. */
export const PLAIN_ROUTES: readonly (readonly [method: string, path: string])[] = [
  ['GET', `${REGISTRY}/microservices?offset=:value&limit=:value&withShared=:value`],
  ['GET', `${REGISTRY}/environments/:id`],
  ['DELETE', `${REGISTRY}/environments/:id`],
  ['GET', `${REGISTRY}/microservices/:id`],
  ['DELETE', `${REGISTRY}/microservices/:id?force=:value`],
  ['GET', `${REGISTRY}/existence?type=microservice&env=:value&appId=:value&serviceName=:value&version=:value`],
  ['GET', `${REGISTRY}/existence?type=schema&serviceId=:value&schemaId=:value`],
  ['GET', `${REGISTRY}/existence?type=:value`],
  ['GET', `${REGISTRY}/instances?appId=:value&serviceName=:value&env=:value&tags=:value&rev=:value&version=:value`],
  ['GET', `${REGISTRY}/microservices/:id/instances?tags=:value&rev=:value`],
  ['GET', `${REGISTRY}/microservices/:id/instances/:id?tags=:value&rev=:value`],
  ['DELETE', `${REGISTRY}/microservices/:id/instances/:id`],
  ['PUT', `${REGISTRY}/microservices/:id/instances/:id/heartbeat`],
  ['PUT', `${REGISTRY}/microservices/:id/instances/:id/status?value=:value`],
  ['PUT', `${REGISTRY}/microservices/:id/instances/:id/drain?seconds=:value`],
  ['DELETE', `${REGISTRY}/microservices/:id/instances/:id/drain`],
  ['GET', `${REGISTRY}/microservices/:id/subscribers`],
  ['GET', `${REGISTRY}/microservices/:id/schemas/:id/diff?with=:value&withSchema=:value`],
  ['GET', `${REGISTRY}/microservices/:id/providers?sameDomain=:value&noSelf=:value`],
  ['GET', `${REGISTRY}/microservices/:id/consumers`],
  ['GET', `${REGISTRY}/microservices/:id/tags`],
  ['PUT', `${REGISTRY}/microservices/:id/tags/:id?value=:value`],
  ['DELETE', `${REGISTRY}/microservices/:id/tags/:id`],
  ['GET', `${REGISTRY}/microservices/:id/schemas?withSchema=:value`],
  ['GET', `${REGISTRY}/microservices/:id/schemas/:id`],
  ['DELETE', `${REGISTRY}/microservices/:id/schemas/:id`],
  ['GET', '/v4/:id/govern/microservices/:id'],
  ['GET', '/v4/default/govern/microservices?options=:value&property=:value&countOnly=:value&appId=:value&env=:value'],
  ['GET', '/v4/default/govern/apps?env=:value&withShared=:value'],
  ['GET', '/v4/default/govern/relations?withShared=:value'],
  ['GET', '/v4/default/govern/statistics'],
  ['GET', '/v4/:id/admin/quotas'],
  ['GET', '/registry/v3/instances?appId=:value&serviceName=:value&env=:value&tags=:value'],
]
