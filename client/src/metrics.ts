import type { RequestListener, Server } from 'node:http'
import { hostname, loadavg } from 'node:os'
import { CallStatistics } from './call-statistics.ts'
import type { Client } from './client.ts'
import type { Timer } from './clock.ts'
import { isPassing } from './errors.ts'
import { requestName } from './request-name.ts'

export interface MetricsOptions {
  /** The names under which the service is registered. */
  readonly service: {
    readonly serviceName: string
    readonly appId?: string
    readonly version?: string
    readonly environment?: string
  }
  /** The registration of this process: its ids go into reports, which wait until it has them. */
  readonly membership?: { readonly serviceId: string; readonly instanceId: string }
  /** Name of the machine when left out. */
  readonly hostName?: string
  /** Milliseconds between reports; 10 000 when left out, never less than 1000. */
  readonly intervalMs?: number
}

/** Names of interfaces that are told apart; calls under further ones count as `other`. */
const INTERFACES_MAX = 500
const OTHER = 'other'
/** Reports that wait for an engine; of more, the oldest are given up. */
const WAITING_MAX = 30
/** Reports in a row without a call after which an interface is no longer named. */
const IDLE_REPORTS_MAX = 30
const INTERVAL_MS = 10_000
const INTERVAL_MIN_MS = 1000

/**
 * Reports how calls to and from this process go. Whatever the engine does, nothing of it reaches the application:
 * recording a call takes about a microsecond, reports are sent in the background and wait while no engine answers.
 */
export function reportMetrics(client: Client, options: MetricsOptions): MetricsReporter {
  return new MetricsReporter(client, options)
}

/** Counts calls and reports them; made by `reportMetrics`. */
export class MetricsReporter implements AsyncDisposable {
  readonly #client: Client
  readonly #options: MetricsOptions
  readonly #intervalMs: number
  readonly #statistics = new Map<string, CallStatistics>()
  readonly #waiting: object[] = []
  #takenAt: number
  #cpuMicroseconds = 0
  #sending: Promise<void> | undefined
  #timer: Timer | undefined
  #isClosed = false
  #hasWarned = false

  constructor(client: Client, options: MetricsOptions) {
    this.#client = client
    this.#options = options
    this.#intervalMs = Math.max(options.intervalMs ?? INTERVAL_MS, INTERVAL_MIN_MS)
    this.#takenAt = client.surroundings.clock.monotonic()
    this.#cpuMicroseconds = cpuMicroseconds()
    this.#schedule()
  }

  /** Reports that wait for an engine. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Records a call. @param name for example `Provider.cart.get` or `Consumer.order.create` */
  record(name: string, milliseconds: number, { isFailure = false }: { readonly isFailure?: boolean } = {}): void {
    if (this.#isClosed || !Number.isFinite(milliseconds)) return
    this.#statisticsOf(name).add(milliseconds, isFailure)
  }

