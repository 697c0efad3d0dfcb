import { expect, test } from 'vitest'
import { requestName } from './request-name.ts'

test.each([
  ['/', 'GET /'],
  ['/carts?user=7', 'GET /carts'],
  ['/carts/42/items', 'GET /carts/*/items'],
  ['/carts/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', 'GET /carts/*'],
  ['/files/da39a3ee5e6b4b0d3255bfef95601890afd80709', 'GET /files/*'],
  [`/${'x'.repeat(41)}`, 'GET /*'],
  ['/a/b/c/d/e/f/g/h/i/j', 'GET /a/b/c/d/e/f/g/h/*'],
  ['/facade', 'GET /facade'],
])('%s is called %s', (url, name) => {
  expect(requestName('GET', url)).toBe(name)
})
