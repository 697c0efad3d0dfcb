import { expect, test } from 'vitest'
import { readThresholds } from './thresholds.ts'

const NAME = { appId: 'shop', serviceName: 'cart' }

test('one alone or a list; what is absent is not watched', () => {
  const read = { ...NAME, environment: '', avgDelay: 100 }
  expect(readThresholds({ ...NAME, environment: null, avgDelay: 100, throughput: null, x: 1 })).toEqual([read])
  expect(readThresholds([{ ...NAME, avgDelay: 100 }, NAME])).toEqual([read, { ...NAME, environment: '' }])
})

test.each([
  [[], 'body: empty'],
  [7, 'body: not an object'],
  [[NAME, null], '[1]: not an object'],
  [{ serviceName: 'cart' }, 'appId: missing'],
  [[{ appId: 'shop' }], '[0].serviceName: missing'],
  [{ ...NAME, environment: 7 }, 'environment: not a text'],
  [{ ...NAME, failureRate: 101 }, 'failureRate: not a number from 0 to 100'],
  [{ ...NAME, avgDelay: '5' }, 'avgDelay: not a number from 0 to 9007199254740991'],
  [{ ...NAME, appId: 'a'.repeat(513) }, 'appId: longer than 512 characters'],
  [Array.from({ length: 1001 }, () => NAME), 'body: more than 1000 thresholds'],
])('%j is refused: %s', (value, message) => {
  expect(() => readThresholds(value)).toThrow(message)
})

test('half of a surrogate pair becomes U+FFFD', () => {
  const broken = { appId: 'a\ud800', environment: '\udc00', serviceName: '\ud800b' }
  expect(readThresholds(broken)).toEqual([{ appId: 'a\ufffd', environment: '\ufffd', serviceName: '\ufffdb' }])
})
