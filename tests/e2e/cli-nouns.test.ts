import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestBed } from './client-fixture.ts'
import { startTestBed } from './client-fixture.ts'
import { startCommand } from './command.ts'

const TIMEOUT_MS = 60_000
let bed: TestBed
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-cli-'))
  bed = await startTestBed()
  const cart = { appId: 'shop', serviceName: 'cart', version: '1.0.0' }
  const web = { appId: 'shop', serviceName: 'web', version: '1.0.0' }
  await bed.client.services.create({ ...cart, schemas: ['api'] })
  await bed.client.services.create(web)
  await bed.client.declareDependencies(web, [cart])
})
afterAll(async () => {
  await bed.engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const start = (...args: string[]) => startCommand(args, { ROLLCALL_URL: bed.engine.url })
const run = (...args: string[]) => start(...args).ended

test('schemas are stored, listed, shown and deleted', { timeout: TIMEOUT_MS }, async () => {
  const file = join(folder, 'api.yaml')
  writeFileSync(file, 'swagger: "2.0"\n')
  expect((await run('schemas', 'put', 'cart', 'api', file)).out).toBe('Stored api of shop/cart/1.0.0.\n')
  expect((await run('schemas', 'get', 'cart', 'api')).out).toBe('swagger: "2.0"\n')
  expect((await run('schemas', 'list', 'cart')).out).toMatch(/^SCHEMA ID +SUMMARY\napi +-\n$/)
  expect(JSON.parse((await run('schemas', 'get', 'cart', 'api', '--json')).out)).toMatchObject({ schemaId: 'api' })
  expect((await run('schemas', 'delete', 'cart', 'api')).out).toBe('Deleted api of shop/cart/1.0.0.\n')
  const gone = await run('schemas', 'get', 'cart', 'api')
  expect(gone).toMatchObject({ code: 3, out: '' })
  expect(gone.err).toContain('400016')
})

test('dependencies show both directions', { timeout: TIMEOUT_MS }, async () => {
  expect((await run('dependencies', 'web')).out).toMatch(/^uses +shop\/cart\/1\.0\.0 /m)
  expect((await run('dependencies', 'cart')).out).toMatch(/^is used by +shop\/web\/1\.0\.0 /m)
  const { out } = await run('dependencies', 'web', '--json')
  expect(JSON.parse(out)).toMatchObject({ providers: [{ serviceName: 'cart' }], consumers: [] })
})

test('quotas are listed with their use, and set', { timeout: TIMEOUT_MS }, async () => {
  expect((await run('quotas', 'set', 'service=4', 'instance=70')).out).toBe('Set service=4, instance=70.\n')
  const { out } = await run('quotas', 'list')
  expect(out).toMatch(/^RESOURCE +USED +LIMIT +SHARE$/m)
  expect(out).toMatch(/^service +2 +4 +50 %$/m)
  const wrong = await run('quotas', 'set', 'service')
  expect(wrong).toMatchObject({ code: 1, out: '' })
  expect(wrong.err).toContain("'service' is no limit; it looks like instance=200000.")
})

test('a list with --watch is printed again when it changes, and only then', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { child, said, ended } = start('services', 'list', '--watch', '0.1')
  await said(/shop +web/)
  await bed.client.services.create({ serviceName: 'latecomer', version: '1.0.0' })
  await said(/latecomer/)
  child.kill('SIGTERM')
  const { out } = await ended
  expect(out.match(/^SERVICE ID/gm)).toHaveLength(2)
  expect((await run('services', 'list', '--watch', '0')).code).toBe(1)
})

test('audit shows who changed what, the latest last, and follows', { timeout: TIMEOUT_MS }, async () => {
  await bed.client.services.create({ serviceName: 'audited', serviceId: 'audited-1', version: '1.0.0' })
  const { out } = await run('audit', '--resource', 'audited-1')
  expect(out).toMatch(/^TIME +ACCOUNT +ADDRESS +ACTION +RESULT +RESOURCE +DETAIL$/m)
  expect(out).toMatch(/^\d{4}-\S+ +- +127\.0\.0\.1 +service\.create +ok +audited-1 +-$/m)
  const json = JSON.parse((await run('audit', '--action', 'service', '--limit', '2', '--json')).out)
  expect(json).toHaveLength(2)
  expect(json[1]).toMatchObject({ action: 'service.create', after: { service: { serviceName: 'audited' } } })
  const { child, said, ended } = start('audit', '--resource', 'audited-1', '--follow')
  await said(/service\.create/)
  await bed.client.services.remove('audited-1')
  await said(/service\.delete/)
  child.kill('SIGTERM')
  expect((await ended).out.match(/service\.create/g)).toHaveLength(1)
  expect((await run('audit', '--since', 'yesterday')).code).toBe(3)
})
