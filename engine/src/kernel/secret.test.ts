import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from './secret.ts'

test('a secret never shows in texts, JSON and debuggers', () => {
  const secret = new Secret('Hidden-1234')
  const shown = [String(secret), `${secret}`, JSON.stringify({ secret }), inspect({ secret }), Object.keys(secret)]
  expect(shown.join()).not.toContain('Hidden')
  expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}')
  expect({ ...secret }).toEqual({})
  expect(secret.reveal()).toBe('Hidden-1234')
})
