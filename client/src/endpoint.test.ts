import { expect, test } from 'vitest'
import { httpUrl, parseEndpoint } from './endpoint.ts'

test.each([
  ['rest://10.0.0.1:8080', { protocol: 'rest', host: '10.0.0.1:8080', parameters: {} }],
  ['rest://[::1]:80/?sslEnabled=true', { protocol: 'rest', host: '[::1]:80', parameters: { sslEnabled: 'true' } }],
  ['highway://host', { protocol: 'highway', host: 'host', parameters: {} }],
  ['10.0.0.1:8080', undefined],
  ['', undefined],
])('%s', (text, endpoint) => {
  expect(parseEndpoint(text)).toEqual(endpoint)
})

test.each([
  [['highway://a:1', 'rest://b:2'], 'http://b:2'],
  [['rest://b:2?sslEnabled=true'], 'https://b:2'],
  [['https://c'], 'https://c'],
  [['highway://a:1'], undefined],
  [undefined, undefined],
])('the HTTP address in %j', (endpoints, url) => {
  expect(httpUrl(endpoints === undefined ? {} : { endpoints })).toBe(url)
})
