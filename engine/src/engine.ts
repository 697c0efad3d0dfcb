import { hostname } from 'node:os'
import { join } from 'node:path'
import { Contracts, ContractView, Retirement } from './domain/contracts/index.ts'
import { Dependencies, DependencyView } from './domain/dependency/index.ts'
import { Metrics } from './domain/metrics/index.ts'
import { Quotas, QuotaView, StoredLimits } from './domain/quota/index.ts'
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
import { Alarms } from './http/alarms.ts'
import { Pipeline } from './http/pipeline.ts'
import { Replier } from './http/reply.ts'
import { Router } from './http/router.ts'
import { adminRoutes } from './http/routes/admin.ts'
import { consoleRoutes } from './http/routes/console.ts'
import { contractRoutes } from './http/routes/contracts.ts'
import { dependencyRoutes } from './http/routes/dependencies.ts'
import { discoveryRoutes } from './http/routes/discovery.ts'
import { governanceRoutes } from './http/routes/governance.ts'
import { instanceRoutes } from './http/routes/instances.ts'
import { legacyRoutes, legacySockets } from './http/routes/legacy.ts'
import { metricRoutes } from './http/routes/metrics.ts'
import { quotaRoutes } from './http/routes/quotas.ts'
import { retirementRoutes } from './http/routes/retirement.ts'
import { serviceRoutes } from './http/routes/services.ts'
import { subscriberRoutes } from './http/routes/subscribers.ts'
import { systemRoutes } from './http/routes/system.ts'
import { tagRoutes } from './http/routes/tags.ts'
import { transactionRoutes } from './http/routes/transactions.ts'
import { watchRoutes } from './http/routes/watches.ts'
import { HttpServer } from './http/server.ts'
import type { Clock } from './kernel/clock.ts'
import { systemClock } from './kernel/clock.ts'
import { newIdsBy } from './kernel/ids.ts'
import type { Log } from './kernel/log.ts'
import { RemoteLimits } from './quota-service/remote-limits.ts'
import type { Settings } from './settings.ts'
import { Committer } from './storage/commit.ts'
import { startFeed } from './storage/feed.ts'
import type { Journal } from './storage/journal.ts'
import { LmdbJournal } from './storage/lmdb/lmdb-journal.ts'
import { LmdbStore } from './storage/lmdb/lmdb-store.ts'
import { MemoryJournal } from './storage/memory/memory-journal.ts'
import { MemoryStore } from './storage/memory/memory-store.ts'
import type { Store } from './storage/store.ts'
import { ContractComparer } from './threads/contract-comparer.ts'
import { VERSION } from './version.ts'
import { BeatChannels } from './watch/beat-channels.ts'
import { WatchHub } from './watch/hub.ts'
import { PingWheel } from './watch/ping-wheel.ts'

/** A running engine. */
export interface Engine {
  /** Where it listens, for example `http://127.0.0.1:30100`. */
  readonly url: string
  readonly version: string
  /** Stops in order: no new requests, the engine's own entries out, requests under way finished, store closed. */
  close(): Promise<void>
}

interface Parts {
  readonly log: Log
  readonly clock?: Clock
}

/**
 * Puts an engine together and starts it.
 * Rejects with StoreInUseError, StoreUnavailableError, or the system's error when it cannot listen; nothing is left
 * running then.
 */
