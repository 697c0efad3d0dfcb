import { hostname } from 'node:os'
import { reachableHost, urlHost } from './addresses.ts'
import { createStore } from './compose.ts'
import { createDomain, type Domain, type OwnState, type Surroundings } from './compose-domain.ts'
import { createServer } from './compose-edge.ts'
import { createJournal } from './compose-journal.ts'
import { OwnEntries } from './domain/registry/index.ts'
import { Alarms } from './http/alarms.ts'
import { gateOf } from './http/gate.ts'
import { MetricStreams } from './http/metric-streams.ts'
import type { HttpServer } from './http/server.ts'
import { Tls } from './http/tls.ts'
import type { Clock } from './kernel/clock.ts'
import { systemClock } from './kernel/clock.ts'
import type { Log } from './kernel/log.ts'
import { LoopDelay } from './kernel/loop-delay.ts'
import type { Secret } from './kernel/secret.ts'
import type { Secrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import { startFeed } from './storage/feed.ts'
import { VERSION } from './version.ts'
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
    await startFeed(store, domain.folds, domain.feed)
    const root = { password: secrets.rootPassword, reset: settings.auth.resetRoot }
    const rootPassword = await domain.auth?.start(root)
    await domain.transactions.start()
    await domain.audit.start(domain.instances.registered())
    return { ...(await serve(settings, domain, surroundings)), rootPassword }
  } catch (error) {
    await journal.close()
    await store.close()
    throw error
  }
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
  const loop = new LoopDelay(clock)
  const server = createServer(settings, domain, { ...surroundings, pings, gate, streams, state, loop })
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
    loop.stop()
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
