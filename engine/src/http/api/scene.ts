/**
 * The scene in which the examples of the API document make sense: two services of a shop, one of which uses the other,
 * an instance, a contract, what they report, and somebody with an account. Sent in this order to a fresh tenant, each of
 * these requests succeeds.
 */

/** Parts of the paths of examples, where an example names no others. */
export const PLACES: Readonly<Record<string, string>> = {
  project: 'default',
  serviceId: 'cart-1',
  instanceId: 'cart-1-a',
  schemaId: 'cart.api',
  key: 'zone',
  name: 'jo',
  globalTxId: 'tx-1',
  environmentId: 'staging',
  kind: 'retry',
  id: 'id-0',
}

export const CART = {
  serviceId: 'cart-1',
  appId: 'shop',
  serviceName: 'cart',
  version: '1.0.0',
  schemas: ['cart.api'],
  properties: { team: 'checkout' },
}
export const WEB = { serviceId: 'web-1', appId: 'shop', serviceName: 'web', version: '1.0.0' }
export const CART_INSTANCE = {
  instanceId: 'cart-1-a',
  hostName: 'host-a',
  endpoints: ['rest://10.0.0.1:8080'],
  status: 'UP',
  properties: { rack: '7' },
  healthCheck: { mode: 'push', interval: 30, times: 3 },
}
export const CONTRACT = 'openapi: 3.0.0\ninfo: {title: cart, version: 1.0.0}\npaths: {}\n'
export const PASSWORD = 'Jo-likes-tea-4'

const keyOf = ({ appId, serviceName, version }: typeof WEB) => ({ appId, serviceName, version })
export const USES = { dependencies: [{ consumer: keyOf(WEB), providers: [keyOf(CART)] }] }

export const METRICS = {
  appId: 'shop',
  name: 'cart',
  version: '1.0.0',
  instance: 'host-a',
  serviceId: 'cart-1',
  instanceId: 'cart-1-a',
  cpu: 0.4,
  thread: 32,
  interfaces: [{ name: 'Cart.add', qps: 12.5, latency: 8, failureRate: 0.01, l99: 20, total: 125 }],
}
export const TRANSACTIONS = {
  head: { appId: 'shop', serviceName: 'cart', instanceId: 'cart-1-a' },
  activeTxList: [
    { globalTxId: 'tx-1', status: 'TRYING', model: 'TCC', role: 'ROOT', name: 'checkout', timeoutMs: 60000 },
  ],
}
export const THRESHOLD = { appId: 'shop', environment: '', serviceName: 'cart', avgDelay: 200, failureRate: 5 }

export const STAGING = { id: 'staging', name: 'staging', description: 'as in production' }
export const RETRY = { name: 'cart', selector: { app: 'shop', environment: '' }, spec: { maxAttempts: 3 } }

/** A request that makes a part of the scene. */
export interface SceneStep {
  readonly method: string
  readonly path: string
  readonly body: unknown
  /** Shared by all tenants: there already, perhaps. */
  readonly isShared?: true
}

const REGISTRY = '/v4/default/registry'

export const SCENE: readonly SceneStep[] = [
  { method: 'POST', path: `${REGISTRY}/microservices`, body: { service: CART, tags: { zone: 'east' } } },
  { method: 'POST', path: `${REGISTRY}/microservices`, body: { service: WEB } },
  { method: 'POST', path: `${REGISTRY}/microservices/cart-1/instances`, body: { instance: CART_INSTANCE } },
  {
    method: 'PUT',
    path: `${REGISTRY}/microservices/cart-1/schemas/cart.api`,
    body: { schema: CONTRACT, summary: 'cartapi1' },
  },
  { method: 'PUT', path: `${REGISTRY}/dependencies`, body: USES },
  { method: 'POST', path: '/v2/default/csemonitor/metric', body: METRICS },
  { method: 'POST', path: '/v2/default/csemonitor/transaction', body: TRANSACTIONS },
  { method: 'PUT', path: '/v3/default/csemonitor/thresholds', body: [THRESHOLD] },
  { method: 'POST', path: `${REGISTRY}/environments`, body: STAGING },
  { method: 'POST', path: '/v1/default/gov/retry', body: RETRY, isShared: true },
  {
    method: 'POST',
    path: '/v4/roles',
    body: { name: 'reader', perms: [{ resources: [{ type: 'service' }], verbs: ['get'] }] },
    isShared: true,
  },
  { method: 'POST', path: '/v4/roles', body: { name: 'spare', perms: [] }, isShared: true },
  { method: 'POST', path: '/v4/accounts', body: { name: 'jo', password: PASSWORD, roles: ['reader'] }, isShared: true },
]
