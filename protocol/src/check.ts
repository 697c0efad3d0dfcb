import type { Decoded } from './decode.ts'
import type { Field, ObjectShape, Rule } from './shape.ts'

/**
 * Checks a decoded object against its rules, field by field in declared order, depth first.
 * @returns the refusal's detail in Service Center's words, or undefined when every rule holds
 */
export function checkObject(shape: ObjectShape, value: Decoded): string | undefined {
  for (const field of shape.fields) {
    const violation = checkField(shape, field, value[field.name])
    if (violation !== undefined) return violation
  }
  return undefined
}

function checkField(shape: ObjectShape, field: Field, value: unknown): string | undefined {
  const { rule } = field
  switch (field.shape.kind) {
    case 'object':
      return checkNested(shape, field, value as Decoded | undefined)
    case 'list':
      return checkList(shape, field, (value ?? []) as readonly unknown[])
    case 'map':
      return rule === undefined ? undefined : checkMap(shape, field, (value ?? {}) as Readonly<Record<string, string>>)
    case 'integer': {
      const number = (value ?? 0) as number
      return rule === undefined || numberHolds(rule, number) ? undefined : refusal(shape, field, String(number))
    }
    case 'text': {
      const content = (value ?? '') as string
      if (rule === undefined || (content === '' && field.defaulted === true)) return undefined
      return textHolds(rule, content) ? undefined : refusal(shape, field, content)
    }
    case 'boolean':
    case 'json':
      return undefined
  }
}

function checkNested(shape: ObjectShape, field: Field, value: Decoded | undefined): string | undefined {
  if (value !== undefined) return checkObject(field.shape as ObjectShape, value)
  return field.required === true ? refusal(shape, { ...field, rule: { min: 1 } }, '<nil>') : undefined
}

function checkList(shape: ObjectShape, field: Field, elements: readonly unknown[]): string | undefined {
  const { rule } = field
  const inner = field.shape.kind === 'list' ? field.shape.of : undefined
  if (rule !== undefined && !sizeHolds(rule, elements.length)) {
    const areTexts = inner?.kind === 'text' || elements.length === 0
    return refusal(shape, field, areTexts ? `[${elements.join(' ')}]` : `[${elements.length} elements]`)
  }
  for (const element of elements) {
    if (inner?.kind === 'object') {
      const violation = element === null ? 'invalid nil pointer' : checkObject(inner, element as Decoded)
      if (violation !== undefined) return violation
    } else if (rule?.pattern?.test(element as string) === false) return refusal(shape, field, String(element))
  }
  return undefined
}

function checkMap(shape: ObjectShape, field: Field, entries: Readonly<Record<string, string>>): string | undefined {
  const rule = field.rule ?? {}
  const keys = Object.keys(entries)
  if (!sizeHolds(rule, keys.length))
    return refusal(shape, field, `map[${keys.map((key) => `${key}:${entries[key]}`).join(' ')}]`)
  if (rule.pattern === undefined) return undefined
  for (const key of keys) {
    if (!rule.pattern.test(key)) return refusal(shape, field, key)
    const value = entries[key] ?? ''
    if (!rule.pattern.test(value)) return refusal(shape, field, value)
  }
  return undefined
}

function sizeHolds(rule: Rule, size: number): boolean {
  return (rule.min === undefined || size >= rule.min) && (rule.max === undefined || size <= rule.max)
}

function numberHolds(rule: Rule, value: number): boolean {
  return value >= (rule.min ?? 0) && value <= (rule.max ?? Number.MAX_SAFE_INTEGER)
}

/** Whether a text keeps its rule; `min` counts bytes and `max` code points, as Service Center does. */
function textHolds(rule: Rule, value: string): boolean {
  if (rule.min !== undefined && value.length < rule.min) return false
  if (rule.max !== undefined && value.length > rule.max && codePoints(value) > rule.max) return false
  return rule.pattern === undefined || rule.pattern.test(value)
}

function codePoints(value: string): number {
  let count = 0
  for (const _ of value) count++
  return count
}

/** The detail of a refusal, in Service Center's words. */
function refusal(shape: ObjectShape, field: Field, value: string): string {
  const rule = field.rule ?? {}
  const parts = [
    rule.min === undefined || rule.min === 0 ? '' : `Min: ${rule.min}`,
    rule.max === undefined ? '' : `Max: ${rule.max}`,
    rule.pattern === undefined ? '' : `Regexp: ${rule.pattern.text}`,
  ]
  const shown = field.secret === true ? '[secret]' : value
  return `field '${shape.name}.${field.label}' invalid value '${shown}' does not match rule: {${parts.filter((part) => part !== '').join(', ')}}`
}
