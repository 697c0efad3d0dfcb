import type { Clock, Stoppable } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { paced } from '../../kernel/pace.ts'
import type { Journal } from '../../storage/journal.ts'
import { checkSizes, noteReport } from './decide.ts'
import { isEnded, seenBy } from './judge.ts'
import { detailOf, type TransactionDetail } from './pictures.ts'
import { TransactionRecord } from './record.ts'
import { Room } from './room.ts'
import { type Page, type Search, search } from './search.ts'
import { countAll, type Statistics } from './statistics.ts'
import type { Eyes, ReceivedReport } from './types.ts'
import { reporterKey, TransactionView } from './view.ts'

const TICK_MS = 60_000
const HOUR_MS = 3_600_000
/** Counting more than this is done once a second only. */
const COUNTED_EACH_TIME_MAX = 5000
const COUNTS_KEPT_MS = 1000

export interface TransactionLimits {
  readonly retentionHours: number
  readonly maxBytes: number
}

interface Needs {
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
  readonly limits: TransactionLimits
}

/** The life of each distributed transaction as it was reported. */
export class Transactions {
  readonly #clock: Clock
  readonly #limits: TransactionLimits
  readonly #view = new TransactionView()
  readonly #record: TransactionRecord
  readonly #room: Room
  /** How many notes of a reporter are on their way to the view. */
  readonly #busy = new Map<string, number>()
  readonly #counts = new Map<string, { readonly until: number; readonly counts: Promise<Statistics> }>()
  #timer: Stoppable | undefined
  #shortening: Promise<void> | undefined

  constructor({ journal, clock, log, limits }: Needs) {
    this.#clock = clock
    this.#limits = limits
    this.#record = new TransactionRecord({ journal, clock, log })
    this.#room = new Room({ view: this.#view, clock, log, bytesMax: limits.maxBytes })
  }

  /** Takes in what the journal has. */
  async start(): Promise<void> {
    await this.#record.replay(this.#view, () => this.#room.make())
    this.#view.sortByTouch()
    this.#expire()
    this.#timer = this.#clock.every(TICK_MS, () => this.#tidy())
  }

  async stop(): Promise<void> {
    this.#timer?.stop()
    await this.#shortening
  }

  /**
   * Takes a report; resolves when what it adds is durable and seen by reads.
   * @throws TransactionFailure, then nothing of the report is kept
   */
  async report(tenant: string, received: ReceivedReport): Promise<void> {
    const { report } = received
    const key = `${tenant}\n${reporterKey(report.head)}`
    const busy = this.#busy.get(key) ?? 0
    const at = this.#clock.now()
    const note = noteReport(report, { tenant, at, view: this.#view, isBusy: busy > 0 })
    if (note === undefined) return
    checkSizes(note, this.#view)
    const fitting = this.#room.fit(note)
    this.#busy.set(key, busy + 1)
    try {
      await this.#record.add(fitting, received, (kept) => this.#view.apply(kept))
      if (this.#record.isLong(this.#view)) this.#shorten()
    } finally {
      const left = (this.#busy.get(key) ?? 1) - 1
      if (left > 0) this.#busy.set(key, left)
      else this.#busy.delete(key)
    }
  }

  list(tenant: string, asked: Search): Page {
    const own = this.#view.tenants.get(tenant)
    return own === undefined ? { transactions: [] } : search(own, asked, this.#clock.now())
  }

  /** @throws TransactionNotExists */
  detail(tenant: string, globalTxId: string, eyes?: Eyes): TransactionDetail {
    const transaction = this.#view.transaction(tenant, globalTxId)
    return detailOf(transaction && seenBy(eyes, transaction), globalTxId, this.#clock.now())
  }

  /** Counts of all; of many they are put together in turns, so that nobody waits. */
  statistics(tenant: string, eyes?: Eyes): Promise<Statistics> {
    const own = this.#view.tenants.get(tenant)
    const key = eyes?.key ?? tenant
    const kept = this.#counts.get(key)
    const now = this.#clock.monotonic()
    if (kept !== undefined && now < kept.until) return kept.counts
    const counts = paced(countAll(own, { now: this.#clock.now(), eyes }))
    for (const [old, { until }] of this.#counts) if (until <= now) this.#counts.delete(old)
    const looked = own?.transactions.size ?? 0
    if (looked > COUNTED_EACH_TIME_MAX) this.#counts.set(key, { until: now + COUNTS_KEPT_MS, counts })
    return counts
  }

  #tidy(): void {
    this.#expire()
    this.#shorten()
  }

  #shorten(): void {
    this.#shortening ??= this.#record.shorten(this.#view).finally(() => {
      this.#shortening = undefined
    })
  }

  /** Lets go of what ended so long ago that nobody looks at it any more. */
  #expire(): void {
    const end = this.#clock.now() - this.#limits.retentionHours * HOUR_MS
    for (const transaction of this.#view.byTouch) {
      if (transaction.touchedAt >= end) break
      if (isEnded(transaction)) this.#view.forget(transaction)
    }
    this.#view.sweep()
  }
}
