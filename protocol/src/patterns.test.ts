import { expect, test } from 'vitest'
import { PATTERNS } from './patterns.ts'

type Name = keyof typeof PATTERNS

/** For each pattern: texts that it takes and texts that it refuses. */
const rows: readonly (readonly [Name, readonly string[], readonly string[]])[] = [
  ['name', ['', 'a', 'a-b_c.d', '0a', 'UPPER'], ['-a', 'a-', '.', 'a b', 'a:b', 'ä', 'a\n', '@']],
  ['findName', ['', 'a', 'app:name', 'a.b-c:d'], [':a', 'a:', 'a b', 'a/b']],
  [
    'version',
    ['0', '1.0', '1.2.3', '1.2.3.4', '32767.32767.32767.32767'],
    ['', '1.', '.1', '1.2.3.4.5', '32768', 'v1'],
  ],
  [
    'versionRule',
    ['', 'latest', '1', '1.0', '1.0.0', '1.0.0+', '0+', '1.0-2.0', '1-2.0.0', '32767'],
    ['1.0.0.0', '1.0.0.0+', '32768', '1-32768', '1.0+-2.0', '1.0-', 'Latest', 'latest+', '+'],
  ],
  [
    'findVersionRule',
    ['', 'latest', '1', '1.0+', '0.0.0.0+', '1.0.0.0', '1.0-2.0', '1.2.3.4-5', '32767'],
    ['1.0.0.0.0', '32768+', '1-32768', '1.0+-2.0', '1.0-', '-1', 'Latest', 'latest+', '+', '1.0+2.0', 'v1'],
  ],
  ['path', ['', '/rest/a', '/a?b=c&d', "/it's,{x}~%20#@"], ['/a b', '/ä', '/<a>', '/a*']],
  ['level', ['FRONT', 'MIDDLE', 'BACK'], ['', 'front', 'BACKBACK']],
  ['serviceStatus', ['', 'UP', 'DOWN'], ['up', 'UPDOWN', 'STARTING']],
  ['serviceId', ['', 'any/thing:at.all', 'ü'], ['a b', 'a\tb', '\n']],
  ['serviceIdOfBatch', ['a', 'a'.repeat(64)], ['', 'a b', 'a'.repeat(65)]],
  ['alias', ['', 'a:b', '-_.:'], ['a b', 'a/b', '@']],
  ['registerBy', ['', 'SDK', 'SIDECAR', 'PLATFORM', 'SDKSDK'], ['sdk', 'SDK ', 'ME']],
  [
    'environment',
    ['', 'development', 'testing', 'acceptance', 'production', 'testingtesting'],
    ['dev', 'Production', 'production '],
  ],
  ['environmentId', ['', 'blue', 'team-a:blue.2', 'ü'], ['a b', 'a/b', '\n']],
  ['schemaId', ['a', 'a'.repeat(160), 'a.b-c_d'], ['', '-a', 'a-', 'a'.repeat(161), 'a/b']],
  ['schemaRef', ['a', 'a.b', 'a'.repeat(500)], ['', '.a', 'a b']],
  ['summary', ['', 'abc019'], ['a-b', 'a b']],
  ['tag', ['a', 'a-b_c.9', `a${'b'.repeat(63)}`], ['', '9a', '-a', `a${'b'.repeat(64)}`, 'a b']],
  ['instanceStatus', ['', 'UP', 'DOWN', 'STARTING', 'TESTING', 'OUTOFSERVICE'], ['up', 'UPUP', 'GONE']],
  ['newInstanceStatus', ['UP', 'DOWN', 'STARTING', 'TESTING', 'OUTOFSERVICE'], ['', 'up', 'UP ']],
  ['healthCheckMode', ['push', 'pull'], ['', 'PUSH', 'pushpull']],
  ['noSpace', ['', '/health', 'http://a/b?c'], ['a b', ' ']],
  ['someText', ['a', ' a ', 'rest://127.0.0.1:80'], ['', ' ', '\n\t']],
  ['instanceId', ['', 'a', 'A_b.c-9'], ['a b', 'a/b', 'a:b', 'ä']],
  ['quotaResource', ['service', 'instance', 'schema', 'tag', 'account', 'role'], ['', 'Service', 'accounts', 'tags']],
  ['accountStatus', ['', 'active', 'inactive'], ['Active', 'inactive ', 'x']],
  [
    'password',
    ['Abc1234!', 'Ünïcode-1', `Abc1234!${'x'.repeat(24)}`],
    ['', 'Abc123!', 'abcd1234!', 'ABCD1234!', 'Abcdefgh!', 'Abcd12345', `Abc1234!${'x'.repeat(25)}`],
  ],
  ['tokenLife', ['15m', '24h', '1h30m', '900s', '0.5h'], ['', '14m59s', '24h1s', '1d', 'x', '3600', '-1h', '1h ']],
  ['labelPart', ['', 'shop*', 'a b/ü', 'x'.repeat(160)], ['a\nb', 'x'.repeat(161)]],
  ['dataCenter', ['a', 'az-1.x_y'], ['', 'a b', 'a/b']],
]

test.each(rows.flatMap(([name, taken]) => taken.map((text) => [name, text] as const)))(
  '%s takes "%s"',
  (name, text) => {
    expect(PATTERNS[name].test(text)).toBe(true)
  },
)

test.each(rows.flatMap(([name, _, refused]) => refused.map((text) => [name, text] as const)))(
  '%s refuses "%s"',
  (name, text) => {
    expect(PATTERNS[name].test(text)).toBe(false)
  },
)

test('every pattern has rows above', () => {
  expect(rows.map(([name]) => name).sort()).toEqual(Object.keys(PATTERNS).sort())
})

test('patterns are printed as Service Center prints them', () => {
  expect(PATTERNS.name.text).toBe(String.raw`^[a-zA-Z0-9]*$|^[a-zA-Z0-9][a-zA-Z0-9_\-.]*[a-zA-Z0-9]$`)
  expect(PATTERNS.path.text).toBe(String.raw`^[A-Za-z0-9.,?'\\/+&amp;%$#=~_\-@{}]*$`)
  expect(PATTERNS.version.text).toBe('the form x[.y[.z]] where x y and z are 0-32767 range')
  expect(PATTERNS.versionRule.text).toBe(
    "the form x[.y[.z]] or x[.y[.z]]+ or x[.y[.z]]-x[.y[.z]] or 'latest' where x y and z are 0-32767 range",
  )
})
