import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@rollcall/client'
import { createClient } from '@rollcall/client'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { TestBed } from './client-fixture.ts'
import { startTestBed } from './client-fixture.ts'
import { startCommand } from './command.ts'
import { openDoor } from './door.ts'

const TIMEOUT_MS = 60_000
let folder: string
let source: TestBed
let target: TestBed

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-transfer-'))
  source = await startTestBed()
  await fill(source.client)
})
afterAll(async () => {
  await source.engine.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  target = await startTestBed()
})
afterEach(() => target.engine.close())

const at = (name: string) => join(folder, name)
const run = (...args: string[]) => startCommand(args).ended
const exportTo = (name: string, ...args: string[]) => run('export', at(name), '--url', source.engine.url, ...args)
const importFrom = (name: string, ...args: string[]) => run('import', at(name), '--url', target.engine.url, ...args)

/** Two applications, two environments, and everything that may belong to a service. */
async function fill({ services, instances, contracts, relations, declareDependencies }: Client) {
  const cart = { appId: 'shop', serviceName: 'cart', version: '1.0.0', environment: 'production' }
  const cartId = await services.create({ ...cart, properties: { team: 'ä\u2028' }, schemas: ['api'] })
  await contracts.put(cartId, { schemaId: 'api', schema: 'swagger: "2.0"\n' })
  await relations.setTags(cartId, { tier: 'gold' })
  for (const id of ['one', 'two']) {
    const instanceId = `cart-${id}`
    await instances.register(cartId, { instanceId, hostName: id, endpoints: [`rest://10.0.0.1:80${id.length}`] })
  }
  await instances.setStatus(cartId, 'cart-two', 'OUTOFSERVICE')
  const web = { appId: 'shop', serviceName: 'web', version: '2.0.0', environment: 'production' }
  await services.create(web)
  await declareDependencies(web, [cart])
  await services.create({ appId: 'shop', serviceName: 'cart', version: '1.0.0' })
  await services.create({ appId: 'bank', serviceName: 'ledger', version: '3.0.0' })
}

const WITHOUT_TIMES = (key: string, value: unknown) => (/imestamp$/.test(key) ? undefined : value)

/** All that can be asked about what was exported, without times. */
async function pictureOf({ services, instances, contracts, relations }: Client): Promise<unknown> {
  const known = [...(await services.list())].sort((one, other) => (one.serviceId < other.serviceId ? -1 : 1))
  const pictures = known.map(async (service) => ({
    service,
    instances: await instances.list(service.serviceId),
    contracts: await contracts.list(service.serviceId, { withContent: true }),
    tags: await relations.tagsOf(service.serviceId),
    providers: (await relations.providersOf(service.serviceId)).map(({ serviceId }) => serviceId),
  }))
  return JSON.parse(JSON.stringify(await Promise.all(pictures), WITHOUT_TIMES))
}

test('what was exported is imported with ids, contracts, tags, dependencies, instances and states, once', {
  timeout: TIMEOUT_MS,
}, async () => {
  const exported = await exportTo('all.gz')
  expect(exported).toMatchObject({ code: 0, err: '' })
  expect(exported.out).toMatch(/^Exported 4 services with 2 instances to /)
  const dry = await importFrom('all.gz', '--dry-run')
  expect(dry).toMatchObject({ code: 4, err: '' })
  expect(dry.out).toContain('+ production/shop/cart/1.0.0: 1 tags, 1 contracts, 2 instances\n')
  expect(dry.out).toContain('+ production/shop/web/2.0.0: 1 dependencies\n')
  expect(await target.client.services.list()).toEqual([])
  const done = await importFrom('all.gz')
  expect(done).toMatchObject({ code: 0, err: '' })
  expect(done.out).toContain('Imported services: 4 new, 0 changed, 0 as they are.')
  expect(await pictureOf(target.client)).toEqual(await pictureOf(source.client))
  const again = await importFrom('all.gz', '--dry-run', '--json')
  expect(again.code).toBe(0)
  expect(JSON.parse(again.out)).toMatchObject({ changes: [], unchangedServices: 4 })
})

