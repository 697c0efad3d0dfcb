import type { TxHead, TxInfo } from '@rollcall/protocol/transactions'
import { Backoff } from './backoff.ts'
import type { Client } from './client.ts'
import type { Timer } from './clock.ts'
import { isPassing } from './errors.ts'

/** Who the transactions belong to; the same for the life of the process. */
export type TransactionOwner = Omit<TxHead, 'timestamp'>

/** What changed within this time goes out together. */
const GATHER_MS = 200
/** So often the engine hears what is in flight, changed or not. */
const PERIOD_MS = 10_000
const RETRY_FIRST_MS = 500
const RETRY_MAX_MS = 30_000
/** Entries of a list; the engine takes up to 1000, in a body of 4 MiB. */
const LIST_MAX = 500
/** Ended transactions that wait for an engine; the oldest go when there are more. */
const WAITING_MAX = 10_000
const CLOSE_WITHIN_MS = 2000

/**
 * What the engine is to hear of this process's transactions. Nothing here blocks or throws into the application: while
 * no engine answers, what is in flight is kept as it is now, and what has ended waits within bounds.
 */
export class TransactionLog {
  readonly #client: Client
  readonly #owner: TransactionOwner
  readonly #active = new Map<string, TxInfo>()
  /** In order of their ends. */
  #ended = new Map<string, TxInfo>()
  readonly #backoff: Backoff
  #timer: Timer | undefined
  #sending: Promise<void> | undefined
  #lastTimestamp = 0
  #hasNews = false
  #hasToldOfActive = false
  #isClosed = false

  constructor(client: Client, owner: TransactionOwner) {
    this.#client = client
    this.#owner = owner
    this.#backoff = new Backoff({
      firstMs: RETRY_FIRST_MS,
      maxMs: RETRY_MAX_MS,
      random: client.surroundings.random,
    })
  }

  /** Notes how a branch stands now. */
  note(info: TxInfo, isEnded: boolean): void {
    const key = `${info.globalTxId}\n${info.branchTxId ?? ''}`
    if (isEnded) {
      this.#active.delete(key)
      this.#ended.set(key, info)
      this.#shed()
    } else this.#active.set(key, info)
    this.#hasNews = true
    this.#wake(GATHER_MS)
  }

  /** Tells the engine what it lacks, within a short time, and nothing later. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.stop()
    const { clock } = this.#client.surroundings
    const late = Promise.withResolvers<void>()
    const timer = clock.after(CLOSE_WITHIN_MS, late.resolve)
    await Promise.race([this.#finish(), late.promise])
    timer.stop()
  }

  async #finish(): Promise<void> {
    await this.#sending
    if (this.#hasNews || this.#ended.size > 0) await this.#send()
  }

  /** Sends soon; an earlier time that is set already holds. */
  #wake(delayMs: number): void {
    if (this.#isClosed || this.#timer !== undefined || this.#sending !== undefined) return
    this.#timer = this.#client.surroundings.clock.after(delayMs, () => {
      this.#timer = undefined
      this.#sending = this.#send().then((nextMs) => {
        this.#sending = undefined
        if (nextMs !== undefined) this.#wake(nextMs)
      })
    })
  }

  /** @returns when to send again; undefined: when there is something new */
  async #send(): Promise<number | undefined> {
    const ended = [...this.#ended].slice(0, LIST_MAX)
    const active = [...this.#active.values()].slice(0, LIST_MAX)
    this.#hasNews = false
    try {
      await this.#client.reportTransactions({
        head: { ...this.#owner, timestamp: this.#timestamp() },
        // The oldest, when there are too many: so what was once in the list stays there until its end.
        activeTxList: active,
        finishedTxList: ended.map(([, info]) => info),
      })
      this.#forget(ended)
      this.#hasToldOfActive = active.length > 0
      this.#backoff.reset()
    } catch (error) {
      const { log } = this.#client.surroundings
      if (isPassing(error)) {
        log.warn({ error }, 'transactions cannot be reported now; it is tried again')
        this.#hasNews = true
        return this.#backoff.next()
      }
      // Sending the same again would be refused again.
      this.#forget(ended)
      log.warn(
        { error, count: ended.length },
        'the engine refused a report of transactions; its ended ones are given up',
      )
    }
    if (this.#ended.size > 0) return 0
    if (this.#hasNews) return GATHER_MS
    return this.#active.size > 0 || this.#hasToldOfActive ? PERIOD_MS : undefined
  }

  #forget(sent: readonly (readonly [string, TxInfo])[]): void {
    for (const [key, info] of sent) if (this.#ended.get(key) === info) this.#ended.delete(key)
  }

  #shed(): void {
    const surplus = this.#ended.size - WAITING_MAX
    if (surplus <= 0) return
    this.#ended = new Map([...this.#ended].slice(surplus))
    const { log } = this.#client.surroundings
    log.warn({ count: surplus }, 'ended transactions were given up: too many wait for an engine')
  }

  /** Grows with every report, so that the engine knows the latest, whatever the machine's clock does. */
  #timestamp(): number {
    this.#lastTimestamp = Math.max(this.#lastTimestamp + 1, Math.floor(this.#client.surroundings.clock.now()))
    return this.#lastTimestamp
  }
}