  /** Says whether the application's breaker lets calls through; told to the engine until it changes. */
  setBreaker(name: string, isOpen: boolean): void {
    if (!this.#isClosed) this.#statisticsOf(name).isBreakerOpen = isOpen
  }

  /** Counts a call that the application's breaker held back. */
  recordShortCircuit(name: string): void {
    if (!this.#isClosed) this.#statisticsOf(name).addShortCircuited()
  }

  /** Wraps a function so that each call is recorded; one that throws or rejects counts as a failure. */
  wrap<Arguments extends readonly unknown[], Result>(
    name: string,
    run: (...values: Arguments) => Result,
  ): (...values: Arguments) => Result {
    const { clock } = this.#client.surroundings
    return (...values) => {
      const startedAt = clock.monotonic()
      const ended = (isFailure: boolean) => this.record(name, clock.monotonic() - startedAt, { isFailure })
      try {
        const result = run(...values)
        if (result instanceof Promise)
          result.then(
            () => ended(false),
            () => ended(true),
          )
        else ended(false)
        return result
      } catch (error) {
        ended(true)
        throw error
      }
    }
  }

  /**
   * Records each request that a server answers, status 500 and above as a failure. Without names of their own, requests
   * are called after method and path, in which what looks like an id is replaced by a star.
   * @returns what ends it
   */
  observe(server: Server, nameOf: (method: string, url: string) => string = requestName): () => void {
    const { clock } = this.#client.surroundings
    const { serviceName } = this.#options.service
    const onRequest: RequestListener = (request, response) => {
      const startedAt = clock.monotonic()
      const [method, url] = [request.method ?? '', request.url ?? '']
      response.once('close', () => {
        const isFailure = response.statusCode >= 500
        this.record(`Provider.${serviceName}.${this.#named(nameOf, method, url)}`, clock.monotonic() - startedAt, {
          isFailure,
        })
      })
    }
    server.prependListener('request', onRequest)
    return () => void server.off('request', onRequest)
  }

  /** Sends the last report, and ends. Never throws; what no engine takes is given up. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#timer?.stop()
    this.#take()
    this.#isClosed = true
    await this.#send()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #schedule(): void {
    if (this.#isClosed) return
    this.#timer = this.#client.surroundings.clock.after(this.#intervalMs, () => {
      this.#take()
      void this.#send()
      this.#schedule()
    })
  }

  /** A name that the application gives may fail; its request is counted all the same. */
  #named(nameOf: (method: string, url: string) => string, method: string, url: string): string {
    try {
      return nameOf(method, url)
    } catch (err) {
      this.#client.surroundings.log.warn({ err }, 'a request could not be named')
      return OTHER
    }
  }

  #statisticsOf(name: string): CallStatistics {
    const known = this.#statistics.get(name)
    if (known !== undefined) return known
    const kept = this.#statistics.size < INTERFACES_MAX - 1 ? name : OTHER
    const statistics = this.#statistics.get(kept) ?? new CallStatistics()
    this.#statistics.set(kept, statistics)
    return statistics
  }

  #take(): void {
    const { clock } = this.#client.surroundings
    const now = clock.monotonic()
    const elapsedMs = Math.max(now - this.#takenAt, 1)
    const cpu = cpuMicroseconds()
    const interfaces = [...this.#statistics].map(([name, statistics]) => ({
      name,
      ...statistics.take(elapsedMs / 1000),
    }))
    for (const [name, { idleReads }] of this.#statistics) {
      if (idleReads > IDLE_REPORTS_MAX) this.#statistics.delete(name)
    }
    this.#waiting.push({
      // The middle of the time that it is about, so that it is filed where it belongs however late it is sent.
      timestamp: Math.round(clock.now() - elapsedMs / 2),
      cpu: (cpu - this.#cpuMicroseconds) / 1000 / elapsedMs,
      ...processNumbers(),
      interfaces,
    })
    this.#takenAt = now
    this.#cpuMicroseconds = cpu
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift()
  }

  /** Sends what waits, oldest first; while that goes on, nothing else begins to send. */
  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined
    })
    return this.#sending
  }

  async #sendAll(): Promise<void> {
    for (let report = this.#waiting[0]; report !== undefined && this.#isKnown(); report = this.#waiting[0]) {
      try {
        await this.#client.uploadMetrics({ ...this.#identity(), ...report })
        this.#hasWarned = false
      } catch (err) {
        this.#warn(err)
        if (isPassing(err)) return
      }
      if (this.#waiting[0] === report) this.#waiting.shift()
    }
  }

  #isKnown(): boolean {
    return this.#options.membership?.serviceId !== ''
  }

  #identity(): object {
    const { service, membership, hostName = hostname() } = this.#options
    const { serviceName: name, appId = 'default', version = '0.0.1', environment = '' } = service
    const ids = membership === undefined ? {} : { serviceId: membership.serviceId, instanceId: membership.instanceId }
    return { name, appId, version, environment, instance: hostName, ...ids }
  }

  /** Once, until a report is taken again. */
  #warn(err: unknown): void {
    if (!this.#hasWarned) this.#client.surroundings.log.warn({ err }, 'metrics could not be reported')
    this.#hasWarned = true
  }
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function processNumbers(): object {
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage()
  const memory = { rss, heapCommit: heapTotal, heapUsed, external }
  return { uptime: Math.round(process.uptime() * 1000), loadAverage: loadavg()[0], memory }
}
