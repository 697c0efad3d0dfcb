import { describe, expect, test } from 'vitest'
import { checkObject } from './check.ts'
import { PATTERNS } from './patterns.ts'
import { boolean, integer, list, map, object, text } from './shape.ts'

const EVERYTHING = object('Thing', {
  name: { rule: { min: 1, max: 4, pattern: PATTERNS.name } },
  level: { rule: { pattern: PATTERNS.level }, defaulted: true },
  words: { shape: list(text), rule: { min: 1, max: 2, pattern: PATTERNS.tag } },
  labels: { shape: map, rule: { max: 2, pattern: PATTERNS.tag } },
  count: { shape: integer, rule: { min: 1, max: 10 } },
  open: { shape: boolean },
  inner: { shape: object('Inner', { id: { rule: { min: 1 } } }), required: true },
  parts: { shape: list(object('Part', { id: { rule: { min: 1 } } })) },
})

const GOOD = {
  name: 'ab',
  level: 'BACK',
  words: ['one'],
  labels: { key: 'value' },
  count: 1,
  open: true,
  inner: { id: 'x' },
  parts: [{ id: 'p' }],
}

test('a thing that keeps all rules is taken', () => {
  expect(checkObject(EVERYTHING, GOOD)).toBeUndefined()
})

test.each([
  [
    'an empty text below its least length',
    { name: '' },
    "field 'Thing.Name' invalid value '' does not match rule: {Min: 1, Max: 4, Regexp: ^[a-zA-Z0-9]*$|^[a-zA-Z0-9][a-zA-Z0-9_\\-.]*[a-zA-Z0-9]$}",
  ],
  ['a missing text like an empty one', { name: undefined }, "field 'Thing.Name' invalid value ''"],
  ['a text that is too long', { name: 'abcde' }, "field 'Thing.Name' invalid value 'abcde'"],
  ['a text that breaks its pattern', { name: '@' }, "field 'Thing.Name' invalid value '@'"],
  [
    'a value for which a default could stand, but a wrong one',
    { level: 'TOP' },
    "field 'Thing.Level' invalid value 'TOP' does not match rule: {Regexp: ^(FRONT|MIDDLE|BACK)$}",
  ],
  [
    'a list that is too short',
    { words: [] },
    "field 'Thing.Words' invalid value '[]' does not match rule: {Min: 1, Max: 2,",
  ],
  [
    'a list that is too long, printed as Go does',
    { words: ['a', 'b', 'c'] },
    "field 'Thing.Words' invalid value '[a b c]'",
  ],
  ['one bad element of a list, printed alone', { words: ['a', '9'] }, "field 'Thing.Words' invalid value '9'"],
  [
    'a map that is too large',
    { labels: { a: 'x', b: 'y', c: 'z' } },
    "field 'Thing.Labels' invalid value 'map[a:x b:y c:z]'",
  ],
  ['a bad key of a map', { labels: { '9': 'x' } }, "field 'Thing.Labels' invalid value '9'"],
  ['a bad value of a map', { labels: { a: '-' } }, "field 'Thing.Labels' invalid value '-'"],
  [
    'a number that is too small',
    { count: 0 },
    "field 'Thing.Count' invalid value '0' does not match rule: {Min: 1, Max: 10}",
  ],
  ['a number that is too large', { count: 11 }, "field 'Thing.Count' invalid value '11'"],
  ['a missing number like zero', { count: undefined }, "field 'Thing.Count' invalid value '0'"],
  [
    'a missing object that must be there',
    { inner: undefined },
    "field 'Thing.Inner' invalid value '<nil>' does not match rule: {Min: 1}",
  ],
  [
    'a rule inside a nested object, by its own type',
    { inner: {} },
    "field 'Inner.Id' invalid value '' does not match rule: {Min: 1}",
  ],
  ['a rule inside a listed object', { parts: [{ id: 'p' }, {}] }, "field 'Part.Id' invalid value ''"],
])('refuses %s', (_, change, detail) => {
  expect(checkObject(EVERYTHING, { ...GOOD, ...change })).toContain(detail)
})

test('of too many objects only the number is told', () => {
  const shape = object('Batch', { parts: { shape: list(object('Part', { id: {} })), rule: { max: 1 } } })
  expect(checkObject(shape, { parts: [{}, {}] })).toBe(
    "field 'Batch.Parts' invalid value '[2 elements]' does not match rule: {Max: 1}",
  )
})

test('null among objects is refused by its own words', () => {
  expect(checkObject(EVERYTHING, { ...GOOD, parts: [null] })).toBe('invalid nil pointer')
})

describe('order and limits', () => {
  test('the first broken rule in declared order is the one that is told', () => {
    const violation = checkObject(EVERYTHING, { ...GOOD, count: 99, words: [] })
    expect(violation).toContain("field 'Thing.Words'")
  })

  test('the greatest length counts characters, not UTF-16 units', () => {
    const shape = object('Text', { value: { rule: { max: 2 } } })
    expect(checkObject(shape, { value: '😀😀' })).toBeUndefined()
    expect(checkObject(shape, { value: '😀😀😀' })).toContain("field 'Text.Value'")
  })

  test('a field without a rule takes anything', () => {
    const shape = object('Free', { value: {}, labels: { shape: map }, count: { shape: integer } })
    expect(checkObject(shape, { value: '@ \n', labels: { ' ': '' }, count: -5 })).toBeUndefined()
  })

  test('a number whose rule has no least value is refused below zero', () => {
    const shape = object('Port', { port: { shape: integer, rule: { max: 65_535 } } })
    expect(checkObject(shape, { port: -1 })).toBe(
      "field 'Port.Port' invalid value '-1' does not match rule: {Max: 65535}",
    )
    expect(checkObject(shape, {})).toBeUndefined()
  })

  test('a label takes the place of the field name', () => {
    const shape = object('Ask', { consumer: { rule: { max: 1 }, label: 'ConsumerServiceId' } })
    expect(checkObject(shape, { consumer: 'ab' })).toContain("field 'Ask.ConsumerServiceId'")
  })
})
