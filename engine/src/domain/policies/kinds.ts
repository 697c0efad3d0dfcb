import { fail } from '../../kernel/failure.ts'
import { POLICY_DEPTH_MAX } from '../../kernel/limits.ts'
import type { PolicyFailure } from './types.ts'

type Members = Readonly<Record<string, unknown>>

/** What one member of a specification must be. */
interface Rule {
  readonly required?: true
  readonly type?: 'string' | 'integer' | 'number' | 'array' | 'object'
  /** Numbers: least value. Everything else: least length. */
  readonly min?: number
  readonly oneOf?: readonly string[]
  /** Rules of each element of a list. */
  readonly each?: Rule
  readonly members?: Readonly<Record<string, Rule>>
}

const REQUIRED = { required: true } as const
const METHODS = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH']
const MATCH: Rule = {
  type: 'object',
  members: {
    name: { ...REQUIRED, type: 'string', min: 1 },
    apiPath: { type: 'object', min: 1 },
    headers: { type: 'object' },
    method: { type: 'array', min: 1, each: { type: 'string', oneOf: METHODS } },
  },
}

/** Says which calls policies of the same name are for. */
export const MATCH_GROUP = 'match-group'

/** What policies of each kind say. */
const KINDS: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  [MATCH_GROUP]: {
    alias: { ...REQUIRED, type: 'string', min: 1 },
    matches: { ...REQUIRED, type: 'array', min: 1, each: MATCH },
  },
  retry: { retryOnSame: { type: 'integer', min: 0 }, maxAttempts: REQUIRED },
  'rate-limiting': { rate: REQUIRED },
  loadbalance: { rule: { ...REQUIRED, type: 'string', min: 1 } },
  'circuit-breaker': { minimumNumberOfCalls: { ...REQUIRED, type: 'integer', min: 0 } },
  'instance-isolation': { minimumNumberOfCalls: REQUIRED },
  'fault-injection': { percentage: { ...REQUIRED, type: 'number', min: 0 } },
  bulkhead: { maxConcurrentCalls: REQUIRED },
}

/** Kinds besides the groups that they are for. */
export const POLICY_KINDS: readonly string[] = Object.keys(KINDS).filter((kind) => kind !== MATCH_GROUP)

/** Refuses a kind that is not known, and a specification that does not say what its kind needs. @throws InvalidParameters */
export function checkSpec(kind: string, spec: Members): void {
  const members = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (members === undefined) fail<PolicyFailure>('InvalidParameters', `not support kind[${kind}] yet`)
  const wrong = isDeeper(spec, POLICY_DEPTH_MAX)
    ? [`${kind} in body is nested more than ${POLICY_DEPTH_MAX} levels deep`]
    : faultsOf(spec, { type: 'object', ...(members === undefined ? {} : { members }) }, kind)
  if (wrong.length > 0) {
    fail<PolicyFailure>('InvalidParameters', `illegal policy[${kind}] spec, msg: ${wrong.join('; ')}`)
  }
}

/** The kind as it stands in keys: `rate-limiting` is `rateLimiting` there. */
export function camelCased(kind: string): string {
  return kind.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** What is wrong with a value, in the words of Service Center's validator. */
function faultsOf(value: unknown, rule: Rule, at: string): string[] {
  const { type, min, oneOf, each, members = {} } = rule
  if (type !== undefined && !isOf(type, value)) return [`${at} in body must be of type ${type}`]
  const faults: string[] = []
  if (min !== undefined && sizeOf(value) < min) faults.push(`${at} in body should be ${atLeast(value, min)}`)
  if (oneOf?.includes(String(value)) === false) faults.push(`${at} in body should be one of [${oneOf.join(' ')}]`)
  if (each !== undefined) faults.push(...listOf(value).flatMap((one, index) => faultsOf(one, each, `${at}.${index}`)))
  for (const [name, inner] of Object.entries(members)) {
    const member = Object.hasOwn(value as Members, name) ? (value as Members)[name] : undefined
    if (member !== undefined && member !== null) faults.push(...faultsOf(member, inner, `${at}.${name}`))
    else if (inner.required === true) faults.push(`${at}.${name} in body is required`)
  }
  return faults
}

function isOf(type: NonNullable<Rule['type']>, value: unknown): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

function sizeOf(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' || Array.isArray(value) ? value.length : Object.keys(value as object).length
}

function atLeast(value: unknown, min: number): string {
  return typeof value === 'number' ? `greater than or equal to ${min}` : `at least ${min} long`
}

function listOf(value: unknown): readonly unknown[] {
  return value as readonly unknown[]
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1))
}
