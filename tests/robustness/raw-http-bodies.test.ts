import { beforeEach, describe, expect, test } from 'vitest'
import { useRawEngine } from './raw-engine.ts'
import { assertDocumented, get, post, refusalOf } from './raw-http-probe.ts'
import { BODY_ROUTES, type BodyRoute } from './raw-http-routes.ts'

const SERVICES = '/v4/default/registry/microservices'

const engine = useRawEngine()
const { answerTo } = engine
let domain: string
let count = 0

beforeEach(() => {
  domain = `body-${count++}`
})

async function read<T>(path: string): Promise<T> {
  const answer = await answerTo(get(path, domain))
  expect(answer.status, answer.body.toString()).toBe(200)
  return JSON.parse(answer.body.toString()) as T
}

/** The engine serves as before, and there is nothing in the tenant. */
async function expectUnharmed(): Promise<void> {
  expect(engine.isRunning, engine.output).toBe(true)
  expect(await read(SERVICES)).toEqual({})
}

describe.each(BODY_ROUTES)('$method $path', (route) => {
  test.each([
    ['nothing', ''],
    ['a word', 'hello'],
    ['half a document', '{"service":{'],
    ['something behind the document', '{} x'],
    ['two documents', '{}{}'],
    ['a comment', '{/* */}'],
    ['a single quote', "{'a':1}"],
    ['a comma too much', '{"a":1,}'],
    ['a number that is none', '{"a":NaN}'],
    ['a byte order mark', '\ufeff{}'],
    ['a control character in a text', '{"a":"\u0001"}'],
    ['a list', '[]'],
    ['a number', '7'],
    ['a text', '"a"'],
    ['true', 'true'],
  ])('%s instead of a JSON object', async (_, text) => {
    const refusal = refusalOf(await answerTo(post({ ...route, domain }, text)))
    expect(refusal.errorCode).toBe('400001')
    expect(refusal.detail).not.toBe('')
    await expectUnharmed()
  })

  test('no body, and no word of one', async () => {
    const head = `${route.method} ${route.path} HTTP/1.1\r\nHost: rollcall\r\nX-Domain-Name: ${domain}\r\n\r\n`
    expect(refusalOf(await answerTo(Buffer.from(head))).errorCode).toBe('400001')
    await expectUnharmed()
  })

  test.each([
    ['an overlong form', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['a lone continuation', Buffer.from([0x7b, 0x22, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
    ['half a letter', Buffer.from([0x7b, 0x22, 0xe2, 0x82, 0x22, 0x3a, 0x31, 0x7d])],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    ['zeros', Buffer.alloc(64)],
  ])('bytes that are no UTF-8: %s', async (_, bytes) => {
    expect(refusalOf(await answerTo(post({ ...route, domain }, bytes))).errorCode).toBe('400001')
    await expectUnharmed()
  })

  test.each(wrongTypes(route))('$at as $kind: refused, and the field is named', async ({ at, body }) => {
    const refusal = refusalOf(await answerTo(post({ ...route, domain }, body)))
    expect(refusal.errorCode).toBe('400001')
    expect(refusal.detail.toLowerCase()).toContain(fieldName(at).toLowerCase())
    await expectUnharmed()
  })

  test.each(nulls(route))('null as $at is no accident', async ({ body }) => {
    assertDocumented(await answerTo(post({ ...route, domain }, body)))
    expect(engine.isRunning).toBe(true)
  })

  test('depth without end', async () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
      ['{"service":{"properties":', '}}'],
    ] as const) {
      const depth = 50_000
      for (const text of [open.repeat(depth), `${open.repeat(depth)}1${close.repeat(depth)}`]) {
        assertDocumented(await answerTo(post({ ...route, domain }, text)))
      }
    }
    expect(engine.isRunning).toBe(true)
  })

  test('a hundred thousand members that nobody knows', async () => {
    const members = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`m${index}`, 1]))
    assertDocumented(await answerTo(post({ ...route, domain }, members)))
    expect(engine.isRunning).toBe(true)
  })
})

interface Changed {
  /** Path of the member that is wrong. */
  readonly at: string
  readonly kind: string
  readonly body: unknown
}

const SUBSTITUTES: readonly (readonly [kind: string, value: unknown])[] = [
  ['a number', 7],
  ['a fraction', 1.5],
  ['a number beyond all limits', 1e300],
  ['a text', 'text'],
  ['true', true],
  ['a list', [[]]],
  ['an object', { a: { b: {} } }],
]

/** The route's full body with each member in turn as something else. */
function wrongTypes({ body }: BodyRoute): Changed[] {
  return members(body, '').flatMap(({ at, value, replaced }) =>
    SUBSTITUTES.filter(
      ([, other]) => kindOf(other) !== kindOf(value) || (kindOf(value) === 'number' && other !== 7),
    ).map(([kind, other]) => ({ at, kind, body: replaced(other) })),
  )
}

function nulls({ body }: BodyRoute): Changed[] {
  return members(body, '').map(({ at, replaced }) => ({ at, kind: 'null', body: replaced(null) }))
}

interface Member {
  readonly at: string
  readonly value: unknown
  readonly replaced: (other: unknown) => unknown
}

function members(value: unknown, at: string): Member[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const path = Array.isArray(value) ? `${at}[${name}]` : at === '' ? name : `${at}.${name}`
    const replaced = (other: unknown) =>
      Array.isArray(value) ? value.with(Number(name), other) : { ...value, [name]: other }
    const inner = members(member, path).map((deep) => ({
      ...deep,
      replaced: (other: unknown) => replaced(deep.replaced(other)),
    }))
    return [{ at: path, value: member, replaced }, ...inner]
  })
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value
}

