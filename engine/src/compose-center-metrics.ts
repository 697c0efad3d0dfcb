import type { Domain } from './compose-domain.ts'
import { gauge, type MetricFamily, type Sample } from './http/exposition.ts'
import { OTHERS } from './http/row-count.ts'
import { inMicroseconds } from './http/traffic-families.ts'
import { EXPOSED_FRAMEWORKS_MAX, EXPOSED_TENANTS_MAX } from './kernel/limits.ts'
import type { WatchLoad } from './watch/hub.ts'

/** Families of Service Center about what is registered and who is told of it. Used by compose-metrics.ts only. */

/** What is registered, and how it comes there. */
export function registryFamilies(domain: Domain, instance: string): MetricFamily[] {
  const tenants = [...domain.registry.tenants()]
  const domains = new Set(tenants.map((tenant) => labelsOf(tenant).domain))
  return [
    centerGauge('db_sc_total', 'Engines: this one.', [{ labels: { instance }, value: 1 }]),
    centerGauge('db_domain_total', 'Domains that have services.', [{ labels: { instance }, value: domains.size }]),
    ...tenantFamilies(domain, tenants, instance),
    ...usageFamilies(domain, tenants, instance),
    ...eventFamilies(domain, instance),
    centerGauge('local_cache_size_bytes', 'Answers to finds that are kept.', [
      { labels: { instance, resource: 'instances', type: 'answers' }, value: domain.registry.kept.bytes },
    ]),
  ]
}

interface Counted {
  readonly labels: NonNullable<Sample['labels']>
  services: number
  instances: number
}

/** Of the first tenants each by itself, of the others all together. */
function tenantFamilies({ registry }: Domain, tenants: readonly string[], instance: string): MetricFamily[] {
  const shown = tenants.slice(0, EXPOSED_TENANTS_MAX)
  const rest = tenants.slice(EXPOSED_TENANTS_MAX)
  const others: Counted = {
    labels: { instance, ...NO_FRAMEWORK, domain: OTHERS, project: '' },
    services: 0,
    instances: 0,
  }
  for (const tenant of rest) {
    others.services += registry.serviceCount(tenant)
    others.instances += registry.instanceCount(tenant)
  }
  const counted = shown.flatMap((tenant) =>
    byFramework(registry.counts(tenant).frameworks, { instance, ...labelsOf(tenant) }),
  )
  const all = rest.length === 0 ? counted : [...counted, others]
  const schemas = shown.map((tenant) => {
    return { labels: { instance, ...labelsOf(tenant) }, value: registry.counts(tenant).schemas }
  })
  const services = all.map(({ labels, services: value }) => ({ labels, value }))
  return [
    centerGauge('db_service_total', "Services, without the engine's own.", services),
    centerGauge(
      'db_instance_total',
      "Instances, without the engine's own.",
      all.map(({ labels, instances: value }) => ({ labels, value })),
    ),
    centerGauge('db_schema_total', 'Contracts that services list.', schemas),
    centerGauge(
      'db_framework_total',
      'Services that say with which framework they are made.',
      services.filter(({ labels }) => labels.framework !== ''),
    ),
  ]
}

const NO_FRAMEWORK = { framework: '', frameworkVersion: '' }

/** The first frameworks of a tenant each by itself, the others together. */
function byFramework(
  frameworks: ReturnType<Domain['registry']['counts']>['frameworks'],
  tenant: { readonly instance: string; readonly domain: string; readonly project: string },
): Counted[] {
  const { instance, ...place } = tenant
  const counted: Counted[] = []
  for (const { name, version, services, instances } of frameworks) {
    const last = counted.at(-1)
    if (counted.length > EXPOSED_FRAMEWORKS_MAX && last !== undefined) {
      last.services += services
      last.instances += instances
    } else {
      const isOther = counted.length === EXPOSED_FRAMEWORKS_MAX
      const framework = isOther
        ? { framework: OTHERS, frameworkVersion: '' }
        : { framework: name, frameworkVersion: version }
      counted.push({ labels: { instance, ...framework, ...place }, services, instances })
    }
  }
  return counted
}

/** How much the fullest tenant has of what it may have. No number where another service says how much that is. */
function usageFamilies({ registry, quotas }: Domain, tenants: readonly string[], instance: string): MetricFamily[] {
  const most = { service: 0, instance: 0 }
  for (const tenant of tenants) {
    const limits = quotas.settable(tenant)
    if (limits === undefined) return []
    if (limits.service > 0) most.service = Math.max(most.service, registry.serviceCount(tenant) / limits.service)
    if (limits.instance > 0) most.instance = Math.max(most.instance, registry.instanceCount(tenant) / limits.instance)
  }
  const used = 'the fullest tenant has of its quota, 0 to 1.'
  return [
    centerGauge('db_service_usage', `What ${used}`, [{ labels: { instance }, value: most.service }]),
    centerGauge('db_instance_usage', `What ${used}`, [{ labels: { instance }, value: most.instance }]),
  ]
}

function eventFamilies({ instances, feed }: Domain, instance: string): MetricFamily[] {
  const { taken, refused } = instances.beats
  const events = [...feed.byPrefix].map(([prefix, folded]) => ({ labels: { instance, prefix }, folded }))
  return [
    {
      name: 'service_center_db_heartbeat_total',
      kind: 'counter',
      help: 'Heartbeats of instances.',
      samples: [
        { labels: { instance, status: 'success' }, value: taken },
        { labels: { instance, status: 'failure' }, value: refused },
      ],
    },
    {
      name: 'service_center_db_backend_event_total',
      kind: 'counter',
      help: 'Changes of the store that were folded into memory.',
      samples: events.map(({ labels, folded }) => ({ labels, value: folded.count })),
    },
    {
      name: 'service_center_db_backend_event_durations_microseconds',
      kind: 'summary',
      help: 'Time until such a change is in memory and all who watch for it are told.',
      samples: events.map(({ labels, folded }) => ({ labels, value: inMicroseconds(folded) })),
    },
  ]
}

/** Who watches, and how they are told. */
export function watchFamilies(load: WatchLoad, instance: string): MetricFamily[] {
  const { byDomain, slow, waiting, told, telling } = load
  const source = 'instance'
  const published = { instance, source, status: 'success' }
  const subscribers = [...byDomain].map(([domain, value]) => ({ labels: { instance, domain, scheme: 'ws' }, value }))
  return [
    centerGauge('notify_subscriber_total', 'Open watches.', subscribers),
    {
      name: 'service_center_notify_publish_total',
      kind: 'counter',
      help: 'Changes told to watches.',
      samples: [{ labels: published, value: told }],
    },
    {
      name: 'service_center_notify_publish_durations_microseconds',
      kind: 'summary',
      help: 'Time until a change is told to all its watches.',
      samples: [{ labels: published, value: inMicroseconds(telling) }],
    },
    centerGauge('notify_pending_total', 'Changes that wait for watches whose connection is full.', [
      { labels: { instance, source }, value: waiting },
    ]),
    gauge('rollcall_watches_slow', 'Watches whose connection is full.', slow),
  ]
}

function centerGauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name: `service_center_${name}`, kind: 'gauge', help, samples }
}

/** A tenant as labels name it. */
export function labelsOf(tenant: string) {
  const slash = tenant.indexOf('/')
  return { domain: tenant.slice(0, slash), project: tenant.slice(slash + 1) }
}
