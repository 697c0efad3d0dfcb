export type { Sources } from './details.ts'
export { fullDetail, listedDetails } from './details.ts'
export { linesOf, nodesOf } from './graph.ts'
export { countAll } from './statistics.ts'
