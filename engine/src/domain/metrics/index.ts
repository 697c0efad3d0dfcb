export { Metrics } from './metrics.ts'
export type { CurrentGroup, Level, MetricFailure, Selection } from './types.ts'
export { LEVELS } from './types.ts'
