import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../engine/src/kernel/clock.ts'
import { LmdbStore } from '../../../engine/src/storage/lmdb/lmdb-store.ts'
import { mountSmallDisk } from '../../robustness/small-disk.ts'
import { EngineProcess } from './engine-process.ts'

/**
 * Every error of the published list that the registry can answer, raised on a running engine by a documented request;
 * status and whole body are compared.
 */

interface Request {
  readonly method: string
  /** Below `/v4/default`. */
  readonly path: string
  readonly body?: object
}

interface Row {
  readonly code: string
  /** The fixed text of the list. */
  readonly text: string
  readonly detail: string
  /** What must have happened before; each of them succeeds. */
  readonly given?: readonly Request[]
  readonly request: Request
}

const create = (serviceName: string, more: object = {}): Request => ({
  method: 'POST',
  path: '/registry/microservices',
  body: { service: { serviceId: serviceName, serviceName, ...more } },
})
const register = (serviceId: string): Request => ({
  method: 'POST',
  path: `/registry/microservices/${serviceId}/instances`,
  body: { instance: { instanceId: `of-${serviceId}`, hostName: 'h' } },
})
const putSchema = (serviceId: string, schemaId: string, schema: string): Request => ({
  method: 'PUT',
  path: `/registry/microservices/${serviceId}/schemas/${schemaId}`,
  body: { schema },
})
const at = (method: string, path: string): Request => ({ method, path: `/registry/microservices/${path}` })

const ROWS: readonly Row[] = [
  {
    code: '400001',
    text: 'Invalid parameter(s)',
    request: create('a b'),
    detail: "field 'MicroService.ServiceId' invalid value 'a b' does not match rule: {Max: 64, Regexp: ^\\S*$}",
  },
  {
    code: '400010',
    text: 'Micro-service already exists',
    given: [create('twice')],
    request: create('twice', { serviceId: 'other' }),
    detail: 'ServiceID conflict or found the same service with different id.',
  },
  {
    code: '400012',
    text: 'Micro-service does not exist',
    request: at('GET', 'nobody'),
    detail: 'Service does not exist.',
  },
  {
    code: '400013',
    text: 'Instance has been deployed',
    given: [create('running'), register('running')],
    request: at('DELETE', 'running'),
    detail: 'Can not delete the service deployed instance(s).',
  },
  {
    code: '400014',
    text: 'Undefined schema id',
    given: [create('strict', { environment: 'production', schemas: ['listed'] })],
    request: putSchema('strict', 'unlisted', 'x'),
    detail: 'schema unlisted is not listed in the service, whose environment is production',
  },
  {
    code: '400015',
    text: 'Modify schema is not allow',
    given: [create('fixed', { environment: 'production' }), putSchema('fixed', 's', 'one')],
    request: putSchema('fixed', 's', 'two'),
    detail: 'schema s exists with other content, and the environment is production',
  },
  {
    code: '400016',
    text: 'Schema does not exist',
    given: [create('bare')],
    request: at('GET', 'bare/schemas/s'),
    detail: 'schema ref not found.',
  },
  {
    code: '400017',
    text: 'Instance does not exist',
    given: [create('empty')],
    request: at('PUT', 'empty/instances/nobody/heartbeat'),
    detail: 'leaseId not exist, instance not exist',
  },
  {
    code: '400023',
    text: 'Consumer(s) depend on this micro-service',
    given: [
      create('provider'),
      create('consumer'),
      {
        method: 'POST',
        path: '/registry/dependencies',
        body: {
          dependencies: [
            {
              consumer: { appId: 'default', serviceName: 'consumer', version: '0.0.1' },
              providers: [{ appId: 'default', serviceName: 'provider', version: '0.0.1' }],
            },
          ],
        },
      },
    ],
    request: at('DELETE', 'provider'),
    detail: 'Can not delete this service, other service rely it.',
  },
  {
    code: '400100',
    text: 'Not enough quota',
    given: [
      create('full'),
      { method: 'PUT', path: '/admin/quotas', body: { quotas: [{ resource: 'schema', limit: 1 }] } },
      putSchema('full', 'one', 'x'),
    ],
    request: putSchema('full', 'two', 'x'),
    detail: 'no quota to create SCHEMA, max num is 1, curNum is 1, apply num is 1',
  },
]

