import { INTERFACE_WIDTH } from '@rollcall/protocol/metrics'
import type { MetricNumbers, Percentiles } from './types.ts'

/**
 * A record is what is kept of one interface (or many) in one span of time: numbers that can be added to those of any
 * other record. Means are kept as sums weighted by calls, so that adding records never skews them.
 */
const REPORTS = 0
const QPS = 1
const TOTAL = 2
const FAILURE = 3
const LATENCY = 4
const PERCENTILES = 5
const WORST = 12
const REJECTIONS = 19
const OPEN = 23

/** Numbers in a record. */
export const RECORD_WIDTH = 24

/** Places in a report's numbers (see INTERFACE_NUMBERS). */
const REPORTED_LATENCY = 3
const REPORTED_PERCENTILES = 4
const REPORTED_REJECTIONS = 11

const PERCENTILE_COUNT = 7
const REJECTION_COUNT = 4

/** Weight of a report without calls: its times count only where there is nothing better. */
const IDLE_WEIGHT = 1e-6

type Numbers = Float32Array | Float64Array

/** The numbers of one interface in a report: from this place on. */
export interface ReportedNumbers {
  readonly numbers: Float64Array
  readonly from: number
}

/** Adds what one report says of an interface. */
export function addReport(record: Numbers, at: number, { numbers, from }: ReportedNumbers): void {
  const total = numbers[from + 1] as number
  const weight = total > 0 ? total : IDLE_WEIGHT
  record[at] = (record[at] as number) + 1
  record[at + QPS] = (record[at + QPS] as number) + (numbers[from] as number)
  record[at + TOTAL] = (record[at + TOTAL] as number) + total
  record[at + FAILURE] = (record[at + FAILURE] as number) + (numbers[from + 2] as number)
  record[at + LATENCY] = (record[at + LATENCY] as number) + (numbers[from + REPORTED_LATENCY] as number) * weight
  for (let index = 0; index < PERCENTILE_COUNT; index++) {
    const value = numbers[from + REPORTED_PERCENTILES + index] as number
    if (value === 0) continue
    const sum = at + PERCENTILES + index
    record[sum] = (record[sum] as number) + value * weight
    const worst = at + WORST + index
    if (value > (record[worst] as number)) record[worst] = value
  }
  for (let index = 0; index < REJECTION_COUNT; index++) {
    const value = numbers[from + REPORTED_REJECTIONS + index] as number
    if (value !== 0) record[at + REJECTIONS + index] = (record[at + REJECTIONS + index] as number) + value
  }
  if (numbers[from + INTERFACE_WIDTH - 1] !== 0) record[at + OPEN] = 1
}

/**
 * Adds a record of one source to a sum over sources. Of several reports that fall into one span the counts add up, but
 * the calls per second are their mean.
 */
export function addRecord(sum: Float64Array, record: Numbers, at: number): void {
  const reports = record[at] as number
  sum[REPORTS] = (sum[REPORTS] as number) + reports
  sum[QPS] = (sum[QPS] as number) + (record[at + QPS] as number) / Math.max(reports, 1)
  for (let index = TOTAL; index < WORST; index++) sum[index] = (sum[index] as number) + (record[at + index] as number)
  for (let index = WORST; index < REJECTIONS; index++) {
    sum[index] = Math.max(sum[index] as number, record[at + index] as number)
  }
  for (let index = REJECTIONS; index < OPEN; index++) {
    sum[index] = (sum[index] as number) + (record[at + index] as number)
  }
  if (record[at + OPEN] !== 0) sum[OPEN] = 1
}

/** Adds a record of the same source that is about another part of the same span. */
export function mergeRecord(into: Float32Array, record: Float32Array): void {
  for (let index = 0; index < RECORD_WIDTH; index++) {
    const [here, there] = [into[index] as number, record[index] as number]
    const isLargest = index === OPEN || (index >= WORST && index < REJECTIONS)
    into[index] = isLargest ? Math.max(here, there) : here + there
  }
}

/** The record that begins at a place, not copied. */
export function recordAt(numbers: Float32Array, at: number): Float32Array {
  return numbers.subarray(at, at + RECORD_WIDTH)
}

export function newSum(): Float64Array {
  return new Float64Array(RECORD_WIDTH)
}

/** Whether anything was added. */
export function hasReports(record: Numbers, at = 0): boolean {
  return record[at] !== 0
}

export function totalOf(sum: Float64Array): number {
  return sum[TOTAL] as number
}

/** Reads a sum. @param qps calls per second, where the sum's own are not meant */
export function numbersOf(sum: Float64Array, qps = sum[QPS] as number): MetricNumbers {
  const total = sum[TOTAL] as number
  const failure = sum[FAILURE] as number
  const weight = total > 0 ? total : (sum[REPORTS] as number) * IDLE_WEIGHT
  const failureRate = total > 0 ? Math.min(failure / total, 1) * 100 : 0
  const [shortCircuited = 0, semaphoreRejected = 0, threadPoolRejected = 0, countTimeout = 0] = sum.subarray(
    REJECTIONS,
    OPEN,
  )
  return {
    qps: readable(qps),
    latency: readable(weight > 0 ? (sum[LATENCY] as number) / weight : 0),
    rate: readable(100 - failureRate),
    failureRate: readable(failureRate),
    total: readable(total),
    failure: readable(failure),
    breakerRateAgg: shortCircuited > 0 ? readable((shortCircuited / (total + shortCircuited)) * 100) : 0,
    circuitBreakerOpen: sum[OPEN] !== 0,
    shortCircuited: readable(shortCircuited),
    semaphoreRejected: readable(semaphoreRejected),
    threadPoolRejected: readable(threadPoolRejected),
    countTimeout: readable(countTimeout),
    ...percentiles(sum, PERCENTILES, weight > 0 ? weight : 1),
    worst: percentiles(sum, WORST, 1),
  }
}

function percentiles(sum: Float64Array, from: number, weight: number): Percentiles {
  const at = (index: number) => readable((sum[from + index] as number) / weight)
  return { l995: at(0), l99: at(1), l90: at(2), l75: at(3), l50: at(4), l25: at(5), l5: at(6) }
}

/** Without the digits that come from being kept in 32 bits. */
function readable(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(6))
}
