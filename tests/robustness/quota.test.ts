import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'

const WRITERS = 64
const TIMEOUT_MS = 120_000

interface Answered {
  readonly status: number
  readonly body: {
    readonly errorCode?: string
    readonly detail?: string
    readonly serviceId?: string
    readonly services?: readonly { readonly serviceId: string }[]
    readonly instances?: readonly { readonly instanceId: string }[]
    readonly schemas?: readonly object[]
    readonly quotas?: readonly { readonly resource: string; readonly limit: number; readonly used: number }[]
  }
}

let folder: string
let engine: EngineProcess
const running: EngineProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-quota-'))
})

afterEach(async () => {
  for (const each of running.splice(0)) await each.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function start(...flags: string[]): Promise<void> {
  engine = await EngineProcess.start(['--store.kind', 'lmdb', '--store.path', folder, ...flags])
  running.push(engine)
}

async function ask(method: string, path: string, body?: unknown): Promise<Answered> {
  const response = await fetch(new URL(`/v4/default${path}`, engine.url), {
    method,
    headers: { 'X-Domain-Name': 'shop' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
}

const setLimits = (limits: Record<string, number>) =>
  ask('PUT', '/admin/quotas', { quotas: Object.entries(limits).map(([resource, limit]) => ({ resource, limit })) })
const create = (serviceName: string) => ask('POST', '/registry/microservices', { service: { serviceName } })
const register = (serviceId: string, more: object = {}) =>
  ask('POST', `/registry/microservices/${serviceId}/instances`, { instance: { hostName: 'h', ...more } })
const putSchema = (serviceId: string, schemaId: string) =>
  ask('PUT', `/registry/microservices/${serviceId}/schemas/${schemaId}`, { schema: 'x' })

async function stateOf(resource: string): Promise<{ limit?: number; used?: number; warning?: boolean } | undefined> {
  return (await ask('GET', '/admin/quotas')).body.quotas?.find((quota) => quota.resource === resource)
}

/** Runs `write` as many writers at once. @returns how many got each code; '' for success */
async function together(write: (index: number) => Promise<Answered>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const answers = await Promise.all(Array.from({ length: WRITERS }, (_, index) => write(index)))
  for (const { body } of answers) counts[body.errorCode ?? ''] = (counts[body.errorCode ?? ''] ?? 0) + 1
  return counts
}

describe(`${WRITERS} writers at once get what is left, and not one more`, () => {
  beforeEach(async () => {
    await start()
    await setLimits({ service: 21, instance: 17, schema: 13 })
  })

  test('services', { timeout: TIMEOUT_MS }, async () => {
    await create('first')
    expect(await together((index) => create(`s${index}`))).toEqual({ '': 20, 400100: WRITERS - 20 })
    expect((await ask('GET', '/registry/microservices')).body.services).toHaveLength(21)
    expect(await stateOf('service')).toEqual({ resource: 'service', limit: 21, used: 21, warning: true })
    expect(engine.output).toContain('quota nearly used up')
  })

  test('instances, of one service and with new services', { timeout: TIMEOUT_MS }, async () => {
    const { serviceId = '' } = (await create('s')).body
    const mixed = (index: number) =>
      index % 2 === 0
        ? register(serviceId)
        : ask('POST', '/registry/microservices', {
            service: { serviceName: `with-${index % 8}` },
            instances: [{ hostName: 'h', instanceId: `i${index}` }],
          })
    expect(await together(mixed)).toEqual({ '': 17, 400100: WRITERS - 17 })
    expect(await stateOf('instance')).toMatchObject({ limit: 17, used: 17 })
  })

  test('contracts of one service, where each writer overtakes the others', { timeout: TIMEOUT_MS }, async () => {
    const { serviceId = '' } = (await create('s')).body
    expect(await together((index) => putSchema(serviceId, `c${index}`))).toEqual({ '': 13, 400100: WRITERS - 13 })
    expect((await ask('GET', `/registry/microservices/${serviceId}/schemas`)).body.schemas).toHaveLength(13)
    expect(await stateOf('schema')).toMatchObject({ limit: 13, used: 13 })
  })

  test('what goes makes room', { timeout: TIMEOUT_MS }, async () => {
    const { serviceId = '' } = (await create('s')).body
    await together(() => register(serviceId))
    const { instances = [] } = (await ask('GET', `/registry/microservices/${serviceId}/instances`)).body
    for (const { instanceId } of instances.slice(0, 5))
      await ask('DELETE', `/registry/microservices/${serviceId}/instances/${instanceId}`)
    expect(await together(() => register(serviceId))).toEqual({ '': 5, 400100: WRITERS - 5 })
  })
})

describe(`${WRITERS} writers at once make accounts and roles`, () => {
  const NAME = 'root'
  const PASSWORD = 'Root@Passw0rd1'
  let token = ''

  beforeEach(async () => {
    const flags = ['--store.kind', 'lmdb', '--store.path', folder, '--auth.mode', 'on', '--quota.accounts', '10']
    engine = await EngineProcess.start([...flags, '--quota.roles', '15'], { ROLLCALL_ROOT_PASSWORD: PASSWORD })
    running.push(engine)
    token = (await send('POST', '/v4/token', { name: NAME, password: PASSWORD })).body.token ?? ''
  })

  async function send(
    method: string,
    path: string,
    body?: object,
  ): Promise<Answered & { body: { token?: string; total?: number } }> {
    const headers: Record<string, string> = token === '' ? {} : { Authorization: `Bearer ${token}` }
    const content = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(new URL(path, engine.url), { method, headers, ...content })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
  }

  test.each([
    { what: 'account', max: 10, more: { password: 'Some@Passw0rd1', roles: ['developer'] }, code: '400203' },
    { what: 'role', max: 15, more: { perms: [] }, code: '400204' },
  ])('$what: not one more than $max', { timeout: TIMEOUT_MS }, async ({ what, max, more, code }) => {
    const path = `/v4/${what}s`
    const before = (await send('GET', path)).body.total ?? 0
    const counts = await together((index) => send('POST', path, { name: `n${index}`, ...more }))
    expect(counts).toEqual({ '': max - before, [code]: WRITERS - max + before })
    expect((await send('GET', path)).body.total).toBe(max)
    const { body } = await send('POST', path, { name: 'late', ...more })
    expect(body.detail).toBe(
      `Not enough quota(no quota to create ${what.toUpperCase()}, max num is ${max}, curNum is ${max}, apply num is 1)`,
    )
    expect(engine.output).toContain('quota nearly used up')
  })
})

test('more than a hundred tags can be allowed, and fewer', { timeout: TIMEOUT_MS }, async () => {
  await start()
  const { serviceId = '' } = (await create('s')).body
  const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, 'v']))
  const set = (count: number) => ask('POST', `/registry/microservices/${serviceId}/tags`, { tags: tags(count) })
  expect((await set(101)).body.errorCode).toBe('400001')
  await setLimits({ tag: 150 })
  expect((await set(150)).status).toBe(200)
  expect((await set(151)).body.errorCode).toBe('400001')
  expect(await stateOf('tag')).toEqual({ resource: 'tag', limit: 150, used: 150, warning: true })
  await setLimits({ tag: 2 })
  const refused = await ask('POST', '/registry/microservices', { service: { serviceName: 'many' }, tags: tags(3) })
  expect(refused.body.detail).toContain('does not match rule: {Max: 2')
})

test('limits and counts survive a crash in the middle of writing', { timeout: TIMEOUT_MS }, async () => {
  const limit = 40
  await start()
  await setLimits({ service: limit })
  for (let round = 0; round < 4; round++) {
    let acknowledged = 0
    const writers = Array.from({ length: WRITERS }, async (_, index) => {
      const answer = await create(`s${round}-${index}`).catch(() => undefined)
      if (answer?.status === 200 && ++acknowledged === 3 * round) await engine.crash()
    })
    await Promise.all(writers)
    await engine.crash()
    await start()
    const { services = [] } = (await ask('GET', '/registry/microservices')).body
    expect(services.length).toBeLessThanOrEqual(limit)
    expect(await stateOf('service')).toMatchObject({ limit, used: services.length })
  }
  await together((index) => create(`last-${index}`))
  expect((await ask('GET', '/registry/microservices')).body.services).toHaveLength(limit)
})

describe('a quota service', () => {
  let answer: (response: ServerResponse) => void
  let asked: number
  const server = createServer((_, response) => {
    asked++
    answer(response)
  })
  const allow = (limit: number) => (response: ServerResponse) =>
    void response.end(JSON.stringify({ quotas: [{ resource: 'service', limit }] }))
  const MISSING = { status: 500, body: { errorCode: '500101', errorMessage: 'Quota service is unavailable' } }

  beforeEach(async () => {
    asked = 0
    answer = allow(3)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const times = ['--quota.timeoutMs', '60000', '--quota.cacheSeconds', '0']
    await start('--quota.kind', 'http', '--quota.url', url, ...times)
  })

  afterEach(async () => {
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  })

  test('says how many writers get through', { timeout: TIMEOUT_MS }, async () => {
    expect(await together((index) => create(`s${index}`))).toEqual({ '': 3, 400100: WRITERS - 3 })
    answer = allow(5)
    expect(await together((index) => create(`t${index}`))).toEqual({ '': 2, 400100: WRITERS - 2 })
    expect(await stateOf('service')).toEqual({ resource: 'service', limit: 5, used: 5, warning: true })
    expect((await setLimits({ service: 9 })).body.errorCode).toBe('403001')
  })

  test('that dies lets nothing new in, and leaves the rest alone', { timeout: TIMEOUT_MS }, async () => {
    const { serviceId = '' } = (await create('s')).body
    await register(serviceId, { instanceId: 'i' })
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    expect(await create('t')).toMatchObject(MISSING)
    expect(await register(serviceId)).toMatchObject(MISSING)
    expect(await putSchema(serviceId, 'c')).toMatchObject(MISSING)
    expect(await ask('POST', `/registry/microservices/${serviceId}/tags`, { tags: { a: 'b' } })).toMatchObject(MISSING)
    expect(await ask('GET', '/admin/quotas')).toMatchObject(MISSING)
    expect((await create('s')).body).toEqual({ serviceId })
    expect((await register(serviceId, { instanceId: 'i' })).body).toEqual({ instanceId: 'i' })
    expect((await ask('GET', '/registry/microservices')).body.services).toHaveLength(1)
    expect((await ask('GET', `/registry/microservices/${serviceId}/instances`)).body.instances).toHaveLength(1)
    expect((await ask('GET', `/registry/microservices/${serviceId}/schemas`)).body).toEqual({})
  })

  test('that hangs holds up nobody else', { timeout: TIMEOUT_MS }, async () => {
    const { serviceId = '' } = (await create('s')).body
    await register(serviceId, { instanceId: 'i' })
    const waiting: ServerResponse[] = []
    answer = (response) => void waiting.push(response)
    asked = 0
    const held = Array.from({ length: WRITERS }, (_, index) => create(`s${index}`))
    const heartbeat = await ask('PUT', `/registry/microservices/${serviceId}/instances/i/heartbeat`)
    const found = await ask('GET', '/registry/instances?appId=default&serviceName=s')
    expect([heartbeat.status, found.status, found.body.instances?.length]).toEqual([200, 200, 1])
    await expect.poll(() => asked, { timeout: TIMEOUT_MS }).toBe(1)
    answer = allow(3)
    for (const response of waiting) allow(3)(response)
    const answers = await Promise.all(held)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2)
  })
})
