import { COMPONENTS } from './answers.ts'
import { CART, CART_INSTANCE, CONTRACT } from './scene.ts'
import type { Schema } from './schema.ts'

/** What members of answers usually hold, by name. */
const USUAL: Readonly<Record<string, unknown>> = {
  ...CART,
  ...CART_INSTANCE,
  schema: CONTRACT,
  schemaId: 'cart.api',
  summary: 'cartapi1',
  environment: 'production',
  timestamp: '1767225600',
  modTimestamp: '1767225600',
  createTime: '1767225600',
  updateTime: '1767225600',
  drainingUntil: '1767225630',
  endpoints: ['rest://10.0.0.1:8080'],
  name: 'jo',
  token: 'eyJhbGciOiJSUzI1NiJ9…',
}

const DEPTH_MAX = 4

/** An answer of this form, made up. */
export function sampleOf(schema: Schema, depth = 0): unknown {
  const { $ref, enum: choices, anyOf, type, properties, items } = schema as Sketch
  if ($ref !== undefined) return sampleOf(COMPONENTS[$ref.replace(/^.*\//, '')] ?? {}, depth)
  if (choices !== undefined) return choices[0]
  if (anyOf?.[0] !== undefined) return sampleOf(anyOf[0], depth)
  switch (type) {
    case 'object':
      if (properties === undefined) return {}
      return Object.fromEntries(
        Object.entries(properties).map(([name, member]) => [name, sampleMember(name, member, depth + 1)]),
      )
    case 'array':
      return items === undefined || depth >= DEPTH_MAX ? [] : [sampleOf(items, depth + 1)]
    case 'number':
    case 'integer':
      return 1
    case 'boolean':
      return false
    case 'null':
      return null
    default:
      return schema.pattern === '^[0-9]+$' ? '1767225600' : 'text'
  }
}

interface Sketch {
  readonly $ref?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

function sampleMember(name: string, schema: Schema, depth: number): unknown {
  const usual = USUAL[name]
  const { type, items } = schema as Sketch
  const isOfType = Array.isArray(usual) ? items?.type === 'string' : typeof usual === type
  return isOfType ? usual : sampleOf(schema, depth)
}
