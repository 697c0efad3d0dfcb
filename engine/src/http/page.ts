import { fail } from '../kernel/failure.ts'
import type { Query } from './call.ts'

/** The part of a list that a request asks for. */
interface Page<Item> {
  readonly items: readonly Item[]
  /** Says how many there are in all, when only a part was asked for. */
  readonly headers: readonly string[]
}

/** Cuts out what `offset` and `limit` of the query ask for; everything when neither is given. @throws InvalidParameters */
export function pageOf<Item>(all: readonly Item[], query: Query): Page<Item> {
  const offset = wholeNumber(query, 'offset')
  const limit = wholeNumber(query, 'limit')
  if (offset === undefined && limit === undefined) return { items: all, headers: [] }
  const from = offset ?? 0
  return { items: all.slice(from, from + (limit ?? all.length)), headers: ['X-Total-Count', String(all.length)] }
}

/** Whether the query asks for a part of a list only. */
export function isPaged(query: Query): boolean {
  return query.get('offset') !== '' || query.get('limit') !== ''
}

function wholeNumber(query: Query, name: string): number | undefined {
  const text = query.get(name)
  if (text === '') return undefined
  if (!/^\d{1,9}$/.test(text)) fail('InvalidParameters', `parameter ${name} must be a whole number from 0 to 999999999`)
  return Number(text)
}
