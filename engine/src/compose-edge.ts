import { createExaminer } from './compose.ts'
import type { Domain, OwnState, Surroundings } from './compose-domain.ts'
import { engineFamilies } from './compose-metrics.ts'
import { Admission } from './http/admission.ts'
import { Auditor } from './http/auditor.ts'
import { addressReader } from './http/call-of.ts'
import { ruledBy } from './http/checked.ts'
import type { Gate } from './http/gate.ts'
import type { MetricStreams } from './http/metric-streams.ts'
import { Pipeline } from './http/pipeline.ts'
import { Replier } from './http/reply.ts'
import { Router } from './http/router.ts'
import { accessRoutes } from './http/routes/access.ts'
import { adminRoutes } from './http/routes/admin.ts'
import { auditRoutes } from './http/routes/audit.ts'
import { backupRoutes } from './http/routes/backup.ts'
import { consoleRoutes } from './http/routes/console.ts'
import { contractRoutes } from './http/routes/contracts.ts'
import { dependencyRoutes } from './http/routes/dependencies.ts'
import { diagnosisRoutes } from './http/routes/diagnosis.ts'
import { discoveryRoutes } from './http/routes/discovery.ts'
import { wholeTable } from './http/routes/documents.ts'
import { engineMetricsRoute } from './http/routes/engine-metrics.ts'
import { environmentRoutes } from './http/routes/environments.ts'
import { governanceRoutes } from './http/routes/governance.ts'
import { instanceRoutes } from './http/routes/instances.ts'
import { metricRoutes } from './http/routes/metrics.ts'
import { policyRoutes } from './http/routes/policies.ts'
import { quotaRoutes } from './http/routes/quotas.ts'
import { retirementRoutes } from './http/routes/retirement.ts'
import { serviceRoutes } from './http/routes/services.ts'
import { subscriberRoutes } from './http/routes/subscribers.ts'
import { systemRoutes } from './http/routes/system.ts'
import { tagRoutes } from './http/routes/tags.ts'
import { transactionRoutes } from './http/routes/transactions.ts'
import { watchRoutes } from './http/routes/watches.ts'
import { HttpServer } from './http/server.ts'
import { Traffic } from './http/traffic.ts'
import type { LoopDelay } from './kernel/loop-delay.ts'
import { RecentRate } from './kernel/recent-rate.ts'
import { ContractComparer } from './processes/contract-comparer.ts'
import type { Settings } from './settings.ts'
import { VERSION } from './version.ts'
import { BeatChannels } from './watch/beat-channels.ts'
import { WatchHub } from './watch/hub.ts'
import type { PingWheel } from './watch/ping-wheel.ts'

/** The server with everything that it serves; it listens to nobody yet. */
export function createServer(
  settings: Settings,
  domain: Domain,
  edge: Surroundings & {
    readonly pings: PingWheel
    readonly gate: Gate
    readonly streams: MetricStreams
    readonly state: OwnState
    readonly loop: LoopDelay
  },
): HttpServer {
  const { auth, registry, dependencies, services, instances, discovery, preservation, alarms } = domain
  const { clock, log, tls, pings, store, gate, streams, state } = edge
  const { idleSeconds } = settings.watch
  const hub = new WatchHub({ registry, dependencies, clock, pings, idleSeconds })
  const channels = new BeatChannels({ registry, instances, clock, pings, idleSeconds })
  const folder = settings.store.kind === 'memory' ? undefined : settings.store.path
  const cpu = new RecentRate(clock)
  const ruled = ruledBy(settings.environments)
  const routes = [
    ...serviceRoutes(services, domain.contracts, ruled),
    ...environmentRoutes(domain.environments),
    ...contractRoutes(domain.contracts, { ...settings.contracts, comparer: new ContractComparer(clock) }),
    ...tagRoutes(domain.tags),
    ...quotaRoutes(domain.quotas),
    ...policyRoutes(domain.policies),
    ...retirementRoutes(domain.retirement, settings.retire),
    engineMetricsRoute(() => engineFamilies(domain, { ...edge, hub, channels, admission, traffic, folder, cpu })),
    ...metricRoutes({ metrics: domain.metrics, thresholds: domain.thresholds, streams }),
    ...transactionRoutes(domain.transactions),
    ...instanceRoutes(instances, domain.drains),
    ...discoveryRoutes(discovery, { ruled, ...settings.discovery }),
    ...dependencyRoutes(dependencies, registry, ruled),
    ...subscriberRoutes({ discovery, dependencies, watchesOf: (tenant, id) => hub.watchesOf(tenant, id) }),
    ...governanceRoutes(services, { registry, contracts: domain.contracts, dependencies }, ruled),
    ...systemRoutes({ version: VERSION, discovery, preservation, isReady: () => state.isReady }),
    ...adminRoutes({ alarms, read: (prefix) => store.read(prefix), version: VERSION, url: () => state.url }),
    ...backupRoutes({ store, journal: edge.journal, version: VERSION, clock, log }),
    ...diagnosisRoutes({ examine: createExaminer(settings, { store, registry, clock }), now: () => clock.now() }),
    ...accessRoutes(auth),
    ...auditRoutes(domain.audit),
    ...consoleRoutes(),
  ]
  auth?.view.onChange(() => {
    hub.recheck()
    channels.recheck()
  })
  const sockets = watchRoutes({ hub, channels, viewerOf: (call, need) => gate.viewerOf(call, need) })
  const router = new Router(...wholeTable(routes, sockets, VERSION))
  const replier = new Replier(`Rollcall/${VERSION}`, clock)
  const { trustForwarded } = settings.auth
  const addressOf = addressReader(auth !== undefined, trustForwarded)
  const { limits } = settings
  const admission = new Admission({ clock, log, limits, trustForwarded })
  const bodyBytesMax = settings.server.maxBodyBytes
  const anyAddressOf = addressReader(true, trustForwarded)
  const auditor = new Auditor({ ...domain, gate, addressOf: anyAddressOf })
  const hasTenant = (tenant: string) => registry.hasTenant(tenant)
  const accessLog = settings.log.access ? log : undefined
  const traffic = new Traffic({ rows: router.rows, clock, accessLog, addressOf: anyAddressOf, hasTenant })
  const pipeline = new Pipeline({
    ...{ router, replier, log, alarms, bodyBytesMax, gate, admission, auditor, addressOf, traffic },
  })
  const headerBytesMax = settings.server.maxHeaderBytes
  return new HttpServer({ pipeline, admission, log, clock, headerBytesMax, deadlines: limits, tls })
}
