import { DecodeError } from './decode.ts'

/** From where on calls to a service are worth an alarm; what is absent is not watched. */
export interface MetricThreshold {
  readonly appId: string
  readonly environment: string
  readonly serviceName: string
  /** Mean latency, milliseconds. */
  readonly avgDelay?: number
  /** Percent. */
  readonly failureRate?: number
  /** Calls per second. */
  readonly throughput?: number
}

const THRESHOLDS_MAX = 1000
const TEXT_LENGTH_MAX = 512
const LIMITS = { avgDelay: Number.MAX_SAFE_INTEGER, failureRate: 100, throughput: Number.MAX_SAFE_INTEGER } as const

/**
 * Reads a list of thresholds, or one alone.
 * @throws DecodeError that names the member and the rule
 */
export function readThresholds(value: unknown): readonly MetricThreshold[] {
  const isOne = !Array.isArray(value)
  const elements: readonly unknown[] = isOne ? [value] : value
  if (elements.length === 0) throw new DecodeError('body: empty')
  if (elements.length > THRESHOLDS_MAX) throw new DecodeError(`body: more than ${THRESHOLDS_MAX} thresholds`)
  return elements.map((element, index) => readThreshold(element, isOne ? '' : `[${index}].`))
}

function readThreshold(value: unknown, path: string): MetricThreshold {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DecodeError(`${path === '' ? 'body' : path.slice(0, -1)}: not an object`)
  }
  const members = value as Readonly<Record<string, unknown>>
  const limits: Record<string, number> = {}
  for (const [name, max] of Object.entries(LIMITS)) {
    const limit = members[name] ?? undefined
    if (limit === undefined) continue
    if (typeof limit !== 'number' || !(limit >= 0 && limit <= max)) {
      throw new DecodeError(`${path}${name}: not a number from 0 to ${max}`)
    }
    limits[name] = limit
  }
  return {
    appId: textOf(members.appId, `${path}appId`, true),
    environment: textOf(members.environment, `${path}environment`, false),
    serviceName: textOf(members.serviceName, `${path}serviceName`, true),
    ...limits,
  }
}

function textOf(value: unknown, path: string, isRequired: boolean): string {
  const text = value ?? ''
  if (typeof text !== 'string') throw new DecodeError(`${path}: not a text`)
  if (isRequired && text === '') throw new DecodeError(`${path}: missing`)
  if (text.length > TEXT_LENGTH_MAX) throw new DecodeError(`${path}: longer than ${TEXT_LENGTH_MAX} characters`)
  // Half of a surrogate pair, which JSON can write, fits into no key.
  return text.toWellFormed()
}
