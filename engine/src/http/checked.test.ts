import { expect, test } from 'vitest'
import type { Call } from './call.ts'
import { isSet, knownRevision, queryTags } from './checked.ts'
import { parseTarget } from './target.ts'

const call = (search: string) => ({ query: parseTarget(`/${search}`).query }) as Call

test.each([
  ['', []],
  ['?tags=', []],
  ['?tags=a', ['a']],
  ['?tags=a,b', ['a', 'b']],
  ['?tags=a,', ['a', '']],
])('tags of "%s": %j', (search, tags) => {
  expect(queryTags(call(search))).toEqual(tags)
})

test.each([
  ['', ''],
  ['?rev=x', 'x'],
  ['?rev=x&noCache=0', 'x'],
  ['?rev=x&noCache=1', ''],
  ['?rev=x&cacheOnly=true', ''],
])('known revision of "%s": "%s"', (search, revision) => {
  expect(knownRevision(call(search))).toBe(revision)
})

test.each([
  ['1', true],
  ['true', true],
  ['TRUE', true],
  ['', false],
  ['0', false],
  ['yes', false],
])('the switch "%s" is %s', (value, on) => {
  expect(isSet(value)).toBe(on)
})
