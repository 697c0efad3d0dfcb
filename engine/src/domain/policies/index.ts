export { camelCased } from './kinds.ts'
export { Policies } from './policies.ts'
export type { Asked, Asker, Policy, PolicyFailure, PolicyStore } from './types.ts'
