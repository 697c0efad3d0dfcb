import type { Permission } from '@rollcall/protocol/accounts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Target } from './permissions.ts'
import { isWithin, missingFrom, principal, reachesTenant, reachOf } from './permissions.ts'
import type { Labels, ResourceType, Verb } from './types.ts'

const LABELS = ['domain', 'project', 'environment', 'appId', 'serviceName'] as const
const TYPES: readonly ResourceType[] = ['account', 'service', 'ops']
const VERBS: readonly Verb[] = ['get', 'update']

const word = fc.constantFrom('', 'a', 'b', 'ab', 'aba', '.')
const pattern = fc.constantFrom('', 'a', 'b', 'ab', '*', 'a*', '*a', '*b*', 'a*a', '**', '.')
const labels = fc.oneof(
  fc.constant({}),
  fc.dictionary(fc.constantFrom(...LABELS, 'unknown'), pattern, { maxKeys: 3 }),
) as fc.Arbitrary<Labels>
const target: fc.Arbitrary<Target> = fc.record({
  domain: word,
  project: word,
  environment: word,
  appId: word,
  serviceName: word,
})
const permission: fc.Arbitrary<Permission> = fc.record({
  resources: fc.array(fc.record({ type: fc.constantFrom(...TYPES), labels }), { maxLength: 3 }),
  verbs: fc.subarray([...VERBS, '*', 'nothing']),
})
const permissions = fc.array(permission, { maxLength: 3 })

/** The rule, said in the plainest way: some permission has the verb, the type, and labels that all match. */
function allows(held: readonly Permission[], asked: { type: string; verb: string; target: Target }): boolean {
  return held.some(({ resources = [], verbs = [] }) => {
    const hasVerb = verbs.includes('*') || verbs.includes(asked.verb)
    return hasVerb && resources.some(({ type, labels: all = {} }) => type === asked.type && fits(all, asked.target))
  })
}

function fits(all: Labels, of: Target): boolean {
  return Object.entries(all).every(([name, text]) => {
    const value = of[name as keyof Target]
    const expression = text
      .split('*')
      .map((part) => part.replaceAll('.', '\\.'))
      .join('.*')
    return value !== undefined && new RegExp(`^${expression}$`, 's').test(value)
  })
}

const asked = fc.record({ type: fc.constantFrom(...TYPES), verb: fc.constantFrom(...VERBS), target })

test('what a principal may do is what some permission says', () => {
  fc.assert(
    fc.property(permissions, asked, (held, { type, verb, target: of }) => {
      const reach = reachOf(principal('ann', [], held), type, verb)
      expect(isWithin(reach, of)).toBe(allows(held, { type, verb, target: of }))
    }),
  )
})

test('a tenant is in reach if one of its services may be', () => {
  fc.assert(
    fc.property(permissions, asked, (held, { type, verb, target: of }) => {
      const reach = reachOf(principal('ann', [], held), type, verb)
      if (isWithin(reach, of)) expect(reach !== undefined && reachesTenant(reach, of)).toBe(true)
    }),
  )
})

test('who may give permissions away could have done all that they allow', () => {
  fc.assert(
    fc.property(permissions, permissions, asked, (held, given, what) => {
      fc.pre(missingFrom(principal('ann', [], held), given) === undefined)
      if (allows(given, what)) expect(allows(held, what)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('an admin may do everything, whatever his permissions say', () => {
  const admin = principal('root', ['admin'], [])
  expect(isWithin(reachOf(admin, 'ops', 'delete'), {})).toBe(true)
  expect(missingFrom(admin, [{ resources: [{ type: 'account' }], verbs: ['*'] }])).toBeUndefined()
})

describe('patterns', () => {
  const long = 'a'.repeat(5000)
  test.each([
    ['shop*', 'shop', true],
    ['shop*', 'a-shop', false],
    ['*shop', 'a-shop', true],
    ['*', '', true],
    ['a*a', 'a', false],
    ['a*b*c', 'a-c-b-c', true],
    ['a.c', 'abc', false],
    [`${'*a'.repeat(500)}b`, long, false],
  ])('%s on %s: %s', (text, serviceName, isMatch) => {
    const held = [{ resources: [{ type: 'service', labels: { serviceName: text } }], verbs: ['get'] }]
    expect(isWithin(reachOf(principal('ann', [], held), 'service', 'get'), { serviceName })).toBe(isMatch)
  })
})
