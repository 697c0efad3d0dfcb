import { beforeEach, describe, expect, test } from 'vitest'
import { useEngine } from '../../test-engine.ts'

const { call } = useEngine({ base: '/v4/default/registry/microservices' })

beforeEach(async () => {
  for (const version of ['1', '2']) {
    await call('POST', '', { service: { serviceName: 's', serviceId: version, version } })
  }
})

/** Stores two versions of a contract and asks what the second changes. */
async function diff(before: string, after: string) {
  await call('PUT', '/1/schemas/a', { schema: before })
  await call('PUT', '/2/schemas/a', { schema: after })
  return call('GET', '/2/schemas/a/diff?with=1')
}

const swagger = (operation: string, definition = '') => `
swagger: "2.0"
paths:
  /carts/{id}:
    get:
      operationId: getCart
      parameters:
        - { name: id, in: path, type: string, required: true }
        ${operation}
      responses:
        200: { description: ok, schema: { $ref: "#/definitions/Cart" } }
    post:
      operationId: setCart
      parameters:
        - { name: cart, in: body, schema: { $ref: "#/definitions/Cart" } }
      responses: { 200: { description: ok } }
definitions:
  Cart:
    type: object
    properties:
      name: { type: string }
      ${definition}
`

describe('what callers notice', () => {
  const QUERY = '- { name: q, in: query, type: string'
  const G = '/paths/~1carts~1{id}/get/parameters/query.q'
  const C = '/definitions/Cart'
  test.each([
    ['a new required parameter', swagger(''), swagger(`${QUERY}, required: true }`), ['added', G, 'breaking']],
    ['a new parameter that may be left out', swagger(''), swagger(`${QUERY} }`), ['added', G, 'compatible']],
    ['a parameter that is gone', swagger(`${QUERY} }`), swagger(''), ['removed', G, 'breaking']],
    [
      'another type',
      swagger(`${QUERY} }`),
      swagger('- { name: q, in: query, type: integer }'),
      ['changed', `${G}/type`, 'breaking'],
    ],
    [
      'a narrower enum',
      swagger(`${QUERY}, enum: [a, b] }`),
      swagger(`${QUERY}, enum: [a] }`),
      ['removed', `${G}/enum/b`, 'breaking'],
    ],
    [
      'a wider enum',
      swagger(`${QUERY}, enum: [a] }`),
      swagger(`${QUERY}, enum: [a, b] }`),
      ['added', `${G}/enum/b`, 'compatible'],
    ],
    [
      'a description',
      swagger(`${QUERY}, description: x }`),
      swagger(`${QUERY}, description: y }`),
      ['changed', `${G}/description`, 'neutral'],
    ],
    [
      'a shorter text',
      swagger(`${QUERY}, maxLength: 9 }`),
      swagger(`${QUERY}, maxLength: 5 }`),
      ['changed', `${G}/maxLength`, 'breaking'],
    ],
    [
      'a property that is gone',
      swagger('', 'x: { type: string }'),
      swagger(''),
      ['removed', `${C}/properties/x`, 'breaking'],
    ],
    ['a new property', swagger(''), swagger('', 'x: { type: string }'), ['added', `${C}/properties/x`, 'compatible']],
    [
      'a new property that must be given',
      swagger(''),
      swagger('', 'x: { type: string }').replace('  Cart:\n', '  Cart:\n    required: [x]\n'),
      ['added', `${C}/properties/x`, 'breaking'],
    ],
    [
      'another name for the operation',
      swagger(''),
      swagger('').replace('getCart', 'readCart'),
      ['changed', '/paths/~1carts~1{id}/get/operationId', 'breaking'],
    ],
    [
      'an answer that is gone',
      swagger('').replace('200: { description: ok, s', '404: { description: gone }\n        200: { description: ok, s'),
      swagger(''),
      ['removed', '/paths/~1carts~1{id}/get/responses/404', 'breaking'],
    ],
    [
      'an operation that is gone',
      swagger('').replace('\ndefinitions', '\n  /x:\n    get: { responses: {} }\ndefinitions'),
      swagger(''),
      ['removed', '/paths/~1x/get', 'breaking'],
    ],
  ] as const)('%s', async (...[, before, after, [kind, path, effect]]) => {
    const { status, json } = await diff(before, after)
    expect(status, JSON.stringify(json)).toBe(200)
    expect(json.changes.map((one: Record<string, unknown>) => [one.kind, one.path, one.effect])).toEqual([
      [kind, path, effect],
    ])
    expect(json).toMatchObject({ identical: false, comparedAs: 'interface', isCut: false, [effect]: 1 })
    expect(json.changes[0].breaking).toBe(effect === 'breaking')
    expect(json.changes[0].sentence).toMatch(/^[A-Z].*\.$/)
  })

  test('the name of a path parameter is nobody’s business, and neither is YAML or JSON', async () => {
    const json =
      '{"openapi":"3.0.0","paths":{"/a/{x}":{"get":{"parameters":[{"name":"x","in":"path","required":true,"schema":{"type":"string"}}],"responses":{}}}}}'
    const yaml = `openapi: 3.0.0
paths: { "/a/{y}": { get: { parameters: [{ name: y, in: path, required: true, schema: { type: string } }], responses: {} } } }`
    expect((await diff(json, yaml)).json).toMatchObject({ identical: false, breaking: 0, changes: [] })
  })

  test('a schema that contains itself is compared once', async () => {
    const tree = (type: string) =>
      `${swagger('', 'child: { $ref: "#/definitions/Cart" }')}      size: { type: ${type} }\n`
    const { json } = await diff(tree('string'), tree('integer'))
    expect(json.changes).toHaveLength(1)
  })
})

