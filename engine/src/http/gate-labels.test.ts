import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf, TestAccess } from '../test-access.ts'

/** What somebody sees and may do whose rights are limited to some services by labels. */

const BASE = '/v4/default/registry'
const MONITORING = '/v3/default/csemonitor'

let access: TestAccess
/** May do everything with services named shop…, and nothing else. */
let shop: string
/** May only read those of application `default`, environment `testing`. */
let tester: string

beforeAll(async () => {
  access = await TestAccess.start()
  shop = await access.accountThatMay('shop', [
    { resources: [{ type: 'service', labels: { serviceName: 'shop*' } }], verbs: ['*'] },
  ])
  const labels = { appId: 'default', environment: 'testing' }
  tester = await access.accountThatMay('tester', [{ resources: [{ type: 'service', labels }], verbs: ['get'] }])
  for (const serviceName of ['shop-a', 'bank']) {
    const service = { serviceName, serviceId: `id-${serviceName}` }
    await access.rule('POST', `${BASE}/microservices`, { service })
    await access.rule('POST', '/v2/default/csemonitor/metric', metrics(serviceName))
  }
  const shared = [
    transaction('bank', { branchTxId: 'root', role: 'ROOT', name: 'transfer', errorMessage: 'vault is empty' }),
    transaction('shop-a', { branchTxId: 'leaf', parentTxId: 'root', role: 'BRANCH', name: 'order' }),
    transaction('bank', { globalTxId: 'inside', branchTxId: 'only', role: 'ROOT', name: 'interest' }),
  ]
  for (const report of shared) await access.rule('POST', '/csemonitor/v1/transaction', report)
})

afterAll(() => access.close())

const metrics = (name: string, more: object = {}) => ({
  ...{ appId: 'default', name, version: '1.0.0', environment: '', instance: `host-of-${name}` },
  interfaces: [{ name: `call-of-${name}`, qps: 1, total: 10, latency: 5 }],
  ...more,
})

const transaction = (serviceName: string, txInfo: object, head: object = {}) => ({
  head: { appId: 'default', serviceName, ...head },
  txInfo: { globalTxId: 'shared', status: 'TRYING', ...txInfo },
})

const get = (path: string, token: string) => access.send('GET', path, { token })

describe('lists and pictures', () => {
  test('show only what matches', async () => {
    const { json } = await get(`${BASE}/microservices`, shop)
    expect(json.services.map((service: { serviceName: string }) => service.serviceName)).toEqual(['shop-a'])
    const statistics = await get('/v4/default/govern/statistics', shop)
    expect(statistics.json.statistics.services.count).toBe(1)
  })

  test.each([
    [`${BASE}/microservices`],
    [`${BASE}/microservices?withShared=1`],
    [`${BASE}/microservices?offset=0&limit=9`],
    ['/registry/v3/microservices'],
    ['/v4/default/govern/microservices?options=all'],
    ['/v4/default/govern/microservices?options=all&offset=0&limit=9'],
    ['/v4/default/govern/relations'],
    [`${MONITORING}/metric?service=shop-a,bank`],
    [`${MONITORING}/metric?service=shop-a,bank&by=instance`],
    [`${MONITORING}/series`],
    [`${MONITORING}/top`],
    [`${MONITORING}/services`],
    [`${MONITORING}/transactions`],
    [`${MONITORING}/transactions/shared`],
  ])('%s gives nothing of others, even when somebody who sees all has just asked for it', async (path) => {
    const everything = await get(path, access.root)
    expect(everything.text).toContain('bank')
    const part = await get(path, shop)
    expect(part.text).toContain('shop-a')
    expect(part.text).not.toMatch(/bank|vault|interest/)
    expect((await get(path, access.root)).json).toEqual(everything.json)
  })

  test('a part of a list counts only what the caller may see', async () => {
    const totals = [access.root, shop].map(async (token) => {
      const { headers } = await get(`${BASE}/microservices?offset=0&limit=1`, token)
      return headers['x-total-count']
    })
    expect(await Promise.all(totals)).toEqual(['2', '1'])
  })

  test('of an application only what it has of the services shown adds up', async () => {
    const total = async (token: string) =>
      (await get(`${MONITORING}/metric?service=shop-a,bank&by=application`, token)).json.map(
        ({ total: calls }: { total: number }) => calls,
      )
    expect(await total(access.root)).toEqual([20])
    expect(await total(shop)).toEqual([10])
  })

  test('transactions are counted as if only the services shown had reported', async () => {
    const { json } = await get(`${MONITORING}/transactions/statistics`, shop)
    expect(json).toMatchObject({ total: 1, byService: [{ serviceName: 'shop-a', total: 1 }] })
    expect((await get(`${MONITORING}/transactions/inside`, shop)).status).toBe(404)
    expect((await get(`${MONITORING}/transactions/statistics`, access.root)).json.total).toBe(2)
  })

  test('thresholds are those of the services shown', async () => {
    const both = ['shop-a', 'bank'].map((serviceName) => ({ appId: 'default', serviceName, failureRate: 5 }))
    await access.rule('PUT', `${MONITORING}/thresholds`, both)
    const { json } = await get(`${MONITORING}/thresholds?services=shop-a,bank`, shop)
    expect(json).toMatchObject([{ serviceName: 'shop-a' }])
  })
})

