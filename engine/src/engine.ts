import { hostname } from 'node:os'
import { reachableHost, urlHost } from './addresses.ts'
import {
  auditLimits,
  createAuth,
  createEnvironments,
  createPolicies,
  createQuotas,
  createStore,
  sharedLimit,
} from './compose.ts'
import { createJournal } from './compose-journal.ts'
import { AuditTrail } from './domain/audit/index.ts'
import { Contracts, ContractView, Retirement } from './domain/contracts/index.ts'
import { Dependencies, DependencyView } from './domain/dependency/index.ts'
import { Metrics, Thresholds, ThresholdView } from './domain/metrics/index.ts'
import { type Quotas, QuotaView } from './domain/quota/index.ts'
import {
  Discovery,
  Drains,
  Instances,
  NewInstances,
  OwnEntries,
  Preservation,
  RegistryView,
  RetiredVersions,
  Services,
  Tags,
} from './domain/registry/index.ts'
import { Transactions } from './domain/transactions/index.ts'
import { Admission } from './http/admission.ts'
import { Alarms } from './http/alarms.ts'
import { Auditor } from './http/auditor.ts'
import { addressReader } from './http/call-of.ts'
import { ruledBy } from './http/checked.ts'
import type { Gate } from './http/gate.ts'
import { gateOf } from './http/gate.ts'
import { MetricStreams } from './http/metric-streams.ts'
import { Pipeline } from './http/pipeline.ts'
import { Replier } from './http/reply.ts'
import { Router } from './http/router.ts'
import { accessRoutes } from './http/routes/access.ts'
import { adminRoutes } from './http/routes/admin.ts'
import { auditRoutes } from './http/routes/audit.ts'
import { consoleRoutes } from './http/routes/console.ts'
import { contractRoutes } from './http/routes/contracts.ts'
import { dependencyRoutes } from './http/routes/dependencies.ts'
import { discoveryRoutes } from './http/routes/discovery.ts'
import { wholeTable } from './http/routes/documents.ts'
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
import { Tls } from './http/tls.ts'
import type { Clock } from './kernel/clock.ts'
import { systemClock } from './kernel/clock.ts'
import { newIdsBy } from './kernel/ids.ts'
import type { Log } from './kernel/log.ts'
import type { Secret } from './kernel/secret.ts'
import { ContractComparer } from './processes/contract-comparer.ts'
import type { Secrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import { Committer } from './storage/commit.ts'
import { startFeed } from './storage/feed.ts'
import type { Journal } from './storage/journal.ts'
import type { Store } from './storage/store.ts'
import { VERSION } from './version.ts'
import { BeatChannels } from './watch/beat-channels.ts'
import { WatchHub } from './watch/hub.ts'
import { PingWheel } from './watch/ping-wheel.ts'

/** A running engine. */
export interface Engine {
  /** Where it listens, for example `http://127.0.0.1:30100`. */
  readonly url: string
  readonly version: string
  /** What it serves, row by row. */
  readonly rows: HttpServer['rows']
  /** The password of root, if it was made up at this start: whoever starts the engine shows it, once. */
  readonly rootPassword: Secret | undefined
  /** When its certificate ends; undefined without TLS. */
  readonly certificateEnd: Date | undefined
  /** Reads the certificates anew, now. */
  reloadCertificates(): Promise<void>
  /** Stops in order: no new requests, the engine's own entries out, requests under way finished, store closed. */
  close(): Promise<void>
}

interface Parts {
  readonly log: Log
  readonly clock?: Clock
  readonly secrets?: Secrets
}

/**
 * Puts an engine together and starts it.
 * Rejects with StoreInUseError, StoreUnavailableError, AuthStartError, CertificateError, or the system's error when it cannot listen;
 * nothing is left running then.
 */
export async function startEngine(settings: Settings, parts: Parts): Promise<Engine> {
  const { log, clock = systemClock, secrets = {} } = parts
  const tls = settings.tls.cert === '' ? undefined : await Tls.open(settings.tls, { clock, log })
  const store = createStore(settings, clock)
  const alarms = new Alarms()
  const journal = createJournal(settings, { clock, log, alarms })
  const surroundings = { store, journal, clock, log, alarms, tls }
  const domain = createDomain(settings, surroundings, secrets)
  await store.open({ spareLeases: (due) => domain.preservation.spare(due) })
  try {
    // After the store: its lock on the folder holds for the journal too.
    await journal.open()
    await startFeed(store, domain.folds)
    const root = { password: secrets.rootPassword, reset: settings.auth.resetRoot }
    const rootPassword = await domain.auth?.start(root)
    await domain.transactions.start()
    await domain.audit.start()
    return { ...(await serve(settings, domain, surroundings)), rootPassword }
  } catch (error) {
    await journal.close()
    await store.close()
    throw error
  }
}

type Domain = ReturnType<typeof createDomain>

interface Surroundings {
  readonly store: Store
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
  readonly tls: Tls | undefined
  readonly alarms: Alarms
}

function createDomain(settings: Settings, surroundings: Surroundings, secrets: Secrets) {
  const { store, journal, clock, log, alarms } = surroundings
  const committer = new Committer(store)
  const registry = new RegistryView(clock)
  const dependencyView = new DependencyView()
  const contractView = new ContractView()
  const quotaView = new QuotaView()
  const thresholdView = new ThresholdView()
  const auth = createAuth(settings, {
    committer,
    clock,
    log,
    givenKeys: secrets.signingKeys,
    limitOf: sharedLimit(() => quotas),
  })
  const quotas: Quotas = createQuotas(settings, { registry, auth, view: quotaView, committer, clock, log })
  const onLostUse = (err: unknown) => log.warn({ err }, 'dependencies seen by finds were not stored')
  const dependencies = new Dependencies({ registry, view: dependencyView, committer, onLostUse })
  const { editable } = settings.contracts
  const contracts = new Contracts({ registry, view: contractView, committer, editable, quotas })
  const newInstances = new NewInstances({ view: registry, clock, limits: settings.instance, newId: newIdsBy(clock) })
  const environments = createEnvironments(settings, { registry, committer, clock })
  const relations = { usage: dependencies, companions: [dependencies, contracts], quotas, environments }
  const limits = { ...settings.discovery.selfPreservation, instance: settings.instance }
  const versions = new RetiredVersions({ view: registry, committer, relations, clock })
  return {
    folds: [
      registry,
      dependencyView,
      contractView,
      quotaView,
      environments.view,
      thresholdView,
      ...(auth === undefined ? [] : [auth.view]),
    ],
    auth,
    audit: new AuditTrail({ journal, clock, log, limits: auditLimits(settings) }),
    alarms,
    registry,
    dependencies,
    contracts,
    quotas,
    environments,
    policies: createPolicies(settings, clock),
    services: new Services({ view: registry, committer, relations, newInstances, clock }),
    instances: new Instances({ view: registry, committer, newInstances, quotas, clock }),
    retirement: new Retirement({ registry, versions, contracts: contractView, committer, clock, log }),
    drains: new Drains({ view: registry, committer, clock, log }),
    tags: new Tags(registry, committer, quotas),
    discovery: new Discovery(registry, { uses: dependencies, clock }),
    metrics: new Metrics({
      clock,
      limits: settings.metrics,
      journal: settings.store.kind === 'memory' ? undefined : journal,
      thresholds: thresholdView,
      alarms,
      log,
    }),
    thresholds: new Thresholds({ view: thresholdView, committer, clock }),
    preservation: new Preservation(registry, clock, limits),
    transactions: new Transactions({ journal, clock, log, limits: settings.transactions }),
  }
}

/** What the edge shows of the engine's own state. */
interface OwnState {
  /** Whether requests are welcome: false from the moment the engine begins to stop. */
  isReady: boolean
  url: string
}

async function serve(
  settings: Settings,
  domain: Domain,
  surroundings: Surroundings,
): Promise<Omit<Engine, 'rootPassword'>> {
  const { store, journal, clock, log, tls } = surroundings
  const { server: address } = settings
  const state: OwnState = { isReady: true, url: '' }
  const pings = new PingWheel(clock, settings.watch.pingSeconds)
  const gate = gateOf(domain.auth, domain.registry, settings.auth.openSockets)
  const streams = new MetricStreams(domain.metrics, gate)
  const server = createServer(settings, domain, { ...surroundings, pings, gate, streams, state })
  const port = await server.listen(address.host, address.port)
  state.url = `${tls === undefined ? 'http' : 'https'}://${urlHost(address.host)}:${port}`
  const advertised = address.advertised || `${reachableHost(address.host)}:${port}`
  const { registry: view, services, instances } = domain
  const own = new OwnEntries({
    view,
    services,
    instances,
    clock,
    log,
    engine: { version: VERSION, address: advertised, isSecure: tls !== undefined, hostName: hostname() },
  })
  await own.start()
  domain.metrics.start()
  domain.drains.start()
  const { everyHours, keep, minAgeHours } = settings.retire
  domain.retirement.start(everyHours, { keep, minAgeSeconds: minAgeHours * 3600 })
  let closing: Promise<void> | undefined
  const close = async () => {
    state.isReady = false
    domain.drains.stop()
    domain.retirement.stop()
    streams.close()
    await own.stop()
    await server.close(settings.server.drainSeconds * 1000)
    tls?.stop()
    pings.stop()
    await domain.transactions.stop()
    await domain.metrics.stop()
    await domain.audit.stop()
    await journal.close()
    domain.auth?.stop()
    await store.close()
  }
  return {
    url: state.url,
    version: VERSION,
    rows: server.rows,
    certificateEnd: tls?.validUntil,
    reloadCertificates: async () => await tls?.reload(),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

function createServer(
  settings: Settings,
  domain: Domain,
  edge: Surroundings & {
    readonly pings: PingWheel
    readonly gate: Gate
    readonly streams: MetricStreams
    readonly state: OwnState
  },
): HttpServer {
  const { auth, registry, dependencies, services, instances, discovery, preservation, alarms } = domain
  const { clock, log, tls, pings, store, gate, streams, state } = edge
  const { idleSeconds } = settings.watch
  const hub = new WatchHub({ registry, dependencies, clock, pings, idleSeconds })
  const channels = new BeatChannels({ registry, instances, clock, pings, idleSeconds })
  const ruled = ruledBy(settings.environments)
  const routes = [
    ...serviceRoutes(services, domain.contracts, ruled),
    ...environmentRoutes(domain.environments),
    ...contractRoutes(domain.contracts, { ...settings.contracts, comparer: new ContractComparer(clock) }),
    ...tagRoutes(domain.tags),
    ...quotaRoutes(domain.quotas),
    ...policyRoutes(domain.policies),
    ...retirementRoutes(domain.retirement, settings.retire),
    ...metricRoutes({ metrics: domain.metrics, thresholds: domain.thresholds, streams }),
    ...transactionRoutes(domain.transactions),
    ...instanceRoutes(instances, domain.drains),
    ...discoveryRoutes(discovery, ruled),
    ...dependencyRoutes(dependencies, registry, ruled),
    ...subscriberRoutes({ discovery, dependencies, watchesOf: (tenant, id) => hub.watchesOf(tenant, id) }),
    ...governanceRoutes(services, { registry, contracts: domain.contracts, dependencies }, ruled),
    ...systemRoutes({ version: VERSION, discovery, preservation, isReady: () => state.isReady }),
    ...adminRoutes({ alarms, read: (prefix) => store.read(prefix), version: VERSION, url: () => state.url }),
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
  const replier = new Replier(`Rollcall/${VERSION}`)
  const { trustForwarded } = settings.auth
  const addressOf = addressReader(auth !== undefined, trustForwarded)
  const { limits } = settings
  const admission = new Admission({ clock, log, limits, trustForwarded })
  const bodyBytesMax = settings.server.maxBodyBytes
  const auditor = new Auditor({ ...domain, gate, addressOf: addressReader(true, trustForwarded) })
  const pipeline = new Pipeline({ router, replier, log, alarms, bodyBytesMax, gate, admission, auditor, addressOf })
  const headerBytesMax = settings.server.maxHeaderBytes
  return new HttpServer({ pipeline, admission, log, clock, headerBytesMax, deadlines: limits, tls })
}