test('an import shows and makes good what differs, and leaves alone what lives elsewhere', {
  timeout: TIMEOUT_MS,
}, async () => {
  const url = source.engine.url
  const whole = ['import', '--from', url, '--url', target.engine.url]
  expect((await run(...whole)).code).toBe(0)
  const { services, instances, relations } = target.client
  const cartId =
    (await services.exists({ appId: 'shop', serviceName: 'cart', version: '1.0.0', environment: 'production' })) ?? ''
  await services.updateProperties(cartId, { team: 'b' })
  await relations.setTags(cartId, { tier: 'lead', own: 'kept' })
  await instances.setStatus(cartId, 'cart-two', 'UP')
  await instances.unregister(cartId, 'cart-one')
  await instances.register(cartId, { instanceId: 'cart-one', hostName: 'moved' })
  const dry = await run(...whole, '--dry-run')
  expect(dry.out).toContain('~ production/shop/cart/1.0.0: properties, 1 tags, 1 changed instances\n')
  expect(dry.out).toContain('1 instances live there with other addresses and stay as they are.')
  expect((await run(...whole)).code).toBe(0)
  expect(await services.get(cartId)).toMatchObject({ properties: { team: 'ä\u2028' } })
  expect(await relations.tagsOf(cartId)).toEqual({ tier: 'gold', own: 'kept' })
  expect(await instances.get(cartId, 'cart-two')).toMatchObject({ status: 'OUTOFSERVICE' })
  expect(await instances.get(cartId, 'cart-one')).toMatchObject({ hostName: 'moved' })
})

test.each([
  [['--app', 'bank'], ['ledger']],
  [
    ['--environment', 'production'],
    ['cart', 'web'],
  ],
  [['--app', 'shop', '--environment', ''], ['cart']],
  [['--project', 'other'], []],
])('export and import with %j are about these services only', { timeout: TIMEOUT_MS }, async (flags, names) => {
  const file = `${flags.join('')}.nd`
  expect((await exportTo(file, ...flags)).code).toBe(0)
  expect((await exportTo('everything.nd', '--force')).code).toBe(0)
  for (const [name, narrowed] of [
    [file, []],
    ['everything.nd', flags],
  ] as const) {
    const { out } = await importFrom(name, '--dry-run', '--json', ...narrowed)
    const { changes } = JSON.parse(out) as { changes: { service: string }[] }
    const isOther = flags.includes('other') && name !== file
    if (!isOther) expect(changes.map(({ service }) => service.split('/').at(-2))).toEqual(names)
  }
})

test('an export that is broken off goes on after the last whole service', { timeout: TIMEOUT_MS }, async () => {
  let left = 14
  await using door = await openDoor(source.engine.url, (_, response) => {
    left -= 1
    if (left < 0) response.destroy()
    return left < 0
  })
  const { url } = door
  const broken = await run('export', at('broken.nd'), '--url', url)
  expect(broken.code).toBe(2)
  // Cut as a crash cuts: in the middle of a line.
  const part = readFileSync(at('broken.nd.part'), 'utf8')
  writeFileSync(at('broken.nd.part'), `${part}{"instance":{"insta`)
  left = Number.POSITIVE_INFINITY
  const whole = await run('export', at('broken.nd'), '--url', url, '--json')
  expect(whole.code).toBe(0)
  expect(JSON.parse(whole.out)).toMatchObject({ exported: { services: 4 } })
  expect((await importFrom('broken.nd')).out).toContain('4 new')
  expect(await pictureOf(target.client)).toEqual(await pictureOf(source.client))
})

test('a damaged export changes nothing, and an import that is broken off goes on', {
  timeout: TIMEOUT_MS,
}, async () => {
  expect((await exportTo('good.nd')).code).toBe(0)
  writeFileSync(at('bad.nd'), readFileSync(at('good.nd'), 'utf8').replace('gold', 'lead'))
  const bad = await importFrom('bad.nd')
  expect(bad).toMatchObject({ code: 5, out: '' })
  expect(bad.err).toContain('bad.nd is damaged')
  expect(await target.client.services.list()).toEqual([])
  const admin = createClient({ urls: target.engine.url })
  await admin.operations.setQuotas({ service: 2 })
  const refused = await importFrom('good.nd')
  expect(refused.code).toBe(3)
  expect(refused.err).toContain('400100')
  expect(refused.err).toContain('the same command goes on from there')
  await admin.operations.setQuotas({ service: 10 })
  expect((await importFrom('good.nd')).out).toContain('Imported services: 2 new, 0 changed, 2 as they are.')
  expect(await pictureOf(target.client)).toEqual(await pictureOf(source.client))
  expect((await run('import', '--url', target.engine.url)).code).toBe(1)
})
