import type { ObjectShape, Shape } from './shape.ts'

/** What JSON writes as it is: ASCII without control characters, quotes and backslashes. */
const PLAIN = /^[ !#-[\]-~]*$/

/**
 * Writes an object as compact JSON in the way of Service Center: members in declared order, empty ones left out, keys
 * of maps sorted. Equal objects therefore always give equal text.
 */
export function encodeObject(shape: ObjectShape, value: object): string {
  const members = value as Readonly<Record<string, unknown>>
  let json = ''
  for (const field of shape.fields) {
    const member = members[field.name]
    if (isEmpty(field.shape, member)) continue
    json += json === '' ? field.first : field.further
    json += encodeValue(field.shape, member)
  }
  return json === '' ? '{}' : `${json}}`
}

function isEmpty(shape: Shape, value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true
  if (shape.kind === 'list') return (value as readonly unknown[]).length === 0
  if (shape.kind === 'map') {
    for (const _ in value as object) return false
    return true
  }
  return false
}

function encodeValue(shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case 'object':
      return encodeObject(shape, value as object)
    case 'map':
      return encodeMap(value as Readonly<Record<string, string>>)
    case 'list':
      return `[${(value as readonly unknown[]).map((element) => encodeValue(shape.of, element)).join(',')}]`
    case 'text':
      return encodeText(value as string)
    default:
      return typeof value === 'number' ? String(value) : JSON.stringify(value)
  }
}

/** Writes a map of texts as compact JSON, keys sorted. */
export function encodeMap(entries: Readonly<Record<string, string>>): string {
  const members = Object.keys(entries)
    .sort()
    .map((key) => `${encodeText(key)}:${encodeText(entries[key] as string)}`)
  return `{${members.join(',')}}`
}

/** Writes a text as JSON. Most texts are plain, and looking for what is not takes a fraction of the time of writing them as JSON. */
export function encodeText(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text)
}
