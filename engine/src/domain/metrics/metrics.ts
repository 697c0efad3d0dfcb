import type { MetricReport } from '@rollcall/protocol/metrics'
import type { Clock, Stoppable } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { paced } from '../../kernel/pace.ts'
import type { Journal } from '../../storage/journal.ts'
import type { AlarmBoard } from './crossings.ts'
import { Crossings } from './crossings.ts'
import { gatherGroups } from './current.ts'
import { listReporting } from './reporting.ts'
import { Restore } from './restore.ts'
import { SampleLog } from './sample-log.ts'
import { Samples } from './samples.ts'
import { readSeries } from './series.ts'
import type { ThresholdView } from './threshold-view.ts'
import type {
  CurrentGroup,
  CurrentQuery,
  MetricLimits,
  MetricUse,
  ReportingVersion,
  Selection,
  SeriesAnswer,
  SeriesQuery,
  Tenant,
} from './types.ts'

interface Needs {
  readonly clock: Clock
  readonly limits: MetricLimits
  /** Left out where nothing outlives the process: samples would only be kept twice. */
  readonly journal: Journal | undefined
  readonly thresholds: ThresholdView
  readonly alarms: AlarmBoard
  readonly log: Log
}

/** Slots between two looks for what is too old. */
const SLOTS_PER_SWEEP = 6

/** In how many turns the sources are written to the journal. */
const TURNS_PER_SLOT = 10

/** How calls are going: takes reports, answers questions about now and about the past. */
export class Metrics {
  readonly #samples: Samples
  readonly #clock: Clock
  readonly #log: Log
  readonly #sampleLog: SampleLog | undefined
  readonly #restore: Restore | undefined
  readonly #crossings: Crossings
  readonly #listeners = new Set<(slot: number) => void>()
  #restoring: Promise<void> | undefined
  #timer: Stoppable | undefined
  #ticks = 0

  constructor({ clock, limits, journal, thresholds, alarms, log }: Needs) {
    this.#clock = clock
    this.#log = log
    this.#samples = new Samples(clock, limits)
    if (journal !== undefined) {
      this.#sampleLog = new SampleLog({ samples: this.#samples, journal, log })
      this.#restore = new Restore(this.#samples, journal)
    }
    this.#crossings = new Crossings(this.#samples, thresholds, alarms)
  }

  /** Begins to work; what was reported before a restart comes back meanwhile. */
  start(): void {
    this.#restoring = this.#restore?.run().catch((err: unknown) => {
      this.#log.warn({ err }, 'metrics of earlier could not be read')
    })
    this.#timer = this.#clock.every((this.#samples.limits.fineSeconds * 1000) / TURNS_PER_SLOT, () => this.#tick())
  }

  /** Stops and writes to the journal what it does not have yet. */
  async stop(): Promise<void> {
    this.#timer?.stop()
    this.#restore?.stop()
    await this.#restoring
    await this.#sampleLog?.close()
  }

  /** Takes a report that was read and checked. */
  report(tenant: Tenant, report: MetricReport): void {
    this.#samples.add(tenant, report)
  }

  /** The current numbers of each group; of many instances they are put together in turns, so that nobody waits. */
  current(query: CurrentQuery): Promise<CurrentGroup[]> {
    return paced(gatherGroups(this.#samples, query))
  }

  /** Numbers over time. @throws InvalidParameters for what would be too much or is not kept */
  series(tenant: Tenant, query: SeriesQuery): SeriesAnswer {
    return readSeries(this.#samples, tenant, query)
  }

  /** Who has reported, and when last. */
  reporting(tenant: Tenant, selection: Selection): ReportingVersion[] {
    return listReporting(this.#samples, tenant, selection)
  }

  /** The same of all tenants. */
  allReporting(): ReportingVersion[] {
    return this.#samples.tenants().flatMap((tenant) => listReporting(this.#samples, tenant, {}))
  }

  /** What is kept, and what for want of room was not. */
  use(): MetricUse {
    const { room, lost } = this.#samples
    return { usedBytes: room.usedBytes, maxBytes: room.maxBytes, lostSamples: lost }
  }

  now(): number {
    return this.#clock.now()
  }

  /** When a fine slot ends, milliseconds since the epoch. */
  timeOf(slot: number): number {
    return (slot + 1) * this.#samples.limits.fineSeconds * 1000
  }

  /** The last fine slot that is complete. */
  get lastSlot(): number {
    return this.#samples.fineSlot(this.#clock.now()) - 1
  }

  /** Tells of each slot that is complete. @returns what ends it */
  onSlot(listener: (slot: number) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #tick(): void {
    this.#ticks++
    this.#sampleLog?.write({ turn: this.#ticks % TURNS_PER_SLOT, turns: TURNS_PER_SLOT })
    if (this.#ticks % TURNS_PER_SLOT !== 0) return
    this.#crossings.check()
    if (this.#ticks % (TURNS_PER_SLOT * SLOTS_PER_SWEEP) === 0) {
      this.#samples.sweep()
      void this.#sampleLog?.drop()
    }
    for (const listener of this.#listeners) listener(this.lastSlot)
  }
}
