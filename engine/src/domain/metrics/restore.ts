import type { Journal } from '../../storage/journal.ts'
import type { Resolution, SampleEntry } from './entry.ts'
import { decodeEntry, STREAMS } from './entry.ts'
import { hasReports, mergeRecord, recordAt } from './record.ts'
import { PIECE_BYTES, placeIn } from './ring.ts'
import type { Samples } from './samples.ts'

const ENTRIES_PER_READ = 256
const HOUR_MS = 3_600_000

/** Reads samples of an earlier process back, newest first, while the engine already works. */
export class Restore {
  readonly #samples: Samples
  readonly #journal: Journal
  readonly #startedAt: number
  /** What was added to slots that this process adds to itself. */
  readonly #added = new Set<string>()
  #isStopped = false

  constructor(samples: Samples, journal: Journal) {
    this.#samples = samples
    this.#journal = journal
    this.#startedAt = samples.now()
  }

  async run(): Promise<void> {
    const { fineSeconds, fineRetentionSeconds, coarseSeconds, coarseRetentionHours } = this.#samples.limits
    await this.#read('fine', { seconds: fineSeconds, since: this.#startedAt - fineRetentionSeconds * 1000 })
    await this.#read('coarse', { seconds: coarseSeconds, since: this.#startedAt - coarseRetentionHours * HOUR_MS })
    this.#added.clear()
  }

  stop(): void {
    this.#isStopped = true
  }

  async #read(
    resolution: Resolution,
    { seconds, since }: { readonly seconds: number; readonly since: number },
  ): Promise<void> {
    const stream = STREAMS[resolution]
    const [newest] = await this.#journal.scan(stream, { direction: 'backward', limit: 1 })
    // Only what was there at the start: this process writes to the same stream.
    for (let after = (newest?.sequence ?? 0) + 1; this.#goesOn(); ) {
      const entries = await this.#journal.scan(stream, { direction: 'backward', after, limit: ENTRIES_PER_READ })
      for (const { text, time } of entries) {
        if (time < since) return
        const entry = decodeEntry(text)
        const isKept = entry !== undefined && entry.seconds === seconds && (entry.slot + 1) * seconds * 1000 > since
        if (isKept) this.#take(resolution, entry)
      }
      const last = entries.at(-1)
      if (last === undefined) return
      after = last.sequence
    }
  }

  /** Nothing that is there already goes for what is older. */
  #goesOn(): boolean {
    return !this.#isStopped && this.#samples.room.fits(PIECE_BYTES)
  }

  /**
   * The newest entry about a slot is complete, and comes first. Into slots that this process adds to itself it is added
   * once; elsewhere what is there already has come from a newer entry.
   */
  #take(resolution: Resolution, entry: SampleEntry): void {
    const isOwn = (entry.slot + 1) * entry.seconds * 1000 > this.#startedAt
    for (const [name, record] of entry.records) {
      const place = hasReports(record) ? this.#placeFor(resolution, entry, name) : undefined
      if (place === undefined) continue
      if (!isOwn) {
        if (!hasReports(place)) place.set(record)
        continue
      }
      const { records: _, reporter, ...version } = entry
      const key = JSON.stringify([resolution, version, reporter?.instanceId, name])
      if (!this.#added.has(key)) mergeRecord(place, record)
      this.#added.add(key)
    }
  }

  /** The record that an entry's record belongs into. */
  #placeFor(resolution: Resolution, entry: SampleEntry, name: string): Float32Array | undefined {
    const { tenant, slot, reporter } = entry
    const samples = this.#samples
    if (reporter === undefined) {
      const version = samples.version(tenant, entry)
      const history = version === undefined ? undefined : samples.history(version, name, slot)
      const piece = history === undefined ? undefined : samples.piece(history, slot)
      return piece === undefined ? undefined : recordAt(piece, placeIn(slot))
    }
    const instance = samples.instance(tenant, { ...entry, ...reporter })
    if (instance === undefined) return undefined
    if (reporter.lastAt > instance.lastAt) {
      instance.lastAt = reporter.lastAt
      instance.gauges = reporter.gauges
    }
    if (resolution === 'coarse') {
      const piece = samples.piece(instance.history, slot)
      return piece === undefined ? undefined : recordAt(piece, placeIn(slot))
    }
    const ring = samples.ring(instance, name, slot)
    const at = ring?.open(slot) ?? -1
    return ring === undefined || at < 0 ? undefined : recordAt(ring.data, at)
  }
}
