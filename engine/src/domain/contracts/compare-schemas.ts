import { CONTRACT_STEPS_MAX } from '../../kernel/limits.ts'
import type { Effect, Json, JsonObject } from './comparison.ts'
import { isObject, members, step, textsOf, UnreadableContractError } from './comparison.ts'
import type { Findings } from './findings.ts'
import type { InterfaceModel } from './interface-model.ts'

/** Who sends what a schema describes: callers must meet it in requests, and may rely on it in responses. */
export type Direction = 'request' | 'response'

/** A place that is in both documents. */
export interface Place {
  readonly direction: Direction
  readonly path: string
  /** What it is, at the beginning of a sentence. */
  readonly label: string
}

/** Keywords that limit values: whether a larger number allows more. */
const LIMITS: Readonly<Record<string, boolean>> = {
  maximum: true,
  maxLength: true,
  maxItems: true,
  maxProperties: true,
  minimum: false,
  minLength: false,
  minItems: false,
  minProperties: false,
}

/** Keywords whose values mean something, but cannot be compared but for being equal. */
const OPAQUE = ['pattern', 'multipleOf', 'uniqueItems', 'exclusiveMaximum', 'exclusiveMinimum', 'not', 'const']
const TEXTS = ['description', 'title', 'example', 'examples', 'externalDocs', 'deprecated', 'default']

/** Compares schemas of two documents; each pair that is referred to by name is compared once. */
export class SchemaComparison {
  readonly #before: InterfaceModel
  readonly #after: InterfaceModel
  readonly #findings: Findings
  readonly #compared = new Set<string>()
  #steps = 0

  constructor(models: { readonly before: InterfaceModel; readonly after: InterfaceModel }, findings: Findings) {
    this.#before = models.before
    this.#after = models.after
    this.#findings = findings
  }

  compare(before: Json | undefined, after: Json | undefined, place: Place): void {
    if (++this.#steps > CONTRACT_STEPS_MAX)
      throw new UnreadableContractError('the contracts are too large to be compared')
    const named = this.#named(before, after, place)
    if (named === undefined) return
    const [was, is] = [flat(this.#before, before), flat(this.#after, after)]
    this.#compareTypes(was, is, named)
    this.#compareEnums(was, is, named)
    this.#compareRequired(was, is, named)
    this.#compareProperties(was, is, named)
    this.#compareKeywords(was, is, named)
    if (was.items !== undefined && is.items !== undefined) {
      this.compare(was.items, is.items, {
        ...named,
        path: step(named.path, 'items'),
        label: `An element of ${lower(named.label)}`,
      })
    }
    if (isObject(was.additionalProperties) && isObject(is.additionalProperties)) {
      const path = step(named.path, 'additionalProperties')
      this.compare(was.additionalProperties, is.additionalProperties, {
        ...named,
        path,
        label: `A value of ${lower(named.label)}`,
      })
    }
  }

  /** The place by its name when both are references; undefined when the pair has been compared. */
  #named(before: Json | undefined, after: Json | undefined, place: Place): Place | undefined {
    const [was, is] = [referenceOf(before), referenceOf(after)]
    if (was === undefined || is === undefined) return place
    const pair = `${place.direction} ${was} ${is}`
    if (this.#compared.has(pair)) return undefined
    this.#compared.add(pair)
    const name = is.slice(is.lastIndexOf('/') + 1)
    return { ...place, path: is.replace(/^#/, ''), label: `Schema ${name}` }
  }

  #compareTypes(was: JsonObject, is: JsonObject, { path, label }: Place): void {
    const [before, after] = [typeOf(was), typeOf(is)]
    if (before === after) return
    this.#changed(step(path, 'type'), 'breaking', `${label} was ${before} and is ${after} now.`)
  }

  #compareEnums(was: JsonObject, is: JsonObject, { path, label, direction }: Place): void {
    if (was.enum === undefined && is.enum === undefined) return
    const at = step(path, 'enum')
    const [before, after] = [valuesOf(was.enum), valuesOf(is.enum)]
    if (was.enum === undefined) this.#changed(at, 'breaking', `${label} takes only certain values now.`)
    else if (is.enum === undefined) {
      this.#changed(at, direction === 'request' ? 'compatible' : 'breaking', `${label} takes any value now.`)
    } else {
      for (const value of before) {
        if (!after.has(value))
          this.#findings.add({
            kind: 'removed',
            path: step(at, bare(value)),
            effect: 'breaking',
            sentence: `${label} does not take the value ${value} any more.`,
          })
      }
      for (const value of after) {
        if (!before.has(value))
          this.#findings.add({
            kind: 'added',
            path: step(at, bare(value)),
            effect: 'compatible',
            sentence: `${label} takes the value ${value} too.`,
          })
      }
    }
  }

  #compareRequired(was: JsonObject, is: JsonObject, place: Place): void {
    const [before, after] = [new Set(textsOf(was.required)), new Set(textsOf(is.required))]
    const isIn = (schema: JsonObject, name: string) =>
      isObject(schema.properties) && Object.hasOwn(schema.properties, name)
    const at = step(place.path, 'required')
    for (const name of after) {
      if (before.has(name) || !isIn(was, name)) continue
      const effect = place.direction === 'request' ? 'breaking' : 'compatible'
      this.#changed(step(at, name), effect, `${place.label} must have the property ${name} now.`)
    }
    for (const name of before) {
      if (after.has(name) || !isIn(is, name)) continue
      const effect = place.direction === 'request' ? 'compatible' : 'breaking'
      this.#changed(step(at, name), effect, `${place.label} need not have the property ${name} any more.`)
    }
  }

  #compareProperties(was: JsonObject, is: JsonObject, place: Place): void {
    const at = step(place.path, 'properties')
    const [before, after] = [new Map(members(was.properties)), new Map(members(is.properties))]
    const required = new Set(textsOf(is.required))
    for (const [name, schema] of before) {
      const path = step(at, name)
      const other = after.get(name)
      if (other !== undefined)
        this.compare(schema, other, { ...place, path, label: `Property ${name} of ${lower(place.label)}` })
      else {
        const sentence = `${place.label} has no property ${name} any more.`
        this.#findings.add({ kind: 'removed', path, effect: 'breaking', sentence })
      }
    }
    for (const name of after.keys()) {
      if (before.has(name)) continue
      const isDemanded = required.has(name) && place.direction === 'request'
      const sentence = `${place.label} has a new property ${name}${isDemanded ? ', which must be given' : ''}.`
      this.#findings.add({
        kind: 'added',
        path: step(at, name),
        effect: isDemanded ? 'breaking' : 'compatible',
        sentence,
      })
    }
  }

  #compareKeywords(was: JsonObject, is: JsonObject, { path, label, direction }: Place): void {
    for (const [keyword, growsWithNumber] of Object.entries(LIMITS)) {
      const [before, after] = [was[keyword], is[keyword]]
      if (before === after) continue
      const isWider =
        after === undefined || (before !== undefined && Number(after) > Number(before) === growsWithNumber)
      const effect = isWider === (direction === 'request') ? 'compatible' : 'breaking'
      this.#changed(
        step(path, keyword),
        effect,
        `${label}: ${keyword} was ${shown(before)} and is ${shown(after)} now.`,
      )
    }
    const isNullable = (schema: JsonObject) => schema.nullable === true || schema['x-nullable'] === true
    if (isNullable(was) !== isNullable(is)) {
      const effect = isNullable(is) === (direction === 'request') ? 'compatible' : 'breaking'
      this.#changed(
        step(path, 'nullable'),
        effect,
        `${label} may ${isNullable(is) ? 'be null now' : 'not be null any more'}.`,
      )
    }
    for (const keyword of ['anyOf', 'oneOf', ...OPAQUE, ...TEXTS]) {
      if (JSON.stringify(was[keyword]) === JSON.stringify(is[keyword])) continue
      const effect = TEXTS.includes(keyword) ? 'neutral' : 'breaking'
      this.#changed(step(path, keyword), effect, `${label}: ${keyword} is different.`)
    }
  }

  #changed(path: string, effect: Effect, sentence: string): void {
    this.#findings.add({ kind: 'changed', path, effect, sentence })
  }
}

