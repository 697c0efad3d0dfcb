import { randomBytes } from 'node:crypto'

/** How placeholders of one kind of recording look and what they stand for. */
export interface Grammar {
  /** Finds placeholders; the first group that matched is the name. */
  readonly token: RegExp
  /** For a name that stands for any text of a certain form: the form, as a regular expression. */
  readonly form: (name: string) => string | undefined
}

const FORMS: Readonly<Record<string, string>> = {
  timestamp: '\\d{10}',
  number: '-?\\d+(?:\\.\\d+)?',
  jwt: '[\\w-]+\\.[\\w-]+\\.[\\w-]+',
  any: '[\\s\\S]*',
  text: '[\\s\\S]*',
}

/** `${name}` for a value that the server makes, `<timestamp>` and the like for a form. */
export const TRANSCRIPT_GRAMMAR: Grammar = {
  token: /\$\{([^}]+)\}|<(timestamp|number|jwt|any|text)>/g,
  form: (name) => FORMS[name],
}

/** Placeholders and what they have turned out to stand for. Two names never stand for the same value. */
export class Bindings {
  readonly #grammar: Grammar
  #values: Map<string, string>

  constructor(grammar: Grammar, values: Readonly<Record<string, string>> = {}) {
    this.#grammar = grammar
    this.#values = new Map(Object.entries(values))
  }

  /** A copy of the present state, to come back to with `restore`. */
  save(): ReadonlyMap<string, string> {
    return new Map(this.#values)
  }

  restore(saved: ReadonlyMap<string, string>): void {
    this.#values = new Map(saved)
  }

  bind(name: string, value: string): void {
    this.#values.set(name, value)
  }

  /** Whether `name` has a value. */
  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** Names in `text` that have no value and no fixed form. */
  unknownNames(text: string): string[] {
    return [...text.matchAll(this.#grammar.token)]
      .map(nameOf)
      .filter((name) => repeated(name) === undefined && this.#grammar.form(name) === undefined && !this.has(name))
  }

  /** Puts values in. @throws Error when a placeholder has no value yet. */
  expand(text: string): string {
    return text.replaceAll(this.#grammar.token, (...match: (string | undefined)[]) => {
      const name = match[1] ?? match[2] ?? ''
      const value = repeated(name) ?? this.#values.get(name)
      if (value === undefined) throw new Error(`no answer has shown what ${match[0]} is`)
      return value
    })
  }

  /** Puts values into every text of a JSON value; `$list` and `$map` become what they stand for. */
  expandAll(value: unknown): unknown {
    if (typeof value === 'string') return this.expand(value)
    if (Array.isArray(value)) return value.map((element) => this.expandAll(element))
    if (typeof value !== 'object' || value === null) return value
    const members = value as Readonly<Record<string, unknown>>
    if (isRepetition(members.$list)) return this.#list(members.$list)
    if (isRepetition(members.$map)) return this.#map(members.$map)
    return Object.fromEntries(
      Object.entries(members).map(([key, member]) => [this.expand(key), this.expandAll(member)]),
    )
  }

  /** Whether `actual` is `pattern` with some values put in; new placeholders get their values from it. */
  match(pattern: string, actual: string): boolean {
    const names: string[] = []
    let source = ''
    let end = 0
    for (const token of pattern.matchAll(this.#grammar.token)) {
      source += literal(pattern.slice(end, token.index)) + this.#partFor(nameOf(token), names)
      end = token.index + token[0].length
    }
    const match = new RegExp(`^${source}${literal(pattern.slice(end))}$`).exec(actual)
    if (match === null) return false
    const found = new Map(names.map((name, index) => [name, match[index + 1] ?? '']))
    const taken = new Set(this.#values.values())
    for (const value of found.values()) if (taken.has(value) || !taken.add(value)) return false
    for (const [name, value] of found) this.#values.set(name, value)
    return true
  }

  #partFor(name: string, names: string[]): string {
    const known = repeated(name) ?? this.#values.get(name)
    if (known !== undefined) return literal(known)
    const form = this.#grammar.form(name)
    if (form !== undefined) return `(?:${form})`
    const seen = names.indexOf(name)
    if (seen >= 0) return `\\${seen + 1}`
    names.push(name)
    return '([\\s\\S]+)'
  }

  #list({ count, item }: Repetition): unknown[] {
    return Array.from({ length: count }, (_, index) => this.#withIndex(index).expandAll(item))
  }

  #map({ count, key = '', value }: Repetition): Record<string, unknown> {
    const entries = Array.from({ length: count }, (_, index) => {
      const at = this.#withIndex(index)
      return [at.expand(key), at.expandAll(value)] as const
    })
    return Object.fromEntries(entries)
  }

  #withIndex(index: number): Bindings {
    return new Bindings(this.#grammar, { ...Object.fromEntries(this.#values), i: String(index) })
  }
}

interface Repetition {
  readonly count: number
  readonly item?: unknown
  readonly key?: string
  readonly value?: unknown
}

function isRepetition(value: unknown): value is Repetition {
  return typeof value === 'object' && value !== null && 'count' in value
}

function nameOf(match: RegExpMatchArray): string {
  return match[1] ?? match[2] ?? ''
}

/** What `repeat:x:300` stands for. */
function repeated(name: string): string | undefined {
  const match = /^repeat:([\s\S]*):(\d+)$/.exec(name)
  return match === null ? undefined : (match[1] ?? '').repeat(Number(match[2]))
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

/** A word that no other play has used. */
export function freshWord(): string {
  return randomBytes(6).toString('hex')
}

/** An address of the public Internet, so that it counts as a client's in `X-Forwarded-For`. */
export function freshAddress(): string {
  const [b, c, d] = randomBytes(3)
  return `11.${b}.${c}.${d}`
}
