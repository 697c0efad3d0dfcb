import type { CurrentGroup, Metrics, ReportingVersion } from '../domain/metrics/index.ts'
import { METRIC_EXPOSED_VERSIONS_MAX } from '../kernel/limits.ts'
import { labelText } from './exposition.ts'

/** A version of a service with its newest numbers. */
interface Exposed {
  readonly version: ReportingVersion
  readonly current: CurrentGroup | undefined
}

interface Family {
  readonly name: string
  readonly kind: 'counter' | 'gauge'
  readonly help: string
  /** Undefined: there is no sample. */
  readonly value: (exposed: Exposed) => number | undefined
}

/** A value of the newest report; of silent services there is none, because what was last known is not what is. */
const living = (read: (group: CurrentGroup) => number) => (exposed: Exposed) =>
  exposed.current === undefined || exposed.current.isSilent ? undefined : read(exposed.current)

const FAMILIES: readonly Family[] = [
  {
    name: 'rollcall_service_calls_total',
    kind: 'counter',
    help: 'Calls that instances reported since the engine started.',
    value: ({ version }) => version.calls,
  },
  {
    name: 'rollcall_service_failures_total',
    kind: 'counter',
    help: 'Failed calls that instances reported since the engine started.',
    value: ({ version }) => version.failures,
  },
  {
    name: 'rollcall_service_calls_per_second',
    kind: 'gauge',
    help: 'Calls per second, all interfaces and instances together.',
    value: living(({ numbers }) => numbers.qps),
  },
  {
    name: 'rollcall_service_latency_seconds',
    kind: 'gauge',
    help: 'Mean latency over all calls.',
    value: living(({ numbers }) => numbers.latency / 1000),
  },
  {
    name: 'rollcall_service_latency_worst_p99_seconds',
    kind: 'gauge',
    help: 'Largest 99th percentile of all interfaces.',
    value: living(({ numbers }) => numbers.worst.l99 / 1000),
  },
  {
    name: 'rollcall_service_failure_ratio',
    kind: 'gauge',
    help: 'Share of calls that failed, 0 to 1.',
    value: living(({ numbers }) => numbers.failureRate / 100),
  },
  {
    name: 'rollcall_service_breaker_open',
    kind: 'gauge',
    help: 'Whether any circuit breaker is open.',
    value: living(({ numbers }) => Number(numbers.circuitBreakerOpen)),
  },
  {
    name: 'rollcall_service_reporting_instances',
    kind: 'gauge',
    help: 'Instances that report.',
    value: ({ version }) => version.instances.filter(({ isSilent }) => !isSilent).length,
  },
  {
    name: 'rollcall_service_silent_instances',
    kind: 'gauge',
    help: 'Instances that have reported and no longer do.',
    value: ({ version }) => version.instances.filter(({ isSilent }) => isSilent).length,
  },
]

/**
 * What services reported, in the text format of Prometheus: one sample per version and number, never one per interface
 * or instance. Beyond METRIC_EXPOSED_VERSIONS_MAX versions those that reported last are shown, and the rest counted.
 */
export async function expose(metrics: Metrics): Promise<string> {
  const versions = metrics.allReporting().sort((one, other) => other.lastAt - one.lastAt)
  const current = await currentByLabels(metrics, new Set(versions.map(({ tenant }) => tenant)))
  const shown = versions.slice(0, METRIC_EXPOSED_VERSIONS_MAX).map((version) => {
    const labels = labelsOf(version.tenant, version.id)
    return { exposed: { version, current: current.get(labels) }, labels }
  })
  const lines: string[] = []
  for (const { name, kind, help, value } of FAMILIES) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`)
    for (const { exposed, labels } of shown) {
      const number = value(exposed)
      if (number !== undefined) lines.push(`${name}{${labels}} ${number}`)
    }
  }
  const { usedBytes, lostSamples } = metrics.use()
  return [...lines, ...own(usedBytes, lostSamples, versions.length - shown.length), ''].join('\n')
}

async function currentByLabels(metrics: Metrics, tenants: ReadonlySet<string>): Promise<Map<string, CurrentGroup>> {
  const groups = new Map<string, CurrentGroup>()
  for (const tenant of tenants) {
    for (const group of await metrics.current({ tenant, selection: {}, level: 'version' })) {
      groups.set(labelsOf(tenant, group.name), group)
    }
  }
  return groups
}

function own(usedBytes: number, lostSamples: number, hidden: number): string[] {
  return [
    '# HELP rollcall_metrics_bytes Memory that samples take.',
    '# TYPE rollcall_metrics_bytes gauge',
    `rollcall_metrics_bytes ${usedBytes}`,
    '# HELP rollcall_metrics_lost_samples_total Samples that were not kept for want of room.',
    '# TYPE rollcall_metrics_lost_samples_total counter',
    `rollcall_metrics_lost_samples_total ${lostSamples}`,
    '# HELP rollcall_metrics_hidden_versions Versions that report and are not shown here.',
    '# TYPE rollcall_metrics_hidden_versions gauge',
    `rollcall_metrics_hidden_versions ${hidden}`,
  ]
}

function labelsOf(tenant: string, id: CurrentGroup['name']): string {
  const slash = tenant.indexOf('/')
  const labels = {
    domain: tenant.slice(0, slash),
    project: tenant.slice(slash + 1),
    environment: id.environment,
    app: id.appId,
    service: id.serviceName ?? '',
    version: id.version ?? '',
  }
  return labelText(labels)
}
