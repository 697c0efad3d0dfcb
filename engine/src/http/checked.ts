import { checkObject } from '@rollcall/protocol/check'
import type { Decoded } from '@rollcall/protocol/decode'
import { withFreeEnvironments } from '@rollcall/protocol/environments'
import type { ObjectShape } from '@rollcall/protocol/shape'
import { fail } from '../kernel/failure.ts'
import type { Call } from './call.ts'

/** Shapes whose rules depend on settings, as handlers are given them. */
export type Rules = ObjectShape

/** The rules that hold for a shape under the settings. */
export type Ruled = (shape: ObjectShape) => Rules

/** With free environments services may stand in any of them; without, in the preset ones only. */
export function ruledBy({ free }: { readonly free: boolean }): Ruled {
  return free ? withFreeEnvironments : (shape) => shape
}

/** Refuses a document that breaks a rule of its shape. @throws Failure InvalidParameters naming field and rule */
export function check(shape: ObjectShape, value: object): void {
  const violation = violationOf(shape, value)
  if (violation !== undefined) fail('InvalidParameters', violation)
}

/** What is wrong with a document, naming field and rule; undefined when nothing is. */
export function violationOf(shape: ObjectShape, value: object): string | undefined {
  return checkObject(shape, value as Decoded)
}

/** The body of a call, checked against its shape. */
export function checkedBody<Body extends object>(call: Call, shape: ObjectShape): Body {
  check(shape, call.body as object)
  return call.body as Body
}

/** Ids from the path, checked. */
export function checkedIds(call: Call, shape: ObjectShape): { serviceId: string; instanceId: string } {
  const ids = { serviceId: call.params.serviceId ?? '', instanceId: call.params.instanceId ?? '' }
  check(shape, ids)
  return ids
}

/** `tags` of a query: a comma list; none when empty. */
export function queryTags(call: Call): string[] {
  const tags = call.query.get('tags')
  return tags === '' ? [] : tags.split(',')
}

/** The revision that the caller has; not looked at when the caller asks to go past caches, as in Service Center. */
export function knownRevision(call: Call): string {
  return isSet(call.query.get('noCache')) || isSet(call.query.get('cacheOnly')) ? '' : call.query.get('rev')
}

/** A whole number of the query, 0 to `max`, which must be there. @throws Failure InvalidParameters */
export function wholeNumber(call: Call, name: string, max: number): number {
  const value = call.query.get(name)
  if (!/^\d{1,9}$/.test(value) || Number(value) > max) {
    fail('InvalidParameters', `parameter ${name} must be a whole number from 0 to ${max}, not '${value}'`)
  }
  return Number(value)
}

/** Whether a switch of a query is on: `1` or `true`. */
export function isSet(value: string): boolean {
  return value !== '' && (value === '1' || value.toLowerCase() === 'true')
}
