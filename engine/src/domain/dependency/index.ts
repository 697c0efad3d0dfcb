export type { DependencyFailure } from './dependencies.ts'
export { Dependencies } from './dependencies.ts'
export { DependencyView } from './view.ts'
