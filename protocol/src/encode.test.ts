import fc from 'fast-check'
import { expect, test } from 'vitest'
import { INSTANCE, MICROSERVICE } from './documents.ts'
import { encodeMap, encodeObject } from './encode.ts'

test('members stand in declared order, whatever order they came in', () => {
  const service = { version: '1', serviceName: 'n', environment: 'testing', appId: 'a', serviceId: 'i' }
  expect(encodeObject(MICROSERVICE, service)).toBe(
    '{"serviceId":"i","appId":"a","serviceName":"n","version":"1","environment":"testing"}',
  )
})

test('empty members are left out at every depth', () => {
  const instance = {
    instanceId: 'i',
    endpoints: [],
    hostName: '',
    properties: {},
    healthCheck: { mode: 'push', port: 0, interval: 30, times: 0, url: '' },
  }
  expect(encodeObject(INSTANCE, instance)).toBe('{"instanceId":"i","healthCheck":{"mode":"push","interval":30}}')
  expect(encodeObject(INSTANCE, {})).toBe('{}')
})

test('members that the shape does not know do not leave the engine', () => {
  expect(encodeObject(MICROSERVICE, { serviceName: 'n', secret: 'x' })).toBe('{"serviceName":"n"}')
})

test('keys of maps are sorted, so that equal documents have equal text', () => {
  expect(encodeMap({ b: '1', a: '2', A: '3' })).toBe('{"A":"3","a":"2","b":"1"}')
  expect(encodeObject(MICROSERVICE, { properties: { z: '1', a: '2' } })).toBe('{"properties":{"a":"2","z":"1"}}')
})

test('maps within documents are written as maps are, whatever their keys', () => {
  const key = fc.oneof(fc.string(), fc.nat().map(String), fc.constantFrom('__proto__', '007', 'constructor', ''))
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.string()), { minLength: 1 }), (entries) => {
      const properties = Object.fromEntries(entries)
      expect(encodeObject(MICROSERVICE, { properties })).toBe(`{"properties":${encodeMap(properties)}}`)
    }),
  )
})

test('texts are escaped in keys and values', () => {
  expect(JSON.parse(encodeMap({ 'a"\n': '\\ü\u2028' }))).toEqual({ 'a"\n': '\\ü\u2028' })
})

test('lists of objects keep their order', () => {
  const paths = [{ path: '/b', property: { y: '1', x: '2' } }, { path: '/a' }]
  expect(encodeObject(MICROSERVICE, { paths })).toBe(
    '{"paths":[{"path":"/b","property":{"x":"2","y":"1"}},{"path":"/a"}]}',
  )
})
