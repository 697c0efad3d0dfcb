import type { MetricReport } from '@rollcall/protocol/metrics'
import { readMetricReport } from '@rollcall/protocol/metrics'
import type { CurrentGroup, Level, Metrics, Selection } from '../../domain/metrics/index.ts'
import { LEVELS } from '../../domain/metrics/index.ts'
import { fail } from '../../kernel/failure.ts'
import { METRIC_BODY_BYTES_MAX } from '../../kernel/limits.ts'
import { EMPTY, json } from '../answers.ts'
import type { Answer, Call, ReaderSpec, Route } from '../call.ts'
import { may } from '../permission.ts'

const READ = '/v3/:project/csemonitor'
const BODY: ReaderSpec = { read: readMetricReport, bytesMax: METRIC_BODY_BYTES_MAX, invalid: 'MetricInvalid' }

/** Metrics: what instances report, and what is read of it. */
export function metricRoutes(metrics: Metrics): Route[] {
  const upload = { family: 'monitoring', method: 'POST', permission: may('update', 'service'), body: BODY } as const
  const read = { family: 'monitoring-v3', method: 'GET', permission: may('get', 'service') } as const
  const take = (call: Call) => report(metrics, call)
  return [
    { ...upload, path: '/v2/:project/csemonitor/metric', handle: take },
    { ...upload, path: '/csemonitor/v1/metric', handle: take },
    { ...read, path: `${READ}/metric`, handle: (call) => current(metrics, call) },
  ]
}

function report(metrics: Metrics, { tenant, body }: Call): Answer {
  metrics.report(tenant, body as MetricReport)
  return EMPTY
}

function current(metrics: Metrics, call: Call): Answer {
  const { tenant, query } = call
  if (query.get('service') === '') fail('InvalidParameters', 'service: missing')
  const level = levelOf(call, query.get('instance') === '' ? 'version' : 'instance')
  return json(metrics.current({ tenant, selection: selectionOf(call), level }).map(metricInfo))
}

/** What a query narrows its answer to; `service` is a comma list of names. */
function selectionOf({ query }: Call): Selection {
  const selection: Record<string, unknown> = {}
  for (const [member, name] of NARROWING) {
    const value = query.get(name)
    if (value !== '') selection[member] = value
  }
  const names = query.get('service')
  return names === '' ? selection : { ...selection, serviceNames: new Set(names.split(',')) }
}

const NARROWING = [
  ['environment', 'environment'],
  ['appId', 'appId'],
  ['version', 'version'],
  ['instance', 'instance'],
  ['function', 'function'],
] as const

function levelOf({ query }: Call, fallback: Level): Level {
  const asked = query.get('by') || fallback
  const level = LEVELS.find((name) => name === asked)
  return level ?? fail('InvalidParameters', `by: must be one of ${LEVELS.join(', ')}`)
}

/** An element of the answer, with the members that CSE documents first. */
function metricInfo({ name, numbers, time, gauges, ...rest }: CurrentGroup): object {
  const { worst, ...plain } = numbers
  const { instances, silentInstances, isSilent, interfaces } = rest
  const { memory, ...own } = gauges ?? { memory: undefined }
  return {
    time,
    ...name,
    ...plain,
    worst,
    functionCount: interfaces,
    instances,
    silentInstances,
    silent: isSilent,
    ...own,
    ...(memory === undefined ? {} : { memory }),
  }
}
