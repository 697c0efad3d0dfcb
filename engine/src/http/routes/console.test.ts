import { expect, test } from 'vitest'
import { useEngine } from '../../test-engine.ts'

const engine = useEngine()

test('the page of the console runs nothing but its own scripts, and cannot be framed', async () => {
  const { status, headers } = await engine.send('GET', '/console/')
  expect(status).toBe(200)
  const policy = headers.get('content-security-policy')
  expect(policy).toContain("default-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/script-src|unsafe-eval/)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})
