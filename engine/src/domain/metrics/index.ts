export { Metrics } from './metrics.ts'
export { ThresholdView } from './threshold-view.ts'
export { Thresholds } from './thresholds.ts'
export type {
  CurrentGroup,
  CurrentQuery,
  Level,
  MetricFailure,
  MetricNumbers,
  ReportingVersion,
  Selection,
  SeriesAnswer,
} from './types.ts'
export { LEVELS } from './types.ts'
