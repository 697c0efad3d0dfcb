import type { Setting } from './setting.ts'

/** A value as somebody wrote it. */
export interface Given {
  readonly name: string
  readonly text: string
  /** Where it stands, for refusals: file and line, variable or flag. */
  readonly origin: string
}

export interface Problem {
  readonly sentence: string
}

type Parsed = { readonly value: unknown } | { readonly expected: string }

/** Reads a setting's text. */
export function parseValue(setting: Setting, text: string): Parsed {
  switch (setting.kind) {
    case 'text':
      return { value: text }
    case 'boolean':
      return text === 'true' || text === 'false' ? { value: text === 'true' } : { expected: allowed(setting) }
    case 'choice':
      return setting.choices.includes(text) ? { value: text } : { expected: allowed(setting) }
    default: {
      const value = text.trim() === '' ? Number.NaN : Number(text)
      const isWhole = setting.kind === 'number' || Number.isInteger(value)
      const isIn = value >= setting.min && value <= setting.max
      return isWhole && isIn ? { value } : { expected: allowed(setting) }
    }
  }
}

/** What a setting may be, in words. */
export function allowed(setting: Setting): string {
  switch (setting.kind) {
    case 'text':
      return 'text'
    case 'boolean':
      return 'true or false'
    case 'choice':
      return `one of ${setting.choices.join(', ')}`
    default:
      return `${setting.kind === 'integer' ? 'a whole number' : 'a number'} from ${setting.min} to ${setting.max}`
  }
}

const TYPOS_MAX = 4

/** ` Did you mean …?` when a known name is close, else nothing. */
export function suggestion(name: string, known: readonly string[]): string {
  const ranked = known
    .map((candidate) => ({ candidate, far: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((one, other) => one.far - other.far)
  const [best] = ranked
  return best !== undefined && best.far <= TYPOS_MAX ? ` Did you mean ${best.candidate}?` : ''
}

/** Number of letters to add, drop or change between two words (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const change = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