let folder: string
const running: EngineProcess[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-errors-'))
})

afterAll(async () => {
  for (const engine of running) await engine.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function start(...flags: string[]): Promise<EngineProcess> {
  const engine = await EngineProcess.start(flags)
  running.push(engine)
  return engine
}

async function ask(engine: EngineProcess, { method, path, body }: Request): Promise<Response> {
  const headers = { 'X-Domain-Name': 'errors', 'Content-Type': 'application/json' }
  return await fetch(new URL(`/v4/default${path}`, engine.url), {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function expectError(engine: EngineProcess, { code, text, detail, given = [], request }: Row): Promise<void> {
  for (const earlier of given) {
    const answer = await ask(engine, earlier)
    expect([answer.status, await answer.text()], `${earlier.method} ${earlier.path}`).toEqual([200, expect.anything()])
  }
  const answer = await ask(engine, request)
  expect(answer.status).toBe(Number(code.slice(0, 3)))
  expect(answer.headers.get('content-type')).toBe('application/json; charset=UTF-8')
  const body = { errorCode: code, errorMessage: text, errCode: code, errMsg: text, detail }
  expect(await answer.json()).toEqual(body)
}

describe('what clients do wrong', () => {
  let engine: EngineProcess

  beforeAll(async () => {
    engine = await start('--store.kind', 'memory')
  })

  test.each(ROWS)('$code $text', async (row) => {
    await expectError(engine, row)
  })
})

test('500003 when a stored record cannot be read', async () => {
  const path = join(folder, 'damaged')
  const store = new LmdbStore({ path, clock: systemClock })
  await store.open()
  await store.commit(
    [],
    [
      { key: '/cse-sr/ms/files/errors/default/s', value: '{"serviceId":"s","appId":"default","serviceName":"s"}' },
      { key: '/cse-sr/inst/files/errors/default/s/i', value: '{"instanceId":"i","hostN' },
    ],
  )
  await store.close()
  const engine = await start('--store.kind', 'lmdb', '--store.path', path)
  await expectError(engine, {
    code: '500003',
    text: 'Internal server error',
    request: at('PUT', 's/instances/i/status?value=DOWN'),
    detail: 'see the log of the engine',
  })
  expect(engine.output).toContain('Unterminated string in JSON')
})

test('500011 when the disk is full, and nothing is stored', async (context) => {
  await using disk = await mountSmallDisk(context, '8m')
  const engine = await start('--store.kind', 'lmdb', '--store.path', join(disk.path, 'data'))
  try {
    const detail = 'the disk refused the write; check free space and the health of the disk (no space left on device)'
    expect((await ask(engine, create('s'))).status).toBe(200)
    disk.fill()
    const request = putSchema('s', 'large', 'x'.repeat(200_000))
    await expectError(engine, { code: '500011', text: 'Backend service is unavailable', detail, request })
    expect(await (await ask(engine, at('GET', 's/schemas'))).json()).toEqual({})
    disk.clear()
    await expect.poll(async () => (await ask(engine, request)).status).toBe(200)
  } finally {
    await engine.stop()
  }
})

test('500101 when the quota service cannot be reached, and nothing is stored', async () => {
  const nobody = 'http://127.0.0.1:9'
  const engine = await start('--store.kind', 'memory', '--quota.kind', 'http', '--quota.url', nobody)
  await expectError(engine, {
    code: '500101',
    text: 'Quota service is unavailable',
    request: create('s'),
    detail: 'the quota service did not say what is allowed: it cannot be reached: connect ECONNREFUSED 127.0.0.1:9',
  })
  expect(await (await ask(engine, { method: 'GET', path: '/registry/microservices' })).json()).toEqual({})
})

test('401002 without a token', async () => {
  await expectError(await start('--store.kind', 'memory', '--auth.mode', 'on'), {
    code: '401002',
    text: 'Request unauthorized',
    request: { method: 'GET', path: '/registry/microservices' },
    detail: '401204: No authorization header',
  })
})
