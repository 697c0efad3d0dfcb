import type { ServiceKey } from '@rollcall/protocol/documents'
import type { WatchAction } from '@rollcall/protocol/watch'
import { UNKNOWN_SERVICE_FRAME } from '@rollcall/protocol/watch'
import { Backoff } from './backoff.ts'
import type { Timer } from './clock.ts'
import type { KnownInstance } from './instances.ts'
import { Listeners } from './listeners.ts'
import type { OpenSocket } from './socket.ts'
import { openSocket } from './socket.ts'
import type { Surroundings } from './surroundings.ts'
import type { Transport } from './transport.ts'

/** One change, as the engine tells it. For DELETE `instance` is the last that was known of it. */
export interface WatchEvent {
  readonly action: WatchAction
  /** The service version that the instance belongs to. */
  readonly key: ServiceKey
  readonly instance: KnownInstance
}

/** What a watch tells. Between `lost` and the next `open` changes may have been missed. */
export type WatchSignal =
  | { readonly kind: 'open' }
  | { readonly kind: 'event'; readonly event: WatchEvent }
  | { readonly kind: 'lost'; readonly reason: string; readonly retryMs: number }

export interface WatchTimes {
  /** How long opening may take. */
  readonly openMs: number
  /** After so long without any byte the connection counts as dead; the engine pings every 30 s. */
  readonly silenceMs: number
  /** First and longest pause before connecting again. */
  readonly retryFirstMs: number
  readonly retryMaxMs: number
  /** A connection that lived so long was a good one: the next pause is short again. */
  readonly provenMs: number
}

export const WATCH_TIMES: WatchTimes = {
  openMs: 10_000,
  silenceMs: 90_000,
  retryFirstMs: 250,
  retryMaxMs: 15_000,
  provenMs: 5_000,
}

interface Needs extends Surroundings {
  readonly transport: Transport
  readonly consumerId: string
  readonly times: WatchTimes
}

/**
 * The changes of everything that one consumer has found before, over one connection that is made again whenever it
 * breaks. Open as long as somebody listens.
 */
export class Watch {
  readonly #needs: Needs
  readonly #listeners: Listeners<WatchSignal>
  readonly #backoff: Backoff
  #socket: OpenSocket | undefined
  #url = ''
  /** Stands for the attempt or connection under way; anything late from an earlier one is recognised by it. */
  #round = 0
  #isOpen = false
  #openedAt = 0
  #seenAt = 0
  #timer: Timer | undefined

  constructor(needs: Needs) {
    this.#needs = needs
    this.#listeners = new Listeners(needs.log)
    const { retryFirstMs, retryMaxMs } = needs.times
    this.#backoff = new Backoff({ firstMs: retryFirstMs, maxMs: retryMaxMs, random: needs.random })
  }

  /** Whether nobody listens. */
  get isIdle(): boolean {
    return this.#listeners.size === 0
  }

  /** Listens; one that comes while the watch is open is told so at once. @returns what ends it */
  listen(listener: (signal: WatchSignal) => void): () => void {
    const isFirst = this.isIdle
    const stop = this.#listeners.add(listener)
    if (isFirst) void this.#connect()
    else if (this.#isOpen) listener({ kind: 'open' })
    return () => {
      stop()
      if (this.isIdle) this.#abandon()
    }
  }

  /** There is reason to believe that connecting works now: a pause ends. */
  nudge(): void {
    if (this.#timer === undefined || this.#socket !== undefined || this.isIdle) return
    void this.#connect()
  }

  async #connect(): Promise<void> {
    this.#abandon()
    const { transport, clock, consumerId, times } = this.#needs
    const round = this.#round
    const isCurrent = () => round === this.#round
    const lose = (reason: string) => {
      if (isCurrent()) this.#lose(reason)
    }
    try {
      const headers = await transport.headers()
      if (!isCurrent()) return
      const path = transport.path(['microservices', consumerId, 'watcher'])
      this.#url = transport.url
      const target = new URL(this.#url.replace(/^http/, 'ws') + path)
      const { dispatcher } = transport
      this.#socket = openSocket(
        target,
        { headers, ...(dispatcher && { dispatcher }) },
        {
          onOpen: () => this.#onOpen(),
          onText: (text) => this.#onText(text),
          onTraffic: () => {
            this.#seenAt = clock.monotonic()
          },
          onEnd: lose,
        },
      )
      this.#timer = clock.after(times.openMs, () => lose(`not open within ${times.openMs} ms`))
    } catch (error) {
      lose(String(error))
    }
  }

  #onOpen(): void {
    this.#isOpen = true
    this.#openedAt = this.#needs.clock.monotonic()
    this.#seenAt = this.#openedAt
    this.#supervise()
    this.#listeners.tell({ kind: 'open' })
  }

  /** Looks again when the connection, if it stays silent, will have been silent for too long. */
  #supervise(): void {
    const { clock, times } = this.#needs
    this.#timer?.stop()
    const quietMs = clock.monotonic() - this.#seenAt
    if (quietMs >= times.silenceMs && this.#socket?.isSupervised === true) {
      this.#lose(`silent for ${Math.round(quietMs / 1000)} s`)
      return
    }
    this.#timer = clock.after(Math.max(times.silenceMs - quietMs, 1000), () => this.#supervise())
  }

  #onText(text: string): void {
    const event = parseEvent(text)
    if (event !== undefined) this.#listeners.tell({ kind: 'event', event })
    else if (text.includes(UNKNOWN_SERVICE_FRAME)) this.#lose(`the engine does not know ${this.#needs.consumerId}`)
    else this.#lose('a frame that is no event')
  }

  #lose(reason: string): void {
    const { clock, transport, times, log, consumerId } = this.#needs
    const wasGood = this.#isOpen && clock.monotonic() - this.#openedAt >= times.provenMs
    if (wasGood) this.#backoff.reset()
    if (!this.#isOpen) transport.leave(this.#url)
    this.#abandon()
    const retryMs = this.#backoff.next()
    log.info({ reason, consumerId, retryMs }, 'watch lost')
    this.#timer = clock.after(retryMs, () => void this.#connect())
    this.#listeners.tell({ kind: 'lost', reason, retryMs })
  }

  #abandon(): void {
    this.#round++
    this.#timer?.stop()
    this.#timer = undefined
    this.#socket?.drop()
    this.#socket = undefined
    this.#isOpen = false
  }
}

function parseEvent(text: string): WatchEvent | undefined {
  try {
    const { action, key, instance } = JSON.parse(text) as Partial<WatchEvent>
    return action && key && instance ? { action, key, instance } : undefined
  } catch {
    return undefined
  }
}