function referenceOf(schema: Json | undefined): string | undefined {
  return isObject(schema) && typeof schema.$ref === 'string' ? schema.$ref : undefined
}

const NESTED_PARTS_MAX = 16

/** A schema without its reference, and with the parts of `allOf` in it. */
function flat(model: InterfaceModel, schema: Json | undefined, depth = 0): JsonObject {
  const resolved = model.resolve(schema)
  if (!isObject(resolved)) return {}
  if (!Array.isArray(resolved.allOf) || depth >= NESTED_PARTS_MAX) return resolved
  const { allOf, ...own } = resolved
  let whole: JsonObject = own
  for (const part of allOf as readonly Json[]) {
    const other = flat(model, part, depth + 1)
    const properties = Object.fromEntries([...members(other.properties), ...members(whole.properties)])
    const required = [...new Set([...textsOf(other.required), ...textsOf(whole.required)])]
    whole = { ...other, ...whole, properties, required }
  }
  return whole
}

/** Type and format in words; a schema that says none is what its members show. */
function typeOf({ type, format, properties, items }: JsonObject): string {
  const shownType = Array.isArray(type) ? [...textsOf(type)].sort().join(' or ') : type
  const base = shownType ?? (properties === undefined ? (items === undefined ? 'anything' : 'array') : 'object')
  return typeof format === 'string' ? `${String(base)} (${format})` : String(base)
}

function valuesOf(values: Json | undefined): Set<string> {
  return new Set(Array.isArray(values) ? values.map((value) => JSON.stringify(value)) : [])
}

/** A value as it stands in a path: a text without its quotes. */
function bare(value: string): string {
  return value.replace(/^"(.*)"$/, '$1')
}

function shown(value: Json | undefined): string {
  return value === undefined ? 'not limited' : JSON.stringify(value)
}

function lower(label: string): string {
  return label.charAt(0).toLowerCase() + label.slice(1)
}
