import type { ResourceType, Verb } from '../domain/auth/index.ts'
import type { Need, Scope } from './call.ts'

/** A permission to do something with resources of a type. */
export function may(verb: Verb, resource: ResourceType, scope?: Scope): Need {
  return scope === undefined ? { resource, verb } : { resource, verb, scope }
}

/** How an error names a permission. */
export function nameOf({ resource, verb }: Need): string {
  return `[${resource}:${verb}]`
}
