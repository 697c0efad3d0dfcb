import type { ObjectShape, Shape } from './shape.ts'

/** A JSON document that does not have the declared shape; the message names the member and what was expected. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/** A decoded object: only declared members, under their proper names; absent and null members are left out. */
export type Decoded = Record<string, unknown>

/**
 * Reads `value` (parsed JSON) as `shape`, as leniently as Service Center does: member names match in any case,
 * unknown members are ignored, null counts as absent (and stays null as an element of a list). Half of a surrogate pair,
 * which JSON can write but no UTF-8 text can hold, becomes U+FFFD.
 * @throws DecodeError when a member has another type than declared
 */
export function decodeObject(shape: ObjectShape, value: unknown): Decoded {
  if (value === null || value === undefined) return {}
  return objectAt(shape, value, 'body')
}

function objectAt(shape: ObjectShape, value: unknown, path: string): Decoded {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(path, 'an object', value)
  const decoded: Decoded = {}
  for (const [name, member] of Object.entries(value)) {
    if (member === null) continue
    const field = shape.byName.get(name) ?? shape.byName.get(name.toLowerCase())
    if (field !== undefined) decoded[field.name] = valueAt(field.shape, member, join(path, field.name))
  }
  return decoded
}

function valueAt(shape: Shape, value: unknown, path: string): unknown {
  switch (shape.kind) {
    case 'text':
      if (typeof value !== 'string') throw mismatch(path, 'a string', value)
      return value.toWellFormed()
    case 'boolean':
      if (typeof value !== 'boolean') throw mismatch(path, 'true or false', value)
      return value
    case 'integer':
      if (typeof value !== 'number' || (value | 0) !== value) throw mismatch(path, 'a whole number of 32 bits', value)
      return value
    case 'map':
      return mapAt(value, path)
    case 'list':
      if (!Array.isArray(value)) throw mismatch(path, 'a list', value)
      return value.map((element, index) =>
        element === null ? zero(shape.of) : valueAt(shape.of, element, `${path}[${index}]`),
      )
    case 'object':
      return objectAt(shape, value, path)
  }
}

/** What a null element of a list stands for: nothing for objects, the empty value for the rest. */
function zero(shape: Shape): unknown {
  return shape.kind === 'text' ? '' : null
}

function mapAt(value: unknown, path: string): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(path, 'an object', value)
  // No prototype: a key such as __proto__ is data like any other.
  const copy: Record<string, string> = Object.create(null)
  for (const [key, element] of Object.entries(value)) {
    if (element !== null && typeof element !== 'string') throw mismatch(join(path, key), 'a string', element)
    copy[key.toWellFormed()] = element?.toWellFormed() ?? ''
  }
  return copy
}

function join(path: string, name: string): string {
  return path === 'body' ? name : `${path}.${name}`
}

function mismatch(path: string, expected: string, value: unknown): DecodeError {
  return new DecodeError(`member '${path}' must be ${expected}, not ${nameOf(value)}`)
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return 'a string'
  return typeof value === 'number' ? `the number ${value}` : String(value)
}
