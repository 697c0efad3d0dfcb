import { INSTANCE } from '@rollcall/protocol/documents'
import { encodeObject } from '@rollcall/protocol/encode'
import { expect, test } from 'vitest'
import { drainingUntilOf } from './instance-events.ts'

const DRAINED = { hostName: 'h', version: '1.'.repeat(30), modTimestamp: '1767225600' }

test.each([
  ['an instance that is being drained', { ...DRAINED, drainingUntil: '1767225630' }, 1767225630],
  ['one that is not', DRAINED, undefined],
  ['one that has a property of the name', { hostName: 'h', properties: { drainingUntil: '1' } }, undefined],
  ['one that says so in its name', { hostName: '"drainingUntil":"1"' }, undefined],
  ['the shortest', {}, undefined],
])('%s', (_, instance, expected) => {
  expect(drainingUntilOf(encodeObject(INSTANCE, instance))).toBe(expected)
})
