import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Failure } from '../kernel/failure.ts'
import { parseTarget } from './target.ts'

describe('the path', () => {
  test.each([
    ['/v4/default/registry/version', '/v4/default/registry/version'],
    ['/a?b=c', '/a'],
    ['/', '/'],
    ['http://host:1/a/b?c=d', '/a/b'],
    ['HTTPS://host', '/'],
    ['/a%20b', '/a%20b'],
    ['/a%2Fb%2fc', '/a/b/c'],
    ['/%E6%9C%8D', '/%E6%9C%8D'],
  ])('%s: %s', (target, path) => {
    expect(parseTarget(target).path).toBe(path)
  })
})

describe('the query', () => {
  test.each([
    ['/?a=1&b=2', 'b', '2'],
    ['/?a=1&a=2', 'a', '1'],
    ['/?a=', 'a', ''],
    ['/?a', 'a', ''],
    ['/?=x', '', 'x'],
    ['/?a=b=c', 'a', 'b=c'],
    ['/?x=%E6%9C%8D', 'x', '服'],
    ['/?a+b=c+d', 'a b', 'c d'],
    ['/?a=%2B', 'a', '+'],
    ['/?%61=1', 'a', '1'],
    ['/?&&a=1', 'a', '1'],
    ['/?a=1#b', 'a', '1#b'],
    ['/', 'a', ''],
    ['/?toString=1', 'constructor', ''],
  ])('%s: %s is "%s"', (target, name, value) => {
    expect(parseTarget(target).query.get(name)).toBe(value)
  })

  test('what was written by the rules is read back', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.isWellFormed())
    fc.assert(
      fc.property(fc.dictionary(name, name, { minKeys: 1, maxKeys: 5 }), (entries) => {
        const search = Object.entries(entries).map((pair) => pair.map(encodeURIComponent).join('='))
        const target = `/?${search.join('&')}`
        fc.pre(target.length < 2000)
        const { query } = parseTarget(target)
        for (const [key, value] of Object.entries(entries)) expect(query.get(key)).toBe(value)
      }),
    )
  })
})

describe('what is refused', () => {
  test.each([
    ['a double slash', '/a//b'],
    ['a double slash in the query', '/a?b=c//d'],
    ['the end ;', '/a;'],
    ['the end &', '/a?b=c&'],
    ['the end ?', '/a?'],
    ['the end +', '/a?b=c+'],
    ['the end @', '/a@'],
    ['nothing', ''],
    ['a dot at the start', '../a'],
    ['half an escape', '/a%2'],
    ['an escape that is none', '/a?b=%zz'],
    ['an escape that is no UTF-8', '/%ff'],
    ['a cut character', '/?a=%E6%9C'],
    ['2048 characters', `/${'a'.repeat(2047)}`],
  ])('%s', (_, target) => {
    expect(() => parseTarget(target)).toThrow(Failure)
    expect(() => parseTarget(target)).toThrow('InvalidParameters: Invalid Request URI')
  })

  test('one character less than too many is taken, and a refusal does not repeat all of a long one', () => {
    expect(parseTarget(`/${'a'.repeat(2046)}`).path).toHaveLength(2047)
    expect(() => parseTarget(`/${'a'.repeat(5000)}`)).toThrow(/^.{1,400}$/)
  })

  test('whatever comes, the answer is a target or a failure', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        try {
          expect(parseTarget(`/${text}`).path.startsWith('/')).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(Failure)
        }
      }),
      { numRuns: 500 },
    )
  })
})
