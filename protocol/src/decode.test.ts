import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError, decodeObject } from './decode.ts'
import { INSTANCE, MICROSERVICE } from './documents.ts'
import { encodeObject } from './encode.ts'
import { BEAT_BATCH, CREATE_SERVICE, REMOVE_SERVICES } from './requests.ts'

describe('leniency of Service Center', () => {
  test.each([
    ['names in any case', { SERVICENAME: 'a', Appid: 'b' }, { serviceName: 'a', appId: 'b' }],
    ['unknown members are ignored', { serviceName: 'a', colour: 'red', rules: [{}] }, { serviceName: 'a' }],
    ['null stands for absent', { serviceName: null, properties: null, schemas: null, framework: null }, {}],
    ['null in a map is an empty text', { properties: { a: null } }, { properties: { a: '' } }],
    ['null in a list of texts is an empty text', { schemas: ['a', null] }, { schemas: ['a', ''] }],
    ['nested names in any case', { framework: { NAME: 'sc' } }, { framework: { name: 'sc' } }],
  ])('%s', (_, given, expected) => {
    expect(decodeObject(MICROSERVICE, given)).toEqual(expected)
  })

  test.each([[null], [undefined]])('%s as a whole body is an empty document', (body) => {
    expect(decodeObject(MICROSERVICE, body)).toEqual({})
  })

  test('an exact name wins over another spelling, whichever comes last', () => {
    expect(decodeObject(MICROSERVICE, { serviceName: 'first', SERVICENAME: 'last' })).toEqual({ serviceName: 'last' })
    expect(decodeObject(MICROSERVICE, { LBStrategy: { a: 'b' } })).toEqual({ LBStrategy: { a: 'b' } })
  })

  test('null among objects stays, so that the rules can refuse it', () => {
    expect(decodeObject(BEAT_BATCH, { instances: [null, {}] })).toEqual({ instances: [null, {}] })
  })
})

test('half of a surrogate pair, which UTF-8 cannot hold, becomes U+FFFD; whole ones stay', () => {
  const given = JSON.parse(
    String.raw`{"serviceId":"x\ud800","schemas":["\udc00"],"properties":{"\ud800k":"\ud83d\ude00\ud83d"}}`,
  )
  const read = { serviceId: 'x\ufffd', schemas: ['\ufffd'], properties: { '\ufffdk': '😀\ufffd' } }
  expect(decodeObject(MICROSERVICE, given)).toEqual(read)
})

test.each([
  ['a list as a body', [], 'body', 'an object, not a list'],
  ['a text as a body', 'x', 'body', 'an object, not a string'],
  ['a number as a text', { serviceName: 1 }, 'serviceName', 'a string, not the number 1'],
  ['an object as a text', { serviceName: {} }, 'serviceName', 'a string, not an object'],
  ['a number in a map', { properties: { a: 1 } }, 'properties.a', 'a string, not the number 1'],
  ['a list as a map', { properties: ['a'] }, 'properties', 'an object, not a list'],
  ['a text as a list', { schemas: 'a' }, 'schemas', 'a list, not a string'],
  ['a number in a list', { schemas: ['a', 2] }, 'schemas[1]', 'a string, not the number 2'],
  ['a text as an object', { framework: 'x' }, 'framework', 'an object, not a string'],
  ['a wrong member deep inside', { paths: [{ property: { a: true } }] }, 'paths[0].property.a', 'a string, not true'],
])('%s is refused with its place', (_, body, ...[place, complaint]) => {
  expect(() => decodeObject(MICROSERVICE, body)).toThrow(DecodeError)
  expect(() => decodeObject(MICROSERVICE, body)).toThrow(`member '${place}' must be ${complaint}`)
})

test.each([[1.5], [2_147_483_648], [-2_147_483_649], ['5'], [true], [Number.NaN]])(
  '%s is no whole number of 32 bits',
  (port) => {
    expect(() => decodeObject(INSTANCE, { healthCheck: { port } })).toThrow("member 'healthCheck.port' must be")
  },
)

test.each([['true'], [1], [{}]])('%s is no boolean', (force) => {
  expect(() => decodeObject(REMOVE_SERVICES, { force })).toThrow("member 'force' must be true or false")
})

describe('hostile names', () => {
  test('names of the prototype are data in maps and unknown in documents', () => {
    const body = JSON.parse(
      '{"service":{"serviceName":"a","__proto__":{"x":1},"constructor":"y","properties":{"__proto__":"p","toString":"t"}}}',
    )
    const { service } = decodeObject(CREATE_SERVICE, body) as { service: { properties: Record<string, string> } }
    expect(Object.keys(service)).toEqual(['serviceName', 'properties'])
    expect(Object.entries(service.properties)).toEqual([
      ['__proto__', 'p'],
      ['toString', 't'],
    ])
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  test('whatever JSON comes, the answer is a document or a DecodeError', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        try {
          expect(typeof decodeObject(CREATE_SERVICE, body)).toBe('object')
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
    )
  })
})

test('what was encoded is read back the same', () => {
  const words = fc.string({ minLength: 1, unit: 'binary' }).filter((word) => word.isWellFormed())
  const map = fc.dictionary(words, fc.string({ unit: 'grapheme' }), { minKeys: 1, noNullPrototype: true })
  const instance = fc.record(
    {
      instanceId: words,
      hostName: words,
      endpoints: fc.array(words, { minLength: 1 }),
      properties: map.filter((entries) => !Object.hasOwn(entries, '__proto__')),
      healthCheck: fc.record({ mode: fc.constant('push'), interval: fc.integer({ min: 1, max: 2_147_483_647 }) }),
      version: words,
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(instance, (document) => {
      const text = encodeObject(INSTANCE, document)
      const decoded = decodeObject(INSTANCE, JSON.parse(text))
      expect(encodeObject(INSTANCE, decoded)).toBe(text)
      expect(JSON.parse(JSON.stringify(decoded))).toEqual(JSON.parse(JSON.stringify(document)))
    }),
  )
})
