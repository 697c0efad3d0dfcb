import type { Latency } from './histogram.ts'

/** The middle of several values and how far they lie apart; `low` and `high` are the quartiles. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
  readonly min: number
  readonly max: number
}

/** What one server did in one slice. */
export interface Slice {
  readonly perSecond: number
  readonly latency: Latency
  /** CPU time of the server per request, all its threads. */
  readonly cpuMicroseconds: number
  readonly errors: number
  readonly firstError: string
}

/** What one server did in all slices of a scene. */
export interface Side {
  readonly perSecond: Spread
  readonly latency: Latency
  readonly cpuMicroseconds: Spread
  readonly megabytes: number
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number): number => sorted[index] ?? Number.NaN
  const last = sorted.length - 1
  const quantile = (share: number): number => (at(Math.floor(last * share)) + at(Math.ceil(last * share))) / 2
  return { median: quantile(0.5), low: quantile(0.25), high: quantile(0.75), min: at(0), max: at(last) }
}

export function side(slices: readonly Slice[], megabytes: number): Side {
  const middle = (pick: (latency: Latency) => number): number =>
    spread(slices.map(({ latency }) => pick(latency))).median
  return {
    perSecond: spread(slices.map((slice) => slice.perSecond)),
    latency: {
      p50: middle(({ p50 }) => p50),
      p95: middle(({ p95 }) => p95),
      p99: middle(({ p99 }) => p99),
      max: Math.max(...slices.map(({ latency }) => latency.max)),
    },
    cpuMicroseconds: spread(slices.map((slice) => slice.cpuMicroseconds)),
    megabytes,
  }
}
