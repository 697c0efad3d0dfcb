import type { Bindings } from './placeholders.ts'
import type { Answer } from './transcript.ts'

/** What may differ between two answers. */
export interface Freedom {
  /** Paths that need not agree, as `body.detail` or `frames[].body`. */
  readonly free: readonly string[]
  /** Paths of lists and objects that may hold more than expected. */
  readonly subset: readonly string[]
}

/** Lists whose order means nothing: the original's is random. */
const SETS: ReadonlySet<string> = new Set([
  'services',
  'instances',
  'providers',
  'consumers',
  'schemas',
  'schemaInfos',
  'microServiceVersions',
  'allServicesDetail',
  'appIds',
  'nodes',
  'lines',
  'failed',
  'alarms',
  'data',
  'serviceIndexes',
  'serviceAliases',
  'serviceTags',
  'dependencyRules',
  'summaries',
])

/**
 * Compares an answer with what is expected and learns the values of new placeholders from it.
 * @returns what is wrong first, or undefined
 */
export function compareAnswer(
  expected: Answer,
  actual: Answer,
  { bindings, free, subset }: Freedom & { readonly bindings: Bindings },
): string | undefined {
  return new Comparison(bindings, { free, subset }).compare(expected, actual, '')
}

class Comparison {
  readonly #bindings: Bindings
  readonly #free: ReadonlySet<string>
  readonly #subset: ReadonlySet<string>

  constructor(bindings: Bindings, { free, subset }: Freedom) {
    this.#bindings = bindings
    this.#free = new Set(free)
    this.#subset = new Set(subset)
  }

  compare(expected: unknown, actual: unknown, path: string): string | undefined {
    if (this.#free.has(path) || expected === '<any>') return undefined
    if (expected === '<number>') return typeof actual === 'number' ? undefined : wrong(path, expected, actual)
    if (typeof expected === 'string') {
      const matches = typeof actual === 'string' && this.#bindings.match(expected, actual)
      return matches ? undefined : wrong(path, this.#shown(expected), actual)
    }
    if (Array.isArray(expected)) return this.#compareLists(expected, actual, path)
    if (typeof expected !== 'object' || expected === null) {
      return Object.is(expected, actual) ? undefined : wrong(path, expected, actual)
    }
    return this.#compareObjects(expected as Readonly<Record<string, unknown>>, actual, path)
  }

  #compareObjects(expected: Readonly<Record<string, unknown>>, actual: unknown, path: string): string | undefined {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return wrong(path, expected, actual)
    const members = actual as Readonly<Record<string, unknown>>
    for (const [name, value] of Object.entries(expected)) {
      const at = path === '' ? name : `${path}.${name}`
      if (this.#free.has(at)) continue
      if (!Object.hasOwn(members, name)) return `${at} is missing, expected ${JSON.stringify(value)}`
      const difference = this.compare(value, members[name], at)
      if (difference !== undefined) return difference
    }
    if (this.#subset.has(path)) return undefined
    for (const name of Object.keys(members)) {
      const at = path === '' ? name : `${path}.${name}`
      if (!Object.hasOwn(expected, name) && !this.#free.has(at))
        return `${at} is too much: ${JSON.stringify(members[name])}`
    }
    return undefined
  }

  #compareLists(expected: readonly unknown[], actual: unknown, path: string): string | undefined {
    if (!Array.isArray(actual)) return wrong(path, expected, actual)
    const isSubset = this.#subset.has(path)
    if (actual.length < expected.length || (actual.length > expected.length && !isSubset)) {
      return `${path} has ${actual.length} elements instead of ${expected.length}: ${JSON.stringify(actual)}`
    }
    if (isSubset || SETS.has(path.slice(path.lastIndexOf('.') + 1))) return this.#compareSets(expected, actual, path)
    for (const [index, element] of expected.entries()) {
      const difference = this.compare(element, actual[index], `${path}[]`)
      if (difference !== undefined) return `element ${index}: ${difference}`
    }
    return undefined
  }

  /** Finds a partner for every expected element; placeholders can make an early choice wrong, so choices are undone. */
  #compareSets(expected: readonly unknown[], actual: readonly unknown[], path: string): string | undefined {
    const [first, ...rest] = expected
    if (expected.length === 0) return undefined
    const reasons: string[] = []
    for (const [index, candidate] of actual.entries()) {
      const saved = this.#bindings.save()
      const difference =
        this.compare(first, candidate, `${path}[]`) ?? this.#compareSets(rest, actual.toSpliced(index, 1), path)
      if (difference === undefined) return undefined
      this.#bindings.restore(saved)
      reasons.push(difference)
    }
    return reasons.length === 1
      ? reasons[0]
      : `no element of ${path} fits ${JSON.stringify(first)}: ${reasons.join('; ')}`
  }

  #shown(expected: string): string {
    return this.#bindings.unknownNames(expected).length === 0 && !expected.includes('<')
      ? this.#bindings.expand(expected)
      : expected
  }
}

function wrong(path: string, expected: unknown, actual: unknown): string {
  return `${path === '' ? 'answer' : path} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`
}
