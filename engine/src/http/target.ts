import { fail } from '../kernel/failure.ts'
import { REQUEST_TARGET_LENGTH_MAX } from '../kernel/limits.ts'
import type { Query } from './call.ts'

/** A request target, taken apart. */
export interface Target {
  /** Path as sent, except that `%2F` counts as a slash. */
  readonly path: string
  readonly query: Query
}

const NO_QUERY: Query = { get: () => '', getAll: () => [] }
const BAD_ESCAPE = /%(?![0-9a-fA-F]{2})/

/**
 * Splits and checks a request target.
 * @throws Failure InvalidParameters for targets that Service Center refuses and for bad percent-escapes
 */
export function parseTarget(url: string): Target {
  const target = url.startsWith('/') ? url : stripAuthority(url)
  checkTarget(target)
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  return {
    path: path.includes('%') ? path.replace(/%2f/gi, '/') : path,
    query: mark < 0 ? NO_QUERY : parseQuery(target.slice(mark + 1)),
  }
}

/** The path of a target in absolute form (`http://host/path`), which proxies send. */
function stripAuthority(url: string): string {
  const match = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url)
  if (match === null) return url
  const rest = url.slice(match[0].length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** The rules of Service Center's access interceptor, and sound escapes. */
function checkTarget(target: string): void {
  if (target.length >= REQUEST_TARGET_LENGTH_MAX)
    refuse(target, `it has ${REQUEST_TARGET_LENGTH_MAX} characters or more`)
  if (target.includes('//')) refuse(target, 'it holds a double slash')
  if (target === '' || target.startsWith('.')) refuse(target, 'it does not begin with a slash')
  if (';&?+@'.includes(target.charAt(target.length - 1))) refuse(target, 'it ends with one of ; & ? + @')
  if (target.includes('%')) checkEscapes(target)
}

function checkEscapes(target: string): void {
  const bad = BAD_ESCAPE.exec(target)
  if (bad !== null) refuse(target, `'${target.slice(bad.index, bad.index + 3)}' is no percent-escape`)
  try {
    decodeURIComponent(target)
  } catch {
    refuse(target, 'its percent-escapes are not valid UTF-8')
  }
}

function refuse(target: string, reason: string): never {
  const shown = target.length > 256 ? `${target.slice(0, 256)}…` : target
  fail('InvalidParameters', `Invalid Request URI ${shown}: ${reason}`)
}

/** Takes the query apart; most values have no escapes and stay slices of the target. */
function parseQuery(search: string): Query {
  const values = new Map<string, string>()
  eachPair(search, (name, value) => {
    if (!values.has(name)) values.set(name, value)
  })
  return {
    get: (name) => values.get(name) ?? '',
    getAll: (wanted) => {
      const all: string[] = []
      eachPair(search, (name, value) => {
        if (name === wanted) all.push(value)
      })
      return all
    },
  }
}

function eachPair(search: string, take: (name: string, value: string) => void): void {
  for (let from = 0; from <= search.length; ) {
    const next = search.indexOf('&', from)
    const end = next < 0 ? search.length : next
    const equals = search.indexOf('=', from)
    if (equals >= from && equals < end) take(decode(search.slice(from, equals)), decode(search.slice(equals + 1, end)))
    from = end + 1
  }
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  return spaced.includes('%') ? decodeURIComponent(spaced) : spaced
}
