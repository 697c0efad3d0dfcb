import type { Domain, OwnState, Surroundings } from './compose-domain.ts'
import type { Admission } from './http/admission.ts'
import type { MetricFamily, Sample } from './http/exposition.ts'
import type { Traffic } from './http/traffic.ts'
import { EXPOSED_TENANTS_MAX } from './kernel/limits.ts'
import type { LoopDelay } from './kernel/loop-delay.ts'
import { VERSION } from './version.ts'
import type { BeatChannels } from './watch/beat-channels.ts'
import type { WatchHub } from './watch/hub.ts'

/** What is asked besides the domain. */
type Sources = Surroundings & {
  readonly hub: WatchHub
  readonly channels: BeatChannels
  readonly admission: Pick<Admission, 'level'>
  readonly traffic: Traffic
  readonly loop: LoopDelay
  readonly state: Pick<OwnState, 'url'>
}

type Value = Sample['value']

/** What the engine tells Prometheus of itself, as of now. Families of Service Center first, where it has them. */
export function engineFamilies(domain: Domain, sources: Sources): MetricFamily[] {
  const instance = sources.state.url.replace(/^\w+:\/\//, '')
  return [
    ...sources.traffic.families(instance),
    ...registryFamilies(domain, instance),
    ...watchFamilies(sources, instance),
    ...storageFamilies(domain, sources),
    ...loadFamilies(domain, sources),
    ...processFamilies(sources),
  ]
}

function registryFamilies({ registry, instances }: Domain, instance: string): MetricFamily[] {
  const tenants = [...registry.tenants()]
  const { taken, refused } = instances.beats
  const shown = tenants.slice(0, EXPOSED_TENANTS_MAX)
  const rest = tenants.slice(EXPOSED_TENANTS_MAX)
  const counted = (count: (tenant: string) => number): Sample[] => [
    ...shown.map((tenant) => ({ labels: { instance, ...labelsOf(tenant) }, value: count(tenant) })),
    ...(rest.length === 0 ? [] : [{ labels: { instance, ...OTHERS }, value: sum(rest.map(count)) }]),
  ]
  return [
    {
      name: 'service_center_db_domain_total',
      kind: 'gauge',
      help: 'Domains that have services.',
      samples: [{ labels: { instance }, value: new Set(tenants.map((tenant) => labelsOf(tenant).domain)).size }],
    },
    {
      name: 'service_center_db_service_total',
      kind: 'gauge',
      help: "Services, without the engine's own.",
      samples: counted((tenant) => registry.serviceCount(tenant)),
    },
    {
      name: 'service_center_db_instance_total',
      kind: 'gauge',
      help: "Instances, without the engine's own.",
      samples: counted((tenant) => registry.instanceCount(tenant)),
    },
    {
      name: 'service_center_db_heartbeat_total',
      kind: 'counter',
      help: 'Heartbeats of instances.',
      samples: [
        { labels: { instance, status: 'success' }, value: taken },
        { labels: { instance, status: 'failure' }, value: refused },
      ],
    },
  ]
}

function watchFamilies({ hub, channels }: Sources, instance: string): MetricFamily[] {
  const { byDomain, slow, waiting, told } = hub.load()
  const source = 'instance'
  return [
    {
      name: 'service_center_notify_subscriber_total',
      kind: 'gauge',
      help: 'Open watches.',
      samples: [...byDomain].map(([domain, value]) => ({ labels: { instance, domain, scheme: 'ws' }, value })),
    },
    {
      name: 'service_center_notify_publish_total',
      kind: 'counter',
      help: 'Changes told to watches.',
      samples: [{ labels: { instance, source, status: 'success' }, value: told }],
    },
    {
      name: 'service_center_notify_pending_total',
      kind: 'gauge',
      help: 'Changes that wait for watches whose connection is full.',
      samples: [{ labels: { instance, source }, value: waiting }],
    },
    gauge('rollcall_watches_slow', 'Watches whose connection is full.', slow),
    gauge('rollcall_beat_channels', 'Open WebSockets for heartbeats.', channels.size),
  ]
}

function storageFamilies({ commits, audit }: Domain, { store, journal }: Sources): MetricFamily[] {
  const { characters, lost } = audit.backlog()
  return [
    histogram('rollcall_store_commit_duration_seconds', 'Time until a commit is durable.', commits.seconds),
    gauge('rollcall_store_commits_waiting', 'Commits that wait for the store.', commits.underWay),
    counter('rollcall_store_commits_overtaken_total', 'Commits that were decided again.', commits.overtaken),
    counter('rollcall_store_commits_refused_total', 'Commits that the store refused.', commits.refused),
    gauge('rollcall_leases', 'Leases that are running.', store.leases ?? 0),
    gauge(
      'rollcall_journal_waiting_characters',
      'What waits for the disk of the journal.',
      journal.waitingCharacters ?? 0,
    ),
    gauge('rollcall_audit_waiting_characters', 'What of the audit log waits for the disk.', characters),
    counter('rollcall_audit_lost_entries_total', 'Entries of the audit log that could not be written.', lost),
  ]
}

function loadFamilies({ quotas, alarms }: Domain, { loop, admission }: Sources): MetricFamily[] {
  const near = quotas.nearLimit()
  const quota = (value: (state: (typeof near)[number]) => number): Sample[] =>
    near.map((state) => ({ labels: { ...labelsOf(state.tenant), resource: state.resource }, value: value(state) }))
  return [
    histogram('rollcall_event_loop_delay_seconds', 'How late what is due comes to its turn.', loop.seconds),
    gauge('rollcall_overload_level', '0 none, 1 finds are refused, 2 only heartbeats are served.', admission.level),
    {
      name: 'rollcall_quota_used',
      kind: 'gauge',
      help: 'What a tenant has of a quota that it has used up to 80 %.',
      samples: quota(({ used }) => used),
    },
    {
      name: 'rollcall_quota_limit',
      kind: 'gauge',
      help: 'What a tenant may have of a quota that it has used up to 80 %.',
      samples: quota(({ limit }) => limit),
    },
    {
      name: 'rollcall_alarm_active',
      kind: 'gauge',
      help: 'Alarms about the engine: 1 raised, 0 over.',
      samples: alarms
        .list()
        .map(({ id, status }) => ({ labels: { alarm: id }, value: Number(status === 'ACTIVATED') })),
    },
  ]
}

function processFamilies({ tls, clock }: Sources): MetricFamily[] {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  const started = clock.now() / 1000 - process.uptime()
  const build = { version: VERSION, node: process.version }
  return [
    {
      name: 'rollcall_build_info',
      kind: 'gauge',
      help: 'What runs.',
      samples: [{ labels: build, value: 1 }],
    },
    ...(tls === undefined
      ? []
      : [gauge('rollcall_certificate_end_seconds', 'When the certificate ends.', tls.validUntil.getTime() / 1000)]),
    counter('process_cpu_seconds_total', 'Processor time.', (user + system) / 1_000_000),
    gauge('process_resident_memory_bytes', 'Memory that the process takes.', rss),
    gauge('process_start_time_seconds', 'When the process started.', started),
    gauge('nodejs_heap_size_used_bytes', 'Memory that objects take.', heapUsed),
  ]
}

const gauge = (name: string, help: string, value: number) => single('gauge', { name, help, value })
const counter = (name: string, help: string, value: number) => single('counter', { name, help, value })
const histogram = (name: string, help: string, value: Value) => single('histogram', { name, help, value })

function single(
  kind: MetricFamily['kind'],
  { name, help, value }: { readonly name: string; readonly help: string; readonly value: Value },
): MetricFamily {
  return { name, kind, help, samples: [{ value }] }
}

const OTHERS = { domain: '(others)', project: '' }

function labelsOf(tenant: string) {
  const slash = tenant.indexOf('/')
  return { domain: tenant.slice(0, slash), project: tenant.slice(slash + 1) }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
