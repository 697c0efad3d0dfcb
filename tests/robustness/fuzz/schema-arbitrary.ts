import fc from 'fast-check'

/** What a schema of the document says of a value, as far as values are made from it. */
export interface Sketch {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Sketch[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Sketch
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Sketch>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Sketch | false
}

/** Names that lead to something in the scene of the examples, by the member that holds them. */
const KNOWN: Readonly<Record<string, readonly unknown[]>> = {
  serviceId: ['cart-1', 'web-1'],
  instanceId: ['cart-1-a'],
  schemaId: ['cart.api'],
  appId: ['shop'],
  serviceName: ['cart', 'web'],
  version: ['1.0.0'],
  name: ['jo', 'reader', 'cart'],
  roles: [['reader'], ['admin']],
  password: ['Jo-likes-tea-4', 'Other-4-jo'],
  serviceIds: [['cart-1'], ['web-1', 'nobody']],
  type: ['microservice', 'schema', 'query', 'service'],
  globalTxId: ['tx-1'],
  environment: ['', 'production'],
}

/** Values that rules and types turn on. */
const EDGES = [
  '',
  ' ',
  '\0',
  '\ud800',
  '😀',
  '../..',
  '%',
  '__proto__',
  'a'.repeat(300),
  '99999.1',
  0,
  -1,
  0.5,
  2 ** 31,
  2 ** 53,
  1e308,
  null,
  true,
  [],
  [null],
  {},
  { constructor: null },
] as const
const edge: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(...EDGES)

const TEXT_LENGTH_MAX = 300
const LIST_LENGTH_MAX = 4

/** Values that mostly keep a schema, with something else here and there. */
export function valuesOf(schema: Sketch, name = ''): fc.Arbitrary<unknown> {
  const known = KNOWN[name]
  return fc.oneof(
    { weight: 1, arbitrary: edge },
    { weight: 30, arbitrary: soundValues(schema) },
    ...(known === undefined ? [] : [{ weight: 40, arbitrary: fc.constantFrom(...known) }]),
  )
}

function soundValues(schema: Sketch): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((choice) => valuesOf(choice)))
  switch (schema.type) {
    case 'string':
      return texts(schema)
    case 'integer':
      return fc.integer({
        min: Math.max(schema.minimum ?? -5, -(2 ** 31)),
        max: Math.min(schema.maximum ?? 1000, 2 ** 31 - 1),
      })
    case 'number':
      return fc.double({ min: schema.minimum ?? -10, max: schema.maximum ?? 1e9, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}), {
        minLength: Math.min(schema.minItems ?? 0, LIST_LENGTH_MAX),
        maxLength: LIST_LENGTH_MAX,
      })
    case 'object':
      return objects(schema)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function texts({ pattern, minLength = 0, maxLength = TEXT_LENGTH_MAX }: Sketch): fc.Arbitrary<string> {
  const max = Math.min(maxLength, TEXT_LENGTH_MAX)
  if (pattern !== undefined) return matching(pattern).map((text) => text.slice(0, max))
  return fc.oneof(
    fc.string({ minLength, maxLength: Math.min(max, 20) }),
    fc.string({ unit: 'binary', minLength, maxLength: Math.min(max, 70) }),
    fc.constantFrom('1', 'true', '1.0.0', 'UP', 'latest'),
  )
}

/** Made once for each pattern: it takes a while. */
const made = new Map<string, fc.Arbitrary<string>>()

function matching(pattern: string): fc.Arbitrary<string> {
  const known = made.get(pattern) ?? fc.stringMatching(new RegExp(pattern))
  made.set(pattern, known)
  return known
}

function objects({ properties, required = [], additionalProperties }: Sketch): fc.Arbitrary<unknown> {
  if (properties === undefined) {
    const values = valuesOf(additionalProperties === false ? {} : (additionalProperties ?? {}))
    return fc.dictionary(fc.oneof(matching('^[a-zA-Z][a-z]{0,5}$'), fc.string({ maxLength: 9 })), values, {
      maxKeys: 4,
    })
  }
  const members = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valuesOf(schema, name)]))
  const whole = fc.record(members, { requiredKeys: [...required] })
  return fc.oneof({ weight: 9, arbitrary: whole }, { weight: 1, arbitrary: fc.record(members, { requiredKeys: [] }) })
}