export async function startEngine(settings: Settings, { log, clock = systemClock }: Parts): Promise<Engine> {
  const store = createStore(settings, clock)
  const journal = createJournal(settings, { clock, log })
  const surroundings = { store, journal, clock, log }
  const domain = createDomain(settings, surroundings)
  await store.open({ spareLeases: (due) => domain.preservation.spare(due) })
  try {
    // After the store: its lock on the folder holds for the journal too.
    await journal.open()
    await startFeed(store, domain.folds)
    await domain.transactions.start()
    return await serve(settings, domain, surroundings)
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
}

function createStore({ store }: Settings, clock: Clock): Store {
  return store.kind === 'memory' ? new MemoryStore({ clock }) : new LmdbStore({ path: store.path, clock })
}

function createJournal({ store }: Settings, { clock, log }: Pick<Surroundings, 'clock' | 'log'>): Journal {
  if (store.kind === 'memory') return new MemoryJournal({ clock })
  return new LmdbJournal({
    path: join(store.path, 'journal.mdb'),
    clock,
    onLost: ({ stream, count, cause: err }) => log.warn({ err, stream, count }, 'entries of the journal were lost'),
  })
}

function createDomain(settings: Settings, { store, journal, clock, log }: Surroundings) {
  const committer = new Committer(store)
  const registry = new RegistryView(clock)
  const dependencyView = new DependencyView()
  const contractView = new ContractView()
  const quotaView = new QuotaView()
  const quotas = createQuotas(settings, { registry, view: quotaView, committer, clock, log })
  const onLostUse = (err: unknown) => log.warn({ err }, 'dependencies seen by finds were not stored')
  const dependencies = new Dependencies({ registry, view: dependencyView, committer, onLostUse })
  const { editable } = settings.contracts
  const contracts = new Contracts({ registry, view: contractView, committer, editable, quotas })
  const newInstances = new NewInstances({ view: registry, clock, limits: settings.instance, newId: newIdsBy(clock) })
  const relations = { usage: dependencies, companions: [dependencies, contracts], quotas }
  const limits = { ...settings.discovery.selfPreservation, instance: settings.instance }
  const versions = new RetiredVersions({ view: registry, committer, relations, clock })
  return {
    folds: [registry, dependencyView, contractView, quotaView],
    registry,
    dependencies,
    contracts,
    quotas,
    services: new Services({ view: registry, committer, relations, newInstances, clock }),
    instances: new Instances({ view: registry, committer, newInstances, quotas, clock }),
    retirement: new Retirement({ registry, versions, contracts: contractView, committer, clock, log }),
    drains: new Drains({ view: registry, committer, clock, log }),
    tags: new Tags(registry, committer, quotas),
    discovery: new Discovery(registry, { uses: dependencies, clock }),
    metrics: new Metrics({ clock, limits: settings.metrics }),
    preservation: new Preservation(registry, clock, limits),
    transactions: new Transactions({ journal, clock, log, limits: settings.transactions }),
  }
}

interface QuotaNeeds {
  readonly registry: RegistryView
  readonly view: QuotaView
  readonly committer: Committer
  readonly clock: Clock
  readonly log: Log
}

function createQuotas({ quota }: Settings, { registry, view, committer, clock, log }: QuotaNeeds): Quotas {
  const none = () => 0
  const counts = {
    service: (tenant: string) => registry.serviceCount(tenant),
    instance: (tenant: string) => registry.instanceCount(tenant),
    schema: (tenant: string) => registry.mostSchemas(tenant),
    tag: (tenant: string) => registry.mostTags(tenant),
    account: none,
    role: none,
  }
  const { services: service, instances: instance, schemas: schema, tags: tag, accounts: account, roles: role } = quota
  const defaults = { service, instance, schema, tag, account, role }
  const source =
    quota.kind === 'http'
      ? new RemoteLimits({ ...quota, defaults, clock, log })
      : new StoredLimits({ view, committer, defaults })
  return new Quotas({ source, counts, log })
}

/** What the edge shows of the engine's own state. */
interface OwnState {
  /** Whether requests are welcome: false from the moment the engine begins to stop. */
  isReady: boolean
  url: string
}

async function serve(settings: Settings, domain: Domain, surroundings: Surroundings): Promise<Engine> {
  const { store, journal, clock, log } = surroundings
  const { server: address } = settings
  const state: OwnState = { isReady: true, url: '' }
  const pings = new PingWheel(clock, settings.watch.pingSeconds)
  const server = createServer(settings, domain, { ...surroundings, pings, state })
  const port = await server.listen(address.host, address.port)
  state.url = `http://${urlHost(address.host)}:${port}`
  const advertised = address.advertised || `${reachableHost(address.host)}:${port}`
  const { registry: view, services, instances } = domain
  const own = new OwnEntries({
    view,
    services,
    instances,
    clock,
    log,
    engine: { version: VERSION, address: advertised, hostName: hostname() },
  })
  await own.start()
  domain.drains.start()
  const { everyHours, keep, minAgeHours } = settings.retire
  domain.retirement.start(everyHours, { keep, minAgeSeconds: minAgeHours * 3600 })
  let closing: Promise<void> | undefined
  const close = async () => {
    state.isReady = false
    domain.drains.stop()
    domain.retirement.stop()
    await own.stop()
    await server.close(settings.server.drainSeconds * 1000)
    pings.stop()
    await domain.transactions.stop()
    await journal.close()
    await store.close()
  }
  return {
    url: state.url,
    version: VERSION,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

function createServer(
  settings: Settings,
  domain: Domain,
  edge: Surroundings & { readonly pings: PingWheel; readonly state: OwnState },
): HttpServer {
  const { registry, dependencies, services, instances, discovery, preservation } = domain
  const { clock, log, pings, store, state } = edge
  const alarms = new Alarms()
  const { idleSeconds } = settings.watch
  const hub = new WatchHub({ registry, dependencies, clock, pings, idleSeconds })
  const channels = new BeatChannels({ registry, instances, clock, pings, idleSeconds })
  const routes = [
    ...serviceRoutes(services, domain.contracts),
    ...contractRoutes(domain.contracts, { ...settings.contracts, comparer: new ContractComparer(clock) }),
    ...tagRoutes(domain.tags),
    ...quotaRoutes(domain.quotas),
    ...retirementRoutes(domain.retirement, settings.retire),
    ...metricRoutes(domain.metrics),
    ...transactionRoutes(domain.transactions),
    ...instanceRoutes(instances, domain.drains),
    ...discoveryRoutes(discovery),
    ...dependencyRoutes(dependencies, registry),
    ...subscriberRoutes({ discovery, dependencies, watchesOf: (tenant, id) => hub.watchesOf(tenant, id) }),
    ...governanceRoutes(services, { registry, contracts: domain.contracts, dependencies }),
    ...systemRoutes({ version: VERSION, discovery, preservation, isReady: () => state.isReady }),
    ...adminRoutes({ alarms, read: (prefix) => store.read(prefix), version: VERSION, url: () => state.url }),
    ...consoleRoutes(),
  ]
  const sockets = watchRoutes(hub, channels)
  const router = new Router([...routes, ...legacyRoutes(routes)], [...sockets, ...legacySockets(sockets)])
  const replier = new Replier(`Rollcall/${VERSION}`)
  const pipeline = new Pipeline({ router, replier, log, alarms, bodyBytesMax: settings.server.maxBodyBytes })
  return new HttpServer({ pipeline, log, clock, headerBytesMax: settings.server.maxHeaderBytes })
}

/** A name that others can connect to, for a host that is listened on. */
function reachableHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? hostname() : urlHost(host)
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
