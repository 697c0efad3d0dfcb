import type { TxReport } from '@rollcall/protocol/transactions'
import { type Access, accessCalls } from './access.ts'
import { type AccountOptions, AccountToken } from './account-token.ts'
import { type Clock, systemClock } from './clock.ts'
import { type Contracts, contractCalls } from './contracts.ts'
import { RollcallError } from './errors.ts'
import { type Finder, findCalls } from './find.ts'
import { type Instances, instanceCalls, type KnownInstance } from './instances.ts'
import { type Operations, operationCalls } from './operations.ts'
import { type Relations, relationCalls } from './relations.ts'
import { secureDispatcher, type TlsOptions } from './secure-connections.ts'
import { type Services, serviceCalls } from './services.ts'
import { type ClientLog, type Surroundings, silentLog } from './surroundings.ts'
import { type Token, Transport, type TransportNeeds } from './transport.ts'
import { WATCH_TIMES, Watch, type WatchSignal, type WatchTimes } from './watch.ts'

export interface ClientOptions {
  /** Where the engine is, for example `http://127.0.0.1:30100`; of several, the first that answers is used. */
  readonly urls: string | readonly string[]
  /** `default` when left out, like the project. */
  readonly domain?: string
  readonly project?: string
  /** Sent as bearer token; a function is asked before each request, and a call rejects with what it throws. */
  readonly token?: Token
  /** Signs in by itself, instead of `token`. */
  readonly account?: AccountOptions
  /** How long an answer may take, milliseconds; 10 000 when left out. */
  readonly timeoutMs?: number
  /** Pauses and limits of watches; what is left out is as in WATCH_TIMES. */
  readonly watchTimes?: Partial<WatchTimes>
  /** Authorities to trust and a certificate to show, for https addresses. */
  readonly tls?: TlsOptions
  readonly fetch?: typeof globalThis.fetch
  readonly clock?: Clock
  readonly random?: () => number
  /** Nothing is logged when left out. */
  readonly log?: ClientLog
}

/** What the engine says of itself. */
export interface EngineVersion {
  readonly version: string
  readonly buildTag: string
  readonly apiVersion: string
}

/** One engine, or one cluster, as seen by one tenant. Holds no connection of its own; there is nothing to close. */
export interface Client extends Finder {
  /** The address in use. */
  readonly url: string
  readonly services: Services
  readonly instances: Instances
  readonly contracts: Contracts
  readonly relations: Relations
  readonly operations: Operations
  readonly access: Access
  readonly surroundings: Surroundings
  /** @throws RollcallError, ConnectionError; so do `health` and `isReady` */
  version(): Promise<EngineVersion>
  /** The engine's own instances. */
  health(): Promise<readonly KnownInstance[]>
  /** Whether the engine takes requests; true also for a Service Center, which has no such question. */
  isReady(): Promise<boolean>
  /**
   * Tells of changes of everything that the consumer has found before. One connection per consumer is shared by all
   * listeners, made again when it breaks, and ends with the last listener.
   * @returns what ends it
   */
  watch(consumerId: string, listener: (signal: WatchSignal) => void): () => void
  /** Uploads one metric document, which `reportMetrics` does by itself. Rejects as all calls do. */
  uploadMetrics(document: object): Promise<void>
  /**
   * Tells the engine of transactions; `monitorTransactions` does it by itself.
   * @throws RollcallError, ConnectionError
   */
  reportTransactions(report: TxReport): Promise<void>
  /** There is reason to believe that the engine is back: watches that wait before connecting again do so now. */
  nudgeWatches(): void
}

const TIMEOUT_MS = 10_000

/** @throws TypeError for an address that is no http or https URL */
export function createClient(options: ClientOptions): Client {
  const {
    clock = systemClock,
    log = silentLog,
    random = Math.random,
    domain = 'default',
    project = 'default',
  } = options
  const surroundings: Surroundings = { clock, log, random }
  const needs = {
    ...surroundings,
    urls: checkUrls(options.urls),
    domain,
    project,
    token: options.token,
    fetch: options.fetch ?? globalThis.fetch,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    dispatcher: options.tls && secureDispatcher(options.tls),
  }
  const transport = new Transport({ ...needs, ...(options.account && signedIn(options.account, needs)) })
  const times = { ...WATCH_TIMES, ...options.watchTimes }
  return {
    get url() {
      return transport.url
    },
    surroundings,
    services: serviceCalls(transport),
    instances: instanceCalls(transport),
    contracts: contractCalls(transport),
    relations: relationCalls(transport),
    operations: operationCalls(transport),
    access: accessCalls(transport),
    ...findCalls(transport),
    ...systemCalls(transport),
    async uploadMetrics(body) {
      await transport.send({ method: 'POST', api: 'monitoring', path: ['metric'], body })
    },
    async reportTransactions(report) {
      // The same report twice is the same as once.
      await transport.send({
        method: 'POST',
        api: 'monitoring',
        path: ['transaction'],
        body: report,
        isRepeatable: true,
      })
    },
    ...watches((consumerId) => new Watch({ ...surroundings, transport, consumerId, times })),
  }
}

/** Requests of an account: with its token, which is asked for anew when the engine does not take it any more. */
function signedIn(account: AccountOptions, needs: TransportNeeds): Pick<TransportNeeds, 'token' | 'fetch'> {
  const own = new AccountToken(account, new Transport({ ...needs, token: undefined }), needs.clock)
  return {
    token: () => own.get(),
    fetch: async (...request) => {
      const response = await needs.fetch(...request)
      if (response.status === 401) own.forget()
      return response
    },
  }
}

function checkUrls(urls: string | readonly string[]): readonly string[] {
  const checked = [urls].flat().map((text) => {
    const { protocol, origin, pathname } = new URL(text)
    if (!/^https?:$/.test(protocol)) throw new TypeError(`${text} is no http or https URL`)
    return (origin + pathname).replace(/\/+$/, '')
  })
  if (checked.length === 0) throw new TypeError('at least one URL is needed')
  return checked
}

function systemCalls(transport: Transport): Pick<Client, 'version' | 'health' | 'isReady'> {
  const get = (...path: string[]) => transport.send({ method: 'GET', path })
  return {
    async version() {
      const { body } = await get('version')
      return body as EngineVersion
    },
    async health() {
      const { body } = await get('health')
      return (body as { instances?: readonly KnownInstance[] }).instances ?? []
    },
    async isReady() {
      try {
        await get('health', 'readiness')
        return true
      } catch (error) {
        if (error instanceof RollcallError && error.status === 503) return false
        if (error instanceof RollcallError && error.status === 404) return true
        throw error
      }
    },
  }
}

/** One watch per consumer, as long as somebody listens. */
function watches(create: (consumerId: string) => Watch): Pick<Client, 'watch' | 'nudgeWatches'> {
  const open = new Map<string, Watch>()
  return {
    watch(consumerId, listener) {
      const watch = open.get(consumerId) ?? create(consumerId)
      open.set(consumerId, watch)
      const stop = watch.listen(listener)
      return () => {
        stop()
        if (watch.isIdle && open.get(consumerId) === watch) open.delete(consumerId)
      }
    },
    nudgeWatches() {
      for (const watch of open.values()) watch.nudge()
    },
  }
}