describe('single services', () => {
  test.each([
    ['GET', `${BASE}/microservices/id-shop-a`, 200],
    ['GET', `${BASE}/microservices/id-bank`, 403],
    ['GET', `${BASE}/instances?appId=default&serviceName=shop-a`, 200],
    ['GET', `${BASE}/instances?appId=default&serviceName=bank`, 403],
    ['GET', `${BASE}/microservices/nobody-has-it`, 400],
    ['DELETE', `${BASE}/microservices/id-bank`, 403],
    ['PUT', `${BASE}/instances/status`, 403],
    ['GET', `${BASE}/microservices/id-shop-a/schemas`, 403],
  ])('%s %s: %i', async (method, path, status) => {
    expect((await access.send(method, path, { token: shop, body: {} })).status).toBe(status)
  })

  test('a batch is refused when one of its services is not allowed', async () => {
    const body = { serviceIds: ['id-shop-a', 'id-bank'] }
    expect((await access.send('DELETE', `${BASE}/microservices`, { token: shop, body })).status).toBe(403)
    expect((await get(`${BASE}/microservices/id-shop-a`, access.root)).status).toBe(200)
  })
})

describe('reports', () => {
  const upload = (path: string, body: object, token?: string) => access.send('POST', path, { token, body })
  const PLACES = ['/v2/default/csemonitor', '/csemonitor/v1']
  const REPORTS: [string, (name: string, more?: object) => object][] = [
    ['metric', metrics],
    ['transaction', (name, more) => transaction(name, { branchTxId: 'leaf' }, more)],
  ]
  const all = PLACES.flatMap((place) => REPORTS.map(([noun, of]) => [`${place}/${noun}`, of] as const))

  test.each(all)('POST %s: of the services that the labels cover, and of no other', async (path, of) => {
    expect((await upload(path, of('shop-a'), shop)).status).toBe(200)
    const refused = await upload(path, of('bank'), shop)
    expect([refused.status, codeOf(refused.json)]).toEqual([403, '403205'])
    expect(refused.json.detail).toBe('role has no permissions[service:update] for this service')
  })

  test.each(all)('POST %s: not with the id of another service either', async (path, of) => {
    const ids = { serviceId: 'id-bank', instanceId: 'i' }
    expect((await upload(path, of('shop-a', ids), shop)).status).toBe(403)
    expect((await upload(path, of('shop-a', { ...ids, serviceId: 'id-shop-a' }), shop)).status).toBe(200)
  })

  test.each(all)('POST %s: not without a token, and not by who may only read', async (path, of) => {
    const anonymous = await upload(path, of('shop-a'))
    expect([anonymous.status, codeOf(anonymous.json)]).toEqual([401, '401002'])
    expect((await upload(path, of('shop-a', { environment: 'testing' }), tester)).status).toBe(403)
  })

  test('who may only read an environment reads the reports of it', async () => {
    await access.rule('POST', '/csemonitor/v1/metric', metrics('clock', { environment: 'testing' }))
    const { json } = await get(`${MONITORING}/services`, tester)
    expect(json.services).toMatchObject([{ serviceName: 'clock', environment: 'testing' }])
  })

  test('the role viewer reads all of them', async () => {
    const viewer = await access.account('a-viewer', ['viewer'])
    for (const noun of ['metric?service=bank', 'series', 'top', 'services', 'stream', 'thresholds?services=bank']) {
      expect([noun, (await get(`${MONITORING}/${noun}`, viewer)).status]).toEqual([noun, 200])
    }
    expect((await get(`${MONITORING}/transactions/inside`, viewer)).json.name).toBe('interest')
    expect((await upload('/csemonitor/v1/metric', metrics('shop-a'), viewer)).status).toBe(403)
  })
})
