import type { Latency } from './histogram.ts'

/** The middle of several values and how far they lie apart. */
export interface Spread {
  readonly median: number
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
  const middle = (sorted.length - 1) / 2
  const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2
  return { median, min: at(0), max: at(sorted.length - 1) }
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
