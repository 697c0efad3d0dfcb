import { Backoff } from './backoff.ts'
import type { Client } from './client.ts'
import type { Timer } from './clock.ts'
import { isRefusal } from './errors.ts'
import type { FindAnswer } from './find.ts'
import type { KnownInstance } from './instances.ts'
import { keepAlive } from './keep-alive.ts'
import { Listeners } from './listeners.ts'
import type { Membership } from './membership.ts'
import type { Change } from './roster.ts'
import { Roster } from './roster.ts'
import type { WatchEvent, WatchSignal } from './watch.ts'

export interface DiscoverOptions {
  /** Who asks: a service id, or the membership of this process. Without one there is no watch, only the regular pull. */
  readonly consumer?: string | Membership
  /** `default` when left out. */
  readonly appId?: string
  /** Name or alias of the provider. */
  readonly serviceName: string
  /** Keeps only these versions: `1.0.0`, `1.0+`, `1.0-2.0` (without 2.0) or `latest`. Left out: all. */
  readonly version?: string
  /** Without a consumer: the provider's environment. With one, the consumer's counts. */
  readonly environment?: string
  /** Time between two pulls that make sure nothing was missed; 15 000 ms when left out. */
  readonly pullMs?: number
}

const PULL_MS = 15_000
const PULL_JITTER = 0.2
/** How long the instances of a service that the engine no longer knows are kept. */
const UNKNOWN_GRACE_MS = 30_000
/** First pause after a pull that failed. */
const RETRY_FIRST_MS = 500
const CONSUMER_UNKNOWN = /^Consumer\[[^\]]*\] does not exist/

/** Finds the instances of a service and keeps the list current. Returns at once; the list is empty until `ready`. */
export function discover(client: Client, options: DiscoverOptions): Provider {
  const provider = new Provider(client, options)
  provider.refresh()
  return provider
}

/** A service in its role of being called, as this process knows it; made by `discover`. */
export class Provider implements Disposable {
  readonly serviceName: string
  readonly #client: Client
  readonly #options: DiscoverOptions
  readonly #roster: Roster
  readonly #backoff: Backoff
  readonly #changes: Listeners<Change>
  readonly #answered = Promise.withResolvers<void>()
  #revision = ''
  #isCurrent = false
  #isClosed = false
  #unknownSince: number | undefined
  #isPulling = false
  /** Somebody asked for a pull while one was under way. */
  #again = false
  #timer: Timer | undefined
  #watched = ''
  #stopWatch: (() => void) | undefined
  #wasLost = false
  readonly #stopFollowing: (() => void) | undefined

