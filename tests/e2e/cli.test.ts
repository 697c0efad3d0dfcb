import { createClient } from '@rollcall/client'
import { settingsHelp } from '@rollcall/engine/settings/help'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestBed } from './client-fixture.ts'
import { startTestBed } from './client-fixture.ts'
import { startCommand as start } from './command.ts'

let bed: TestBed
let serviceId: string
let instanceId: string

beforeAll(async () => {
  bed = await startTestBed()
  const { services, instances } = bed.client
  serviceId = await services.create({ appId: 'shop', serviceName: 'cart', version: '1.0.0', properties: { team: 'a' } })
  await services.create({ appId: 'shop', serviceName: 'cart', version: '2.0.0' })
  instanceId = await instances.register(serviceId, { hostName: 'host-1', endpoints: ['rest://127.0.0.1:8080'] })
})
afterAll(() => bed.engine.close())

const run = (...args: string[]) => start(args, { ROLLCALL_URL: bed.engine.url }).ended

test('services list: a table for people', async () => {
  const { code, out, err } = await run('services', 'list')
  const [heading, ...rows] = out.trimEnd().split('\n')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(heading).toMatch(/^SERVICE ID +APPLICATION +NAME +VERSION +ENVIRONMENT +REGISTERED$/)
  expect(rows).toHaveLength(2)
  expect(rows[0]).toMatch(new RegExp(`^${serviceId} +shop +cart +1\\.0\\.0 +- +\\d{4}-`))
})

test('services list --json: documents for programs', async () => {
  const { out } = await run('services', 'list', '--json')
  expect(JSON.parse(out)).toMatchObject([{ serviceId, version: '1.0.0' }, { version: '2.0.0' }])
})

test('services get: by unique part of its path', async () => {
  const { code, out } = await run('services', 'get', 'cart/1.0.0')
  expect(code).toBe(0)
  expect(out).toMatch(/^Properties +team=a$/m)
  expect(out).toMatch(/^Instances +1$/m)
})

test('a name that fits several services is asked back', async () => {
  const { code, err } = await run('services', 'get', 'shop/cart')
  expect(code).toBe(1)
  expect(err).toContain("'shop/cart' fits 2 services; name one by id or whole path:")
  expect(err).toContain(`${serviceId}  shop/cart/1.0.0`)
})

test('instances list, get and status', async () => {
  const listed = await run('instances', 'list')
  expect(listed.out).toMatch(new RegExp(`^${instanceId} +shop/cart/1.0.0 +UP +host-1 +rest://127.0.0.1:8080`, 'm'))
  const changed = await run('instances', 'status', serviceId, instanceId.slice(0, 8), 'TESTING')
  expect(changed.out).toBe(`${instanceId} of shop/cart/1.0.0 is TESTING (was UP).\n`)
  const shown = await run('instances', 'get', serviceId, instanceId, '--json')
  expect(JSON.parse(shown.out)).toMatchObject({ instanceId, status: 'TESTING' })
  const wrong = await run('instances', 'status', serviceId, instanceId, 'SLEEPY')
  expect(wrong).toMatchObject({ code: 1, out: '' })
  expect(wrong.err).toContain('Allowed choices are UP, DOWN')
})

test('find', async () => {
  const { out } = await run('find', 'cart', '--app', 'shop')
  expect(out).toContain(instanceId)
  const unknown = await run('find', 'nothing')
  expect(unknown.code).toBe(3)
  expect(unknown.err).toContain('400012')
})

test('a refused deletion says how to do it all the same', async () => {
  const refused = await run('services', 'delete', 'cart/1.0.0')
  expect(refused.code).toBe(3)
  expect(refused.err).toContain('--force')
  const asJson = await run('services', 'delete', 'cart/1.0.0', '--json')
  expect(JSON.parse(asJson.err)).toMatchObject({ error: { kind: 'refused', errorCode: '400013' } })
})

test('watch prints what the consumer is told', async () => {
  const { client } = bed
  const consumerId = await client.services.create({ appId: 'shop', serviceName: 'web', version: '1.0.0' })
  await client.find({ appId: 'shop', serviceName: 'cart', consumerId })
  const watching = start(['watch', 'web', '--count', '2', '--json'], { ROLLCALL_URL: bed.engine.url })
  await watching.said(/Watching for shop\/web\/1\.0\.0/)
  const extra = await client.instances.register(serviceId, { hostName: 'host-2' })
  await client.instances.unregister(serviceId, extra)
  const { code, out } = await watching.ended
  const events = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(code).toBe(0)
  expect(events).toMatchObject([
    { action: 'CREATE', instance: { instanceId: extra } },
    { action: 'DELETE', instance: { instanceId: extra } },
  ])
})

test('deletions', async () => {
  const instance = await run('instances', 'delete', serviceId, instanceId)
  expect(instance.out).toBe(`Deleted ${instanceId} of shop/cart/1.0.0.\n`)
  const service = await run('services', 'delete', 'cart/1.0.0', '--force')
  expect(service.out).toBe(`Deleted shop/cart/1.0.0 (${serviceId}).\n`)
  expect(await bed.client.services.exists({ appId: 'shop', serviceName: 'cart', version: '1.0.0' })).toBeUndefined()
})

test('version', async () => {
  const { out } = await run('version', '--json')
  expect(JSON.parse(out)).toMatchObject({ rollcall: bed.engine.version, engine: { version: bed.engine.version } })
})

test('no engine: says so, what to do, and ends with 2', async () => {
  const { code, err } = await start(['services', 'list', '--url', 'http://127.0.0.1:1']).ended
  expect(code).toBe(2)
  expect(err).toContain('No engine answers at http://127.0.0.1:1 (')
  expect(err).toContain('rollcall serve')
})

test('wrong usage ends with 1, help with 0', async () => {
  expect((await run('service', 'list')).code).toBe(1)
  expect((await run('services', 'list', '--colour')).code).toBe(1)
  expect((await run('services', 'list', '--url', 'nonsense')).code).toBe(1)
  expect((await run('services', '--help')).code).toBe(0)
  expect((await run('--version')).out).toBe(`${bed.engine.version}\n`)
})

test('serve --help shows the table of settings', async () => {
  const { code, out } = await run('serve', '--help')
  expect(code).toBe(0)
  expect(out).toContain(settingsHelp())
})

test('serve runs an engine until it is told to stop', async () => {
  const { child, ended, said } = start(['serve', '--server.port', '0', '--store.kind', 'memory'])
  const [, url = ''] = await said(/API +(\S+)/)
  expect(await createClient({ urls: url }).isReady()).toBe(true)
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ code: 0 })
})
