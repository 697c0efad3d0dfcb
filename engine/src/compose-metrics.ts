import { statfsSync } from 'node:fs'
import { labelsOf, registryFamilies, watchFamilies } from './compose-center-metrics.ts'
import type { Domain, OwnState, Surroundings } from './compose-domain.ts'
import type { Admission } from './http/admission.ts'
import { counter, gauge, histogram, type MetricFamily, type Sample } from './http/exposition.ts'
import type { Traffic } from './http/traffic.ts'
import type { LoopDelay } from './kernel/loop-delay.ts'
import type { RecentRate } from './kernel/recent-rate.ts'
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
  /** Where the store is; undefined: in memory. */
  readonly folder: string | undefined
  /** Processor seconds per second. */
  readonly cpu: RecentRate
}

/** What the engine tells Prometheus of itself, as of now. Families of Service Center first, where it has them. */
export function engineFamilies(domain: Domain, sources: Sources): MetricFamily[] {
  const instance = sources.state.url.replace(/^\w+:\/\//, '')
  return [
    ...sources.traffic.families(instance),
    ...registryFamilies(domain, instance),
    ...watchFamilies(sources.hub.load(), instance),
    ...storageFamilies(domain, sources),
    ...diskFamilies(sources.folder),
    gauge('rollcall_beat_channels', 'Open WebSockets for heartbeats.', sources.channels.size),
    ...loadFamilies(domain, sources),
    ...processFamilies(sources, instance),
  ]
}

function storageFamilies({ commits, audit, preservation }: Domain, { store, journal }: Sources): MetricFamily[] {
  const { characters, lost } = audit.backlog()
  return [
    histogram('rollcall_store_commit_duration_seconds', 'Time until a commit is durable.', commits.seconds),
    gauge('rollcall_store_commits_waiting', 'Commits that wait for the store.', commits.underWay),
    counter('rollcall_store_commits_overtaken_total', 'Commits that were decided again.', commits.overtaken),
    counter('rollcall_store_commits_refused_total', 'Commits that the store refused.', commits.refused),
    gauge('rollcall_leases', 'Leases that are running.', store.leases ?? 0),
    counter('rollcall_leases_ended_total', 'Leases that ran out: their instances are gone.', preservation.ended),
    gauge('rollcall_preserved_services', 'Services whose silent instances are kept for now.', preservation.services),
    gauge(
      'rollcall_journal_waiting_characters',
      'What waits for the disk of the journal.',
      journal.waitingCharacters ?? 0,
    ),
    gauge('rollcall_audit_waiting_characters', 'What of the audit log waits for the disk.', characters),
    counter('rollcall_audit_lost_entries_total', 'Entries of the audit log that could not be written.', lost),
  ]
}

/** Room on the disk of the store. One call of the system; a disk that is gone has no numbers, and fails no scrape. */
function diskFamilies(folder: string | undefined): MetricFamily[] {
  if (folder === undefined) return []
  try {
    const { bavail, blocks, bsize } = statfsSync(folder)
    return [
      gauge('rollcall_store_disk_free_bytes', 'What the disk of the store has left for the engine.', bavail * bsize),
      gauge('rollcall_store_disk_size_bytes', 'How large the disk of the store is.', blocks * bsize),
    ]
  } catch {
    return []
  }
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

function processFamilies({ tls, cpu }: Sources, instance: string): MetricFamily[] {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  const cpuSeconds = (user + system) / 1_000_000
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
    {
      name: 'service_center_process_cpu_usage',
      kind: 'gauge',
      help: 'Processors in use since somebody last looked, at least ten seconds ago; 1 is one whole processor.',
      samples: [{ labels: { instance }, value: cpu.of(cpuSeconds) }],
    },
    counter('process_cpu_seconds_total', 'Processor time.', cpuSeconds),
    gauge('process_resident_memory_bytes', 'Memory that the process takes.', rss),
    gauge('process_start_time_seconds', 'When the process started.', performance.timeOrigin / 1000),
    gauge('nodejs_heap_size_used_bytes', 'Memory that objects take.', heapUsed),
  ]
}
