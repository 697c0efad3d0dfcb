import { type MetricReport, readMetricReport } from '@rollcall/protocol/metrics'
import { type MetricThreshold, readThresholds } from '@rollcall/protocol/thresholds'
import type { CurrentGroup, Metrics, ReportingVersion, Thresholds } from '../../domain/metrics/index.ts'
import { fail } from '../../kernel/failure.ts'
import { METRIC_BODY_BYTES_MAX, METRIC_TOP_MAX } from '../../kernel/limits.ts'
import { EMPTY, json, jsonText } from '../answers.ts'
import type { Answer, Audited, Call, ReaderSpec, Route } from '../call.ts'
import { PROMETHEUS } from '../exposition.ts'
import { metricList, seriesColumns } from '../metric-answers.ts'
import { expose } from '../metric-exposition.ts'
import { levelOf, namesOf, numberOf, selectionOf } from '../metric-query.ts'
import { type MetricStreams, STREAM_PERMISSION } from '../metric-streams.ts'
import { may } from '../permission.ts'
import { ofMetrics } from '../scopes.ts'
import { sightOf } from '../visible.ts'

const REPORT: ReaderSpec = { read: readMetricReport, bytesMax: METRIC_BODY_BYTES_MAX, invalid: 'MetricInvalid' }
const THRESHOLDS: ReaderSpec = { read: readThresholds, bytesMax: METRIC_BODY_BYTES_MAX, invalid: 'InvalidParameters' }

interface Needs {
  readonly metrics: Metrics
  readonly thresholds: Thresholds
  readonly streams: MetricStreams
}

/** Metrics: what instances report, and what is read of it. */
export function metricRoutes({ metrics, thresholds, streams }: Needs): Route[] {
  const upload = {
    family: 'monitoring',
    method: 'POST',
    permission: may('update', 'service', ofMetrics),
    audit: 'report',
    body: REPORT,
  } as const
  const read = { family: 'monitoring-v3', method: 'GET', permission: may('get', 'service', 'shown') } as const
  const take = (call: Call) => report(metrics, call)
  const at = (noun: string) => `/v3/:project/csemonitor/${noun}`
  return [
    { ...upload, path: '/v2/:project/csemonitor/metric', handle: take },
    { ...upload, path: '/csemonitor/v1/metric', handle: take },
    { ...read, path: at('metric'), handle: (call) => current(metrics, call) },
    { ...read, path: at('series'), handle: (call) => series(metrics, call) },
    { ...read, path: at('top'), handle: (call) => top(metrics, call) },
    { ...read, path: at('services'), handle: (call) => services(metrics, call) },
    // Of all tenants, so it is for those who run the engine.
    {
      method: 'GET',
      family: 'plain',
      permission: may('get', 'ops'),
      path: '/metrics/services',
      handle: () => exposition(metrics),
    },
    { ...read, permission: STREAM_PERMISSION, path: at('stream'), handle: (call) => streams.answer(call) },
    { ...read, path: at('thresholds'), handle: (call) => listThresholds(thresholds, call) },
    {
      ...read,
      method: 'PUT',
      path: at('thresholds'),
      permission: may('update', 'ops'),
      audit: thresholdsSet(thresholds),
      body: THRESHOLDS,
      handle: (call) => setThresholds(thresholds, call),
    },
  ]
}

function report(metrics: Metrics, { tenant, body }: Call): Answer {
  metrics.report(tenant, body as MetricReport)
  return EMPTY
}

async function current(metrics: Metrics, call: Call): Promise<Answer> {
  namesOf(call, 'service')
  const level = levelOf(call, call.query.get('instance') === '' ? 'version' : 'instance')
  const groups = await metrics.current({ tenant: call.tenant, selection: selectionOf(call), level })
  return jsonText(await metricList(groups))
}

/** From where on a series begins when nobody says. */
const SERIES_SECONDS = 300

function series(metrics: Metrics, call: Call): Answer {
  const now = metrics.now()
  const to = numberOf(call, 'to', now)
  const from = numberOf(call, 'from', to - SERIES_SECONDS * 1000)
  if (from > to) fail('InvalidParameters', 'from: later than to')
  const stepSeconds = numberOf(call, 'step', 0)
  const level = levelOf(call, 'version')
  const answer = metrics.series(call.tenant, { selection: selectionOf(call), level, from, to, stepSeconds })
  return json(seriesColumns(answer))
}

const ORDERS = {
  qps: ({ numbers }: CurrentGroup) => numbers.qps,
  latency: ({ numbers }: CurrentGroup) => numbers.latency,
  failureRate: ({ numbers }: CurrentGroup) => numbers.failureRate,
} as const

const TOP_DEFAULT = 10

/** The groups that have the most of something; silent ones are left out. */
async function top(metrics: Metrics, call: Call): Promise<Answer> {
  const order = call.query.get('order') || 'qps'
  if (!Object.hasOwn(ORDERS, order)) fail('InvalidParameters', `order: not one of ${Object.keys(ORDERS).join(', ')}`)
  const limit = numberOf(call, 'limit', TOP_DEFAULT)
  if (!(limit >= 1 && limit <= METRIC_TOP_MAX)) fail('InvalidParameters', `limit: not from 1 to ${METRIC_TOP_MAX}`)
  const value = ORDERS[order as keyof typeof ORDERS]
  const level = levelOf(call, 'interface')
  const groups = await metrics.current({ tenant: call.tenant, selection: selectionOf(call), level })
  const first = groups.filter(({ isSilent }) => !isSilent).sort((one, other) => value(other) - value(one))
  return jsonText(await metricList(first.slice(0, Math.floor(limit))))
}

function services(metrics: Metrics, call: Call): Answer {
  return json({ services: metrics.reporting(call.tenant, selectionOf(call)).map(reportingInfo) })
}

function reportingInfo({ id, instances, lastAt, isSilent }: ReportingVersion): object {
  return {
    ...id,
    lastReport: lastAt,
    silent: isSilent,
    instances: instances.map(({ lastAt: lastReport, isSilent: silent, gauges, ...rest }) => {
      return { ...rest, lastReport, silent, ...gauges }
    }),
  }
}

async function exposition(metrics: Metrics): Promise<Answer> {
  return { status: 200, headers: PROMETHEUS, body: Buffer.from(await expose(metrics)) }
}

function listThresholds(thresholds: Thresholds, call: Call): Answer {
  const sight = sightOf(call)
  const found = thresholds.list(call.tenant, namesOf(call, 'services'))
  const shown = sight === undefined ? found : found.filter(sight.sees)
  return json(shown.map(({ setAt, ...rest }) => ({ $timestamp: setAt, ...rest })))
}

function thresholdsSet(thresholds: Thresholds): Audited {
  const named = ({ body }: Call) => new Set((body as readonly MetricThreshold[]).map(({ serviceName }) => serviceName))
  return {
    action: 'threshold.set',
    resource: (call) => [...named(call)].join(','),
    state: (call) => {
      const known = thresholds.list(call.tenant, named(call))
      return known.length === 0 ? undefined : JSON.stringify(known)
    },
  }
}

async function setThresholds(thresholds: Thresholds, { tenant, body }: Call): Promise<Answer> {
  await thresholds.set(tenant, body as readonly MetricThreshold[])
  return EMPTY
}
