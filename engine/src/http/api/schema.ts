import { checkObject } from '@rollcall/protocol/check'
import type { Field, ObjectShape, Rule, Shape } from '@rollcall/protocol/shape'

/** A JSON Schema (2020-12), as OpenAPI 3.1 has them. */
export type Schema = Readonly<Record<string, unknown>>

export const text: Schema = { type: 'string' }
export const number: Schema = { type: 'number' }
export const whole: Schema = { type: 'integer' }
export const count: Schema = { type: 'integer', minimum: 0 }
export const flag: Schema = { type: 'boolean' }

/** Seconds or milliseconds since the epoch as decimal text. */
export const timeText: Schema = { type: 'string', pattern: '^[0-9]+$' }

export const oneOf = (...values: readonly (string | number | boolean)[]): Schema => ({ enum: values })
export const listOf = (items: Schema): Schema => ({ type: 'array', items })
export const mapOf = (values: Schema): Schema => ({ type: 'object', additionalProperties: values })
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] })
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

/** An object with exactly these members; a name that ends with a question mark may be absent. */
export function record(members: Readonly<Record<string, Schema>>): Schema {
  const entries = Object.entries(members)
  const required = entries.filter(([name]) => !name.endsWith('?')).map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace(/\?$/, ''), schema])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  }
}

/** What a body may look like, as its shape says it. */
export function schemaOf(shape: ObjectShape): Schema {
  const required = shape.fields.filter((field) => isRequired(field)).map(({ name }) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(shape.fields.map((field) => [field.name, fieldSchema(field)])),
    ...(required.length > 0 && { required }),
  }
}

/** A document of this shape in an answer: no rules, every member may be absent but those that are named. */
export function shownAs(shape: ObjectShape, always: readonly string[]): Schema {
  const members = shape.fields.map((field): [string, Schema] => {
    return [always.includes(field.name) ? field.name : `${field.name}?`, shownSchema(field.shape)]
  })
  return record(Object.fromEntries(members))
}

function shownSchema(shape: Shape): Schema {
  switch (shape.kind) {
    case 'object':
      return shownAs(shape, [])
    case 'list':
      return listOf(shownSchema(shape.of))
    case 'map':
      return mapOf(text)
    case 'json':
      return { type: 'object' }
    case 'text':
      return text
    case 'boolean':
      return flag
    case 'integer':
      return whole
  }
}

/** Whether a document without the field is refused. */
function isRequired(field: Field): boolean {
  const alone = { kind: 'object', name: '', fields: [field], byName: new Map() } as const
  return checkObject(alone, {}) !== undefined
}

function fieldSchema({ shape, rule = {}, defaulted = false, secret = false }: Field): Schema {
  switch (shape.kind) {
    case 'text': {
      const schema = { ...textSchema(rule), ...(secret && { format: 'password' }) }
      return defaulted ? { anyOf: [schema, { const: '' }] } : schema
    }
    case 'boolean':
      return flag
    case 'integer':
      return {
        ...whole,
        minimum: rule.min ?? (rule.max === undefined ? -(2 ** 31) : 0),
        maximum: rule.max ?? 2 ** 31 - 1,
      }
    case 'map':
      return { ...mapOf(textSchema({ ...patternOf(rule) })), ...sizes('Properties', rule), ...namesSchema(rule) }
    case 'json':
      return { type: 'object' }
    case 'list': {
      const items = shape.of.kind === 'object' ? schemaOf(shape.of) : textSchema(patternOf(rule))
      return { ...listOf(items), ...sizes('Items', rule) }
    }
    case 'object':
      return schemaOf(shape)
  }
}

function textSchema({ min, max, pattern }: Rule): Schema {
  const { expression, text: form } = pattern ?? {}
  return {
    ...text,
    ...sizes('Length', { min, max }),
    ...(expression !== undefined && { pattern: expression }),
    ...(expression === undefined && form !== undefined && { description: form }),
  }
}

function patternOf({ pattern }: Rule): Rule {
  return pattern === undefined ? {} : { pattern }
}

function namesSchema({ pattern }: Rule): Schema {
  return pattern?.expression === undefined ? {} : { propertyNames: { pattern: pattern.expression } }
}

function sizes(
  what: 'Length' | 'Items' | 'Properties',
  { min, max }: Partial<Record<'min' | 'max', number | undefined>>,
): Schema {
  return { ...(min !== undefined && { [`min${what}`]: min }), ...(max !== undefined && { [`max${what}`]: max }) }
}
