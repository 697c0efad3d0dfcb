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
  try {
    return objectAt(shape, value)
  } catch (error) {
    throw error instanceof Mismatch ? new DecodeError(error.describe()) : error
  }
}

/** A value of another type than declared. It learns where it stands on its way out, so that sound values pay nothing. */
class Mismatch {
  readonly #expected: string
  readonly #value: unknown
  #path = ''

  constructor(expected: string, value: unknown) {
    this.#expected = expected
    this.#value = value
  }

  /** @param step `.name` or `[index]` */
  within(step: string): void {
    this.#path = step + this.#path
  }

  describe(): string {
    return `member '${this.#path.slice(1) || 'body'}' must be ${this.#expected}, not ${nameOf(this.#value)}`
  }
}

/** The error, which now knows one more step of its way. */
function within(error: unknown, step: string): unknown {
  if (error instanceof Mismatch) error.within(step)
  return error
}

function objectAt(shape: ObjectShape, value: unknown): Decoded {
  const members = membersOf(value)
  const decoded: Decoded = {}
  for (const name of Object.keys(members)) {
    const member = members[name]
    if (member === null) continue
    const field = shape.byName.get(name) ?? shape.byName.get(name.toLowerCase())
    if (field === undefined) continue
    try {
      decoded[field.name] = valueAt(field.shape, member)
    } catch (error) {
      throw within(error, `.${field.name}`)
    }
  }
  return decoded
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Mismatch('an object', value)
}

function valueAt(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'text':
      if (typeof value !== 'string') throw new Mismatch('a string', value)
      return value.toWellFormed()
    case 'boolean':
      if (typeof value !== 'boolean') throw new Mismatch('true or false', value)
      return value
    case 'integer':
      if (typeof value !== 'number' || (value | 0) !== value) throw new Mismatch('a whole number of 32 bits', value)
      return value
    case 'map':
      return mapAt(value)
    case 'json':
      return membersOf(value)
    case 'list':
      return listAt(shape.of, value)
    case 'object':
      return objectAt(shape, value)
  }
}

function listAt(shape: Shape, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Mismatch('a list', value)
  return value.map((element, index) => {
    try {
      return element === null ? zero(shape) : valueAt(shape, element)
    } catch (error) {
      throw within(error, `[${index}]`)
    }
  })
}

/** What a null element of a list stands for: nothing for objects, the empty value for the rest. */
function zero(shape: Shape): unknown {
  return shape.kind === 'text' ? '' : null
}

function mapAt(value: unknown): Record<string, string> {
  const members = membersOf(value)
  // No prototype: a key such as __proto__ is data like any other.
  const copy: Record<string, string> = Object.create(null)
  for (const key of Object.keys(members)) {
    const element = members[key]
    if (element !== null && typeof element !== 'string') throw within(new Mismatch('a string', element), `.${key}`)
    copy[key.toWellFormed()] = element?.toWellFormed() ?? ''
  }
  return copy
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return 'a string'
  return typeof value === 'number' ? `the number ${value}` : String(value)
}
