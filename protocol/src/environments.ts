/** Environments as a resource of their own, and the rules of requests where services may stand in any of them. */
import { PATTERNS } from './patterns.ts'
import type { Field, ObjectShape, Rule, Shape } from './shape.ts'
import { object, objectOf } from './shape.ts'

/** Where services run; the id is what stands in their documents. */
export interface Environment {
  readonly id?: string
  readonly name?: string
  readonly description?: string
  readonly timestamp?: string
  readonly modTimestamp?: string
}

const FREE: Rule = { max: 128, pattern: PATTERNS.environmentId }

export const ENVIRONMENT = object('Environment', {
  id: { rule: { max: 128, pattern: PATTERNS.environmentId }, label: 'ID' },
  name: { rule: { max: 128, pattern: PATTERNS.environmentId } },
  description: { rule: { max: 256 } },
  timestamp: {},
  modTimestamp: {},
})

/** Body of PUT for one environment: its id is the path's, and what is absent stays. */
export const ENVIRONMENT_CHANGE = object('Environment', {
  name: { rule: { max: 128, pattern: PATTERNS.environmentId } },
  description: { rule: { max: 256 } },
})

/** The same shape, with any word wherever it asks for one of the preset environments. */
export function withFreeEnvironments(shape: ObjectShape): ObjectShape {
  const fields = shape.fields.map((field): Field => {
    const inner = { ...field, shape: freed(field.shape) }
    return field.rule?.pattern === PATTERNS.environment ? { ...inner, rule: FREE } : inner
  })
  return objectOf(shape.name, fields)
}

function freed(shape: Shape): Shape {
  if (shape.kind === 'object') return withFreeEnvironments(shape)
  return shape.kind === 'list' ? { ...shape, of: freed(shape.of) } : shape
}