test('the same content is identical', async () => {
  expect((await diff('x', 'x')).json).toMatchObject({ identical: true, breaking: 0, compatible: 0, changes: [] })
})

test('what is no document is compared by lines', async () => {
  const { json } = await diff('a\nb\nc\nd', 'a\nc\nx\nd')
  expect(json).toMatchObject({ comparedAs: 'text', breaking: 0, neutral: 2 })
  expect(json.changes.map(({ kind, path }: Record<string, string>) => `${kind} ${path}`)).toEqual([
    'removed /lines/2',
    'added /lines/3',
  ])
})

describe('refused by name', () => {
  const bomb = `swagger: "2.0"\na: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
    .split('')
    .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(',')}]`)
    .join('\n')}`
  test.each([
    ['bad YAML', 'swagger: "2.0"\npaths: [', 'is not sound YAML or JSON'],
    ['bad JSON', '{"swagger": "2.0", "paths": {', 'is not sound YAML or JSON'],
    ['a YAML bomb', bomb, 'is not sound YAML or JSON: Excessive alias count'],
    [
      'a deep document',
      `{"swagger":"2.0","x":${'['.repeat(5000)}${']'.repeat(5000)}}`,
      'is nested deeper than 100 levels',
    ],
    ['a deep document of YAML', `swagger: "2.0"\nx: ${'['.repeat(50_000)}`, ''],
    ['a document of many parts', `{"swagger":"2.0","x":[${'1,'.repeat(300_000)}1]}`, 'has more than 200000 parts'],
  ])('%s', async (_, text, words) => {
    const { status, json } = await diff(text, 'swagger: "2.0"')
    expect([status, json.errorCode]).toEqual([400, '400001'])
    expect(json.detail).toContain(words === '' ? 'schema' : `schema a of service 1 ${words}`)
  })

  test.each([
    ['/2/schemas/a/diff', '400001'],
    ['/2/schemas/a/diff?with=a%20b', '400001'],
    ['/2/schemas/a/diff?with=nobody', '400012'],
    ['/2/schemas/a/diff?with=1&withSchema=nothing', '400016'],
    ['/2/schemas/nothing/diff?with=1', '400016'],
    ['/nobody/schemas/a/diff?with=1', '400012'],
  ])('%s is %s', async (path, errorCode) => {
    await diff('x', 'y')
    const { status, json } = await call('GET', path)
    expect([status, json.errorCode]).toEqual([400, errorCode])
  })
})

test('another schema id of the other service can be named', async () => {
  await call('PUT', '/1/schemas/old', { schema: 'x' })
  await call('PUT', '/2/schemas/a', { schema: 'x' })
  expect((await call('GET', '/2/schemas/a/diff?with=1&withSchema=old')).json.identical).toBe(true)
})
