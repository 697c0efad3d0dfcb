import { hostname } from 'node:os'
import { Auth } from './domain/auth/index.ts'
import { Contracts, ContractView } from './domain/contracts/index.ts'
import { Dependencies, DependencyView } from './domain/dependency/index.ts'
import { Quotas, QuotaView } from './domain/quota/index.ts'
import type { KnownService } from './domain/registry/index.ts'
import {
  Discovery,
  Instances,
  NewInstances,
  OwnEntries,
  Preservation,
  RegistryView,
  Services,
  Tags,
} from './domain/registry/index.ts'
import { Alarms } from './http/alarms.ts'
import { forwardedAddress, peerAddress } from './http/call-of.ts'
import { gateOf } from './http/gate.ts'
import { Pipeline } from './http/pipeline.ts'
import { Replier } from './http/reply.ts'
import { Router } from './http/router.ts'
import { accessRoutes } from './http/routes/access.ts'
import { adminRoutes } from './http/routes/admin.ts'
import { consoleRoutes } from './http/routes/console.ts'
import { contractRoutes } from './http/routes/contracts.ts'
import { dependencyRoutes } from './http/routes/dependencies.ts'
import { discoveryRoutes } from './http/routes/discovery.ts'
import { governanceRoutes } from './http/routes/governance.ts'
import { instanceRoutes } from './http/routes/instances.ts'
import { legacyRoutes, legacySockets } from './http/routes/legacy.ts'
import { quotaRoutes } from './http/routes/quotas.ts'
import { serviceRoutes } from './http/routes/services.ts'
import { systemRoutes } from './http/routes/system.ts'
import { tagRoutes } from './http/routes/tags.ts'
import { watchRoutes } from './http/routes/watches.ts'
import { HttpServer } from './http/server.ts'
import type { Clock } from './kernel/clock.ts'
import { systemClock } from './kernel/clock.ts'
import { newIdsBy } from './kernel/ids.ts'
import type { Log } from './kernel/log.ts'
import type { Secret } from './kernel/secret.ts'
import type { Secrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import { Committer } from './storage/commit.ts'
import { startFeed } from './storage/feed.ts'
import { LmdbStore } from './storage/lmdb/lmdb-store.ts'
import { MemoryStore } from './storage/memory/memory-store.ts'
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
  /** The password of root, if it was made up at this start: whoever starts the engine shows it, once. */
  readonly rootPassword: Secret | undefined
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
 * Rejects with StoreInUseError, StoreUnavailableError, AuthStartError, or the system's error when it cannot listen; nothing is left
 * running then.
 */
export async function startEngine(settings: Settings, parts: Parts): Promise<Engine> {
  const { log, clock = systemClock, secrets = {} } = parts
  const store = createStore(settings, clock)
  const domain = createDomain(settings, { store, clock, log }, secrets)
  await store.open({ spareLeases: (due) => domain.preservation.spare(due) })
  try {
    await startFeed(store, domain.folds)
    const root = { password: secrets.rootPassword, reset: settings.auth.resetRoot }
    const rootPassword = await domain.auth?.start(root)
    return { ...(await serve(settings, domain, { store, clock, log })), rootPassword }
  } catch (error) {
    await store.close()
    throw error
  }
}

type Domain = ReturnType<typeof createDomain>

interface Surroundings {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

function createStore({ store }: Settings, clock: Clock): Store {
  return store.kind === 'memory' ? new MemoryStore({ clock }) : new LmdbStore({ path: store.path, clock })
}

function createDomain(settings: Settings, { store, clock, log }: Surroundings, secrets: Secrets) {
  const committer = new Committer(store)
  const registry = new RegistryView(clock)
  const dependencyView = new DependencyView()
  const contractView = new ContractView()
  const quotaView = new QuotaView()
  const quotas = createQuotas(settings, { registry, view: quotaView, committer, log })
  const onLostUse = (err: unknown) => log.warn({ err }, 'dependencies seen by finds were not stored')
  const dependencies = new Dependencies({ registry, view: dependencyView, committer, onLostUse })
  const { editable } = settings.contracts
  const contracts = new Contracts({ registry, view: contractView, committer, editable, quotas })
  const newInstances = new NewInstances({ view: registry, clock, limits: settings.instance, newId: newIdsBy(clock) })
  const relations = { usage: dependencies, companions: [dependencies, contracts], quotas }
  const limits = { ...settings.discovery.selfPreservation, instance: settings.instance }
  const auth = createAuth(settings, { committer, clock, log, givenKeys: secrets.signingKeys })
  return {
    folds: [registry, dependencyView, contractView, quotaView, ...(auth === undefined ? [] : [auth.view])],
    auth,
    registry,
    dependencies,
    contracts,
    quotas,
    services: new Services({ view: registry, committer, relations, newInstances, clock }),
    instances: new Instances({ view: registry, committer, newInstances, quotas, clock }),
    tags: new Tags(registry, committer, quotas),
    discovery: new Discovery(registry, dependencies),
    preservation: new Preservation(registry, clock, limits),
  }
}

/** Access control; undefined when it is off. */
function createAuth(
  { auth }: Settings,
  needs: Pick<ConstructorParameters<typeof Auth>[0], 'committer' | 'clock' | 'log' | 'givenKeys'>,
): Auth | undefined {
  if (auth.mode !== 'on') return undefined
  const scope = auth.scope.trim() === '*' ? 'all' : new Set(auth.scope.split(',').map((type) => type.trim()))
  return new Auth({ ...needs, lockSeconds: auth.lockSeconds, keyDays: auth.keyDays, scope })
}

function createQuotas(
  { quota }: Settings,
  needs: {
    readonly registry: RegistryView
    readonly view: QuotaView
    readonly committer: Committer
    readonly log: Log
  },
): Quotas {
  const { registry, view, committer, log } = needs
  const most = (count: (service: KnownService) => number) => (tenant: string) => {
    let largest = 0
    for (const service of registry.services(tenant)) largest = Math.max(largest, count(service))
    return largest
  }
  const counts = {
    service: (tenant: string) => registry.serviceCount(tenant),
    instance: (tenant: string) => registry.instanceCount(tenant),
    schema: most(({ record }) => record.schemas?.length ?? 0),
    tag: most(({ tags = {} }) => Object.keys(tags).length),
  }
  const { services: service, instances: instance, schemas: schema, tags: tag } = quota
  return new Quotas({ view, committer, defaults: { service, instance, schema, tag }, counts, log })
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
  const { store, clock, log } = surroundings
  const { server: address } = settings
  const state: OwnState = { isReady: true, url: '' }
  const pings = new PingWheel(clock, settings.watch.pingSeconds)
  const server = createServer(settings, domain, { ...surroundings, pings, state })
  const port = await server.listen(address.host, address.port)
  state.url = `http://${urlHost(address.host)}:${port}`
  const advertised = address.advertised || `${reachableHost(address.host)}:${port}`
  const { services, instances } = domain
  const own = new OwnEntries({
    services,
    instances,
    clock,
    log,
    engine: { version: VERSION, address: advertised, hostName: hostname() },
  })
  await own.start()
  let closing: Promise<void> | undefined
  const close = async () => {
    state.isReady = false
    await own.stop()
    await server.close(settings.server.drainSeconds * 1000)
    pings.stop()
    domain.auth?.stop()
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
  const { auth, registry, dependencies, services, instances, discovery, preservation } = domain
  const { clock, log, pings, store, state } = edge
  const alarms = new Alarms()
  const { idleSeconds } = settings.watch
  const hub = new WatchHub({ registry, dependencies, clock, pings, idleSeconds })
  const channels = new BeatChannels({ registry, instances, clock, pings, idleSeconds })
  const routes = [
    ...serviceRoutes(services, domain.contracts),
    ...contractRoutes(domain.contracts, settings.contracts),
    ...tagRoutes(domain.tags),
    ...quotaRoutes(domain.quotas),
    ...instanceRoutes(instances),
    ...discoveryRoutes(discovery),
    ...dependencyRoutes(dependencies, registry),
    ...governanceRoutes(services, { registry, contracts: domain.contracts, dependencies }),
    ...systemRoutes({ version: VERSION, discovery, preservation, isReady: () => state.isReady }),
    ...adminRoutes({ alarms, read: (prefix) => store.read(prefix), version: VERSION, url: () => state.url }),
    ...accessRoutes(auth),
    ...consoleRoutes(),
  ]
  const gate = gateOf(auth, registry, settings.auth.openSockets)
  auth?.view.onChange(() => hub.recheck())
  const sockets = watchRoutes({ hub, channels, viewerOf: (call, need) => gate.viewerOf(call, need) })
  const router = new Router([...routes, ...legacyRoutes(routes)], [...sockets, ...legacySockets(sockets)])
  const replier = new Replier(`Rollcall/${VERSION}`)
  const addressOf = settings.auth.trustForwarded ? forwardedAddress : peerAddress
  const bodyBytesMax = settings.server.maxBodyBytes
  const pipeline = new Pipeline({ router, replier, log, alarms, bodyBytesMax, gate, addressOf })
  return new HttpServer({ pipeline, log, clock, headerBytesMax: settings.server.maxHeaderBytes })
}

/** A name that others can connect to, for a host that is listened on. */
function reachableHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? hostname() : urlHost(host)
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
