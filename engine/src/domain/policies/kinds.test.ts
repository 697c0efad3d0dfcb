import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '../../kernel/failure.ts'
import { checkSpec, MATCH_GROUP, POLICY_KINDS } from './kinds.ts'

const MEMBERS = [
  'alias',
  'matches',
  'name',
  'apiPath',
  'headers',
  'method',
  'maxAttempts',
  'retryOnSame',
  'rate',
  'rule',
]
const kinds = fc.oneof(fc.constantFrom(MATCH_GROUP, ...POLICY_KINDS), fc.string())
const members = fc.oneof(fc.constantFrom(...MEMBERS, '__proto__', 'toString'), fc.string())
const specs = fc.dictionary(members, fc.oneof(fc.jsonValue(), fc.array(fc.dictionary(members, fc.jsonValue()))))

test('whatever a specification says, it is sound or refused with what is wrong', () => {
  fc.assert(
    fc.property(kinds, specs, (kind, spec) => {
      try {
        checkSpec(kind, spec)
      } catch (refused) {
        expect(refused).toBeInstanceOf(Failure)
        expect((refused as Failure).code).toBe('InvalidParameters')
        expect((refused as Failure).detail).toMatch(/^not support kind\[|^illegal policy\[[^\]]*\] spec, msg: ./)
      }
    }),
  )
})