/** The last name in a path, without an index. */
function fieldName(path: string): string {
  return (path.split('.').at(-1) ?? '').replace(/\[\d+\]$/, '')
}

describe('names that mean something to JavaScript', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then', 'length']
  const properties = `{${names.map((name) => `"${name}":"of ${name}"`).join(',')}}`
  const wanted = new Map(names.map((name) => [name, `of ${name}`]))

  test('are stored and shown like any other key', async () => {
    const service = `{"service":{"serviceId":"own","serviceName":"own","properties":${properties},"LBStrategy":${properties}}}`
    expect((await answerTo(post({ path: SERVICES, domain }, service))).status).toBe(200)
    const instance = `{"instance":{"instanceId":"i","hostName":"h","properties":${properties}}}`
    expect((await answerTo(post({ path: `${SERVICES}/own/instances`, domain }, instance))).status).toBe(200)
    type Shown = { readonly properties: Record<string, string>; readonly LBStrategy: Record<string, string> }
    const shown = await read<{ readonly service: Shown }>(`${SERVICES}/own`)
    expect(new Map(Object.entries(shown.service.properties))).toEqual(wanted)
    expect(new Map(Object.entries(shown.service.LBStrategy))).toEqual(wanted)
    const list = await read<{ readonly instances: readonly Shown[] }>(`${SERVICES}/own/instances`)
    expect(new Map(Object.entries(list.instances[0]?.properties ?? {}))).toEqual(wanted)
  })

  test('survive an update of properties', async () => {
    await answerTo(post({ path: SERVICES, domain }, { service: { serviceId: 'own', serviceName: 'own' } }))
    const path = `${SERVICES}/own/properties`
    const updated = await answerTo(post({ method: 'PUT', path, domain }, `{"properties":${properties}}`))
    expect(updated.status).toBe(200)
    const shown = await read<{ readonly service: { readonly properties: object } }>(`${SERVICES}/own`)
    expect(new Map(Object.entries(shown.service.properties))).toEqual(wanted)
  })

  test('give no other document anything', async () => {
    const poison =
      '{"__proto__":{"status":"DOWN","description":"poisoned"},"constructor":{"prototype":{"alias":"poisoned"}}'
    await answerTo(
      post({ path: SERVICES, domain }, `${poison},"service":{"serviceName":"a","__proto__":{"alias":"p"}}}`),
    )
    for (const route of BODY_ROUTES) await answerTo(post({ ...route, domain: 'elsewhere' }, `${poison}}`))
    const created = await answerTo(post({ path: SERVICES, domain }, { service: { serviceId: 'b', serviceName: 'b' } }))
    expect(created.status).toBe(200)
    expect(JSON.stringify(await read(SERVICES))).not.toContain('poisoned')
    const shown = await read<{ readonly service: object }>(`${SERVICES}/b`)
    expect(Object.keys(shown.service).sort()).toEqual(
      ['appId', 'level', 'modTimestamp', 'serviceId', 'serviceName', 'status', 'timestamp', 'version'].sort(),
    )
  })

  test('are ids and names like any other', async () => {
    for (const name of names.filter((word) => !word.startsWith('_'))) {
      const service = { serviceId: name, serviceName: name, alias: name }
      expect((await answerTo(post({ path: SERVICES, domain }, { service }))).status).toBe(200)
      const instance = { instanceId: name, hostName: 'h' }
      expect((await answerTo(post({ path: `${SERVICES}/${name}/instances`, domain }, { instance }))).status).toBe(200)
      const found = await read<{ readonly instances: readonly object[] }>(
        `/v4/default/registry/instances?appId=default&serviceName=${name}`,
      )
      expect(found.instances).toHaveLength(1)
    }
  })
})

describe('very long lists', () => {
  const many = <T>(length: number, element: (index: number) => T) =>
    Array.from({ length }, (_, index) => element(index))
  test.each([
    ['POST', SERVICES, { service: { serviceName: 'a', schemas: many(100_000, (index) => `s${index}`) } }],
    ['POST', SERVICES, { service: { serviceName: 1, paths: many(50_000, () => ({ path: '/' })) } }],
    ['POST', '/v4/default/registry/dependencies', { dependencies: many(20_000, () => ({})) }],
    ['DELETE', SERVICES, { serviceIds: many(100_000, () => '') }],
  ])('%s %s: refused', async (method, path, body) => {
    expect(refusalOf(await answerTo(post({ method, path, domain }, body))).errorCode).toBe('400001')
    await expectUnharmed()
  })

  test.each([
    [
      'PUT',
      '/v4/default/registry/heartbeats',
      { instances: many(30_000, (i) => ({ serviceId: 's', instanceId: `${i}` })) },
    ],
    [
      'POST',
      '/v4/default/registry/instances/action?type=query',
      {
        services: many(20_000, (i) => ({ service: { appId: 'a', serviceName: `n${i}` } })),
      },
    ],
    ['DELETE', SERVICES, { serviceIds: many(30_000, (i) => `s${i}`) }],
  ])('%s %s: answered, and others are answered meanwhile', async (method, path, body) => {
    const [long, short] = await Promise.all([
      answerTo(post({ method, path, domain }, body)),
      answerTo(get('/v4/default/registry/version', domain)),
    ])
    assertDocumented(long)
    expect(short.status).toBe(200)
    await expectUnharmed()
  })
})