  constructor(client: Client, options: DiscoverOptions) {
    const { log, random } = client.surroundings
    this.serviceName = options.serviceName
    this.#client = client
    this.#options = options
    this.#roster = new Roster(options.version ?? '')
    this.#changes = new Listeners(log)
    const maxMs = options.pullMs ?? PULL_MS
    this.#backoff = new Backoff({ firstMs: Math.min(RETRY_FIRST_MS, maxMs), maxMs, random })
    if (typeof options.consumer === 'object') {
      this.#stopFollowing = options.consumer.onState(({ kind }) => {
        if (kind === 'joined') this.#onConsumerJoined()
      })
    }
  }

  /** The instances of all statuses, by id, as last known; kept while no engine answers. */
  instances(): readonly KnownInstance[] {
    return this.#roster.instances
  }

  /** The instances that are UP, one after the other; undefined when there is none. */
  pick(): KnownInstance | undefined {
    return this.#roster.pick()
  }

  /** Whether the list was confirmed by the engine's last answer. */
  get isCurrent(): boolean {
    return this.#isCurrent
  }

  /** Listens to changes of the list. @returns what ends it */
  onChange(listener: (change: Change) => void): () => void {
    return this.#changes.add(listener)
  }

  /** Resolves with the engine's first answer or at `close`; keeps the process alive until then. Never rejects. */
  ready(): Promise<void> {
    return keepAlive(this.#answered.promise)
  }

  /** Asks the engine now; many calls at a time are one question. */
  refresh(): void {
    if (this.#isClosed) return
    this.#again = true
    if (!this.#isPulling) void this.#pullWhileAsked()
  }

  /** Ends watch and pull. The list stays as it is. */
  close(): void {
    this.#isClosed = true
    this.#timer?.stop()
    this.#stopFollowing?.()
    this.#stopWatch?.()
    this.#changes.clear()
    this.#answered.resolve()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  get #consumerId(): string {
    const { consumer = '' } = this.#options
    return typeof consumer === 'string' ? consumer : consumer.serviceId
  }

  async #pullWhileAsked(): Promise<void> {
    this.#isPulling = true
    let pauseMs = 0
    while (this.#again && !this.#isClosed) {
      this.#again = false
      this.#timer?.stop()
      pauseMs = await this.#pull()
    }
    this.#isPulling = false
    if (!this.#isClosed) this.#timer = this.#client.surroundings.clock.after(pauseMs, () => this.refresh())
  }

  /** @returns how long to wait before the next pull that nobody asks for, milliseconds */
  async #pull(): Promise<number> {
    const { pullMs = PULL_MS, consumer, ...query } = this.#options
    const consumerId = this.#consumerId
    const { random, log } = this.#client.surroundings
    // Without its id the answer could be of another environment; its joining is what starts the first pull.
    if (consumer !== undefined && consumerId === '') return pullMs
    try {
      const rev = this.#revision === '' ? undefined : this.#revision
      this.#take(await this.#client.find({ ...query, consumerId, rev }))
    } catch (error) {
      const isUnknown = isRefusal(error, 'ServiceNotFound')
      if (!isUnknown || CONSUMER_UNKNOWN.test(error.detail)) {
        if (this.#isCurrent) log.warn({ err: error, serviceName: this.serviceName }, 'not found; the last list is kept')
        this.#isCurrent = false
        return this.#backoff.next()
      }
      await this.#takeUnknown(consumerId)
    }
    this.#backoff.reset()
    this.#watch(consumerId)
    return pullMs * (1 - PULL_JITTER * random())
  }

  #take(answer: FindAnswer): void {
    if (this.#isClosed) return
    this.#unknownSince = undefined
    this.#isCurrent = true
    this.#revision = answer.revision
    if (answer.kind === 'changed') this.#tell(this.#roster.replace(answer.instances))
    this.#answered.resolve()
  }

  /**
   * The engine does not know the service. If it has just lost its memory the instances are still there and will
   * register again, so they are kept for a while; those whose end was told go at once.
   */
  async #takeUnknown(consumerId: string): Promise<void> {
    const now = this.#client.surroundings.clock.monotonic()
    if (this.#unknownSince === undefined) {
      this.#unknownSince = now
      await this.#declare(consumerId)
    }
    if (this.#isClosed) return
    this.#revision = ''
    const isKept = now - this.#unknownSince < UNKNOWN_GRACE_MS
    const change = isKept ? this.#roster.dropGone() : this.#roster.replace([])
    this.#isCurrent = this.#roster.instances.length === 0
    this.#tell(change)
    this.#answered.resolve()
  }

  /** Says that the consumer uses the provider: a find does not record that while there is no such service. */
  async #declare(consumerId: string): Promise<void> {
    if (consumerId === '') return
    const { appId = 'default', serviceName } = this.#options
    try {
      const consumer = await this.#client.services.get(consumerId)
      const provider = { environment: consumer.environment ?? '', appId, serviceName }
      await this.#client.declareDependencies(consumer, [provider])
    } catch (err) {
      this.#client.surroundings.log.info({ err, serviceName }, 'not declared; the regular pull will find the service')
    }
  }

  /** Watches from the first find on, because that is what makes the engine tell this consumer of changes. */
  #watch(consumerId: string): void {
    if (this.#isClosed || consumerId === this.#watched) return
    this.#stopWatch?.()
    this.#watched = consumerId
    this.#stopWatch = this.#client.watch(consumerId, (signal) => this.#onSignal(signal))
  }

  #onSignal(signal: WatchSignal): void {
    if (signal.kind === 'event' && this.#isAbout(signal.event)) {
      if (signal.event.action === 'DELETE') this.#roster.markGone(signal.event.instance.instanceId)
      this.refresh()
    } else if (signal.kind === 'open') {
      // An engine that was away may have lost its memory; the regular heartbeat would find out only later.
      if (this.#wasLost && typeof this.#options.consumer === 'object') void this.#options.consumer.beat()
      this.refresh()
    }
    this.#wasLost = signal.kind === 'lost'
  }

  #isAbout({ key }: WatchEvent): boolean {
    const { appId = 'default', serviceName } = this.#options
    return key.appId === appId && (key.serviceName === serviceName || key.alias === serviceName)
  }

  #onConsumerJoined(): void {
    this.#client.nudgeWatches()
    this.refresh()
  }

  #tell(change: Change | undefined): void {
    if (change !== undefined) this.#changes.tell(change)
  }
}
