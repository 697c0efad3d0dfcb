export type { Sources } from './details.ts'
export { fullDetail, listedDetail } from './details.ts'
export { drawGraph } from './graph.ts'
export { countAll } from './statistics.ts'
