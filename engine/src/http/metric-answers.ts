import type { CurrentGroup, MetricNumbers, SeriesAnswer } from '../domain/metrics/index.ts'
import { paced } from '../kernel/pace.ts'

/** The current numbers of a group, under the names that CSE documents; what is ours comes last. */
function metricInfo({ name, numbers, time, gauges, ...rest }: CurrentGroup): object {
  const { worst, ...plain } = numbers
  const { instances, silentInstances, isSilent, interfaces } = rest
  const own = { worst, functionCount: interfaces, instances, silentInstances, silent: isSilent }
  return { time, ...name, ...plain, ...own, ...gauges }
}

/** The current numbers of all groups as a JSON list, written in turns. */
export function metricList(groups: readonly CurrentGroup[]): Promise<string> {
  return paced(writeList(groups))
}

function* writeList(groups: readonly CurrentGroup[]): Generator<undefined, string> {
  const texts: string[] = []
  for (const group of groups) {
    texts.push(JSON.stringify(metricInfo(group)))
    yield
  }
  return `[${texts.join(',')}]`
}

const COLUMNS = [
  'qps',
  'latency',
  'failureRate',
  'total',
  'failure',
  'circuitBreakerOpen',
  'shortCircuited',
  'l995',
  'l99',
  'l90',
  'l75',
  'l50',
  'l25',
  'l5',
] as const satisfies readonly (keyof MetricNumbers)[]

/** Numbers over time as columns, as charts want them; null where nothing was reported. */
export function seriesColumns({ series, stepSeconds, resolution, times }: SeriesAnswer): object {
  return {
    resolution,
    step: stepSeconds,
    times,
    series: series.map(({ name, points }) => {
      const columns = COLUMNS.map((column) => [column, points.map((point) => point?.[column] ?? null)] as const)
      return { ...name, ...Object.fromEntries(columns) }
    }),
  }
}
