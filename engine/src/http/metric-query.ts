import type { Level, Selection } from '../domain/metrics/index.ts'
import { LEVELS } from '../domain/metrics/index.ts'
import { fail } from '../kernel/failure.ts'
import type { Call } from './call.ts'
import { sightOf } from './visible.ts'

const NARROWING = ['environment', 'appId', 'version', 'instance', 'function'] as const

/** What a query narrows its answer to, and the rights of who asks; `service` is a comma list of names. */
export function selectionOf(call: Call): Selection {
  return { ...wishOf(call), sees: sightOf(call)?.sees }
}

/** What a query narrows its answer to, whoever asks. */
export function wishOf({ query }: Call): Selection {
  const selection: Record<string, unknown> = {}
  for (const name of NARROWING) {
    const value = query.get(name)
    if (value !== '') selection[name] = value
  }
  const names = query.get('service')
  return names === '' ? selection : { ...selection, serviceNames: new Set(names.split(',')) }
}

/** A comma list that must be there. @throws Failure InvalidParameters */
export function namesOf({ query }: Call, name: string): ReadonlySet<string> {
  const names = query.get(name).split(',').filter(Boolean)
  return names.length > 0 ? new Set(names) : fail('InvalidParameters', `${name}: missing`)
}

/** `by`: what one element of the answer stands for. @throws Failure InvalidParameters */
export function levelOf({ query }: Call, fallback: Level): Level {
  const asked = query.get('by') || fallback
  return LEVELS.find((level) => level === asked) ?? fail('InvalidParameters', `by: not one of ${LEVELS.join(', ')}`)
}

/** A number of a query. @throws Failure InvalidParameters */
export function numberOf({ query }: Call, name: string, fallback: number): number {
  const text = query.get(name)
  if (text === '') return fallback
  return /^\d{1,15}$/.test(text) ? Number(text) : fail('InvalidParameters', `${name}: not a whole number`)
}
