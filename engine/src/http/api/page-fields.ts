import { both, htmlOf, tag } from './page-html.ts'
import { PAGE_WORDS } from './page-words.ts'
import type { Schema } from './schema.ts'

interface Sketch {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly [limit: string]: unknown
}

const LIMITS = [
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'maxProperties',
] as const

/** The members of a body as a table, those of inner objects by their path. */
export function fieldsOf(schema: Schema): string {
  const rows = rowsOf(schema, '')
  return rows.length === 0 ? '' : tag('table', rows.join(''))
}

function rowsOf(schema: Schema, path: string): string[] {
  const { properties, items, anyOf, required = [] } = schema as Sketch
  if (properties === undefined) {
    const inner = items ?? anyOf?.[0]
    return inner === undefined ? [] : rowsOf(inner, items === undefined ? path : `${path}[]`)
  }
  return Object.entries(properties).flatMap(([name, member]) => {
    const own = path === '' ? name : `${path}.${name}`
    const must = required.includes(name) ? ` <small class="must">${both(...PAGE_WORDS.required)}</small>` : ''
    const row = `<tr><td><code>${htmlOf(own)}</code>${must}</td><td>${htmlOf(kindOf(member))}</td><td>${htmlOf(limitsOf(member))}</td></tr>`
    return [row, ...rowsOf(member, own)]
  })
}

function kindOf(schema: Schema): string {
  const { type, anyOf, items, enum: choices } = schema as Sketch
  if (choices !== undefined) return choices.join(' | ')
  if (type === 'array') return `${kindOf(items ?? {})}[]`
  return type ?? (anyOf?.[0] === undefined ? '' : kindOf(anyOf[0]))
}

function limitsOf(schema: Schema): string {
  const { anyOf, items, type, description } = schema as Sketch
  const inner = type === 'array' ? items : anyOf?.[0]
  const own = LIMITS.flatMap((name) => (schema[name] === undefined ? [] : [`${name} ${String(schema[name])}`]))
  const said = typeof description === 'string' ? [description] : []
  return [...own, ...said, ...(inner === undefined ? [] : [limitsOf(inner)])].filter((text) => text !== '').join(', ')
}
