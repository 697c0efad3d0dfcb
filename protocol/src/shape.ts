/**
 * A small language for the JSON documents of the API. One declaration serves decoding (decode.ts), validation
 * (check.ts) and encoding (encode.ts). The order of fields is the order of checks and of output.
 */

/** What a text must look like; `text` is how refusals print it. */
export interface Pattern {
  readonly text: string
  /** The same as a regular expression, where there is one. */
  readonly expression?: string
  test(value: string): boolean
}

/**
 * Limits of one field. Texts: `min` counts UTF-8 bytes, `max` code points. Lists and maps: both count elements and the
 * pattern holds for every element (maps: every key and value). Numbers: both limit the value.
 */
export interface Rule {
  readonly min?: number
  readonly max?: number
  readonly pattern?: Pattern
}

export type Shape =
  | { readonly kind: 'text' }
  | { readonly kind: 'boolean' }
  /** Whole number of 32 bits. */
  | { readonly kind: 'integer' }
  /** Map from text to text. */
  | { readonly kind: 'map' }
  /** Any object, taken as it is. */
  | { readonly kind: 'json' }
  | { readonly kind: 'list'; readonly of: Shape }
  | ObjectShape

export interface ObjectShape {
  readonly kind: 'object'
  /** Name used in refusals: Service Center's type name. */
  readonly name: string
  readonly fields: readonly Field[]
  /** Fields by exact name and by name in lower case. */
  readonly byName: ReadonlyMap<string, Field>
}

export interface Field {
  readonly name: string
  /** How it begins as JSON, when it is the first member and when it is not. */
  readonly first: string
  readonly further: string
  /** Name used in refusals. */
  readonly label: string
  readonly shape: Shape
  readonly rule?: Rule
  /** An object that must be there. */
  readonly required?: boolean
  /** The rule is not applied to an empty value, because a default takes its place. */
  readonly defaulted?: boolean
  /** Refusals do not repeat the value. */
  readonly secret?: boolean
}

/** How a field is declared; its name is the key it stands under. */
export interface FieldSpec {
  readonly shape?: Shape
  readonly rule?: Rule
  readonly required?: boolean
  readonly defaulted?: boolean
  readonly secret?: boolean
  readonly label?: string
}

export const text: Shape = { kind: 'text' }
export const integer: Shape = { kind: 'integer' }
export const boolean: Shape = { kind: 'boolean' }
export const map: Shape = { kind: 'map' }
export const json: Shape = { kind: 'json' }
export const list = (of: Shape): Shape => ({ kind: 'list', of })

/** Declares an object; a field without a shape is text. */
export function object(name: string, specs: Readonly<Record<string, FieldSpec>>): ObjectShape {
  const fields = Object.entries(specs).map(([fieldName, spec]): Field => {
    const label = spec.label ?? fieldName.charAt(0).toUpperCase() + fieldName.slice(1)
    const member = `"${fieldName}":`
    return { ...spec, name: fieldName, first: `{${member}`, further: `,${member}`, label, shape: spec.shape ?? text }
  })
  return objectOf(name, fields)
}

/** An object of fields that are declared already. */
export function objectOf(name: string, fields: readonly Field[]): ObjectShape {
  const byName = new Map(fields.map((field) => [field.name.toLowerCase(), field]))
  for (const field of fields) byName.set(field.name, field)
  return { kind: 'object', name, fields, byName }
}
