import type { Log } from '../../kernel/log.ts'
import type { Journal } from '../../storage/journal.ts'
import type { EntryReporter, Resolution, SampleEntry } from './entry.ts'
import { encodeEntry, STREAMS } from './entry.ts'
import { recordAt } from './record.ts'
import { placeIn } from './ring.ts'
import type { Samples } from './samples.ts'
import type { InstanceSource, VersionSource } from './sources.ts'

const HOUR_MS = 3_600_000
const ENTRIES_PER_APPEND = 256

/** Every how manieth source is meant, and which of them first. */
interface Part {
  readonly turn: number
  readonly turns: number
}

const WHOLE: Part = { turn: 0, turns: 1 }

interface Needs {
  readonly samples: Samples
  readonly journal: Journal
  readonly log: Log
}

/**
 * Keeps samples over a restart: what has changed is written slot by slot, at the latest one slot after it is complete.
 * Nobody waits for that, so a crash may cost the newest slots; an orderly end costs nothing.
 */
export class SampleLog {
  readonly #samples: Samples
  readonly #journal: Journal
  readonly #log: Log
  #isClosed = false

  constructor({ samples, journal, log }: Needs) {
    this.#samples = samples
    this.#journal = journal
    this.#log = log
  }

  /** Writes complete slots of a part of the sources, so that many of them do not keep others waiting. */
  write(part: Part = WHOLE): void {
    const now = this.#samples.now()
    const before = { fine: this.#samples.fineSlot(now), coarse: this.#samples.coarseSlot(now) }
    this.#append(this.#texts(before, part), false).catch((err: unknown) => {
      this.#log.warn({ err }, 'metrics were not written to the journal')
    })
  }

  /** Removes what is older than it is kept for. */
  async drop(): Promise<void> {
    const { fineRetentionSeconds, fineSeconds, coarseRetentionHours } = this.#samples.limits
    const now = this.#samples.now()
    try {
      await this.#journal.dropBefore(STREAMS.fine, now - (fineRetentionSeconds + fineSeconds) * 1000)
      await this.#journal.dropBefore(STREAMS.coarse, now - coarseRetentionHours * HOUR_MS)
    } catch (err) {
      if (!this.#isClosed) this.#log.warn({ err }, 'old metrics were not removed from the journal')
    }
  }

  /** Writes everything, and waits for it. */
  async close(): Promise<void> {
    this.#isClosed = true
    const all = Number.POSITIVE_INFINITY
    try {
      await this.#append(this.#texts({ fine: all, coarse: all }, WHOLE), true)
    } catch (err) {
      this.#log.warn({ err }, 'the newest metrics were not written to the journal')
    }
  }

  async #append(texts: Readonly<Record<Resolution, readonly string[]>>, durable: boolean): Promise<void> {
    for (const resolution of ['fine', 'coarse'] as const) {
      for (let from = 0; from < texts[resolution].length; from += ENTRIES_PER_APPEND) {
        const some = texts[resolution].slice(from, from + ENTRIES_PER_APPEND)
        await this.#journal.append(STREAMS[resolution], some, { durable })
      }
    }
  }

  #texts(before: Readonly<Record<Resolution, number>>, { turn, turns }: Part): Record<Resolution, string[]> {
    const texts: Record<Resolution, string[]> = { fine: [], coarse: [] }
    let index = 0
    for (const version of this.#samples.allVersions()) {
      if (index++ % turns === turn) {
        for (const slot of takeBefore(version.changedCoarse, before.coarse)) {
          texts.coarse.push(this.#ofVersion(version, slot))
        }
      }
      for (const instance of version.instances.values()) {
        if (index++ % turns !== turn) continue
        for (const slot of takeBefore(instance.changedFine, before.fine)) texts.fine.push(this.#fineOf(instance, slot))
        for (const slot of takeBefore(instance.changedCoarse, before.coarse)) {
          texts.coarse.push(this.#coarseOf(instance, slot))
        }
      }
    }
    return texts
  }

  #ofVersion(version: VersionSource, slot: number): string {
    const records = new Map<string, Float32Array>()
    for (const [name, history] of version.histories) {
      const piece = history.find(slot)
      if (piece !== undefined) records.set(name, recordAt(piece, placeIn(slot)))
    }
    return encodeEntry({ ...named(version), seconds: this.#samples.limits.coarseSeconds, slot, records })
  }

  #fineOf(instance: InstanceSource, slot: number): string {
    const records = new Map<string, Float32Array>()
    for (const [name, ring] of instance.rings) {
      const at = ring.find(slot)
      if (at >= 0) records.set(name, recordAt(ring.data, at))
    }
    const seconds = this.#samples.limits.fineSeconds
    return encodeEntry({ ...named(instance.version), reporter: reporterOf(instance), seconds, slot, records })
  }

  #coarseOf(instance: InstanceSource, slot: number): string {
    const piece = instance.history.find(slot)
    const records = new Map(piece === undefined ? [] : [['', recordAt(piece, placeIn(slot))]])
    const seconds = this.#samples.limits.coarseSeconds
    return encodeEntry({ ...named(instance.version), reporter: reporterOf(instance), seconds, slot, records })
  }
}

function named({
  tenant,
  id,
}: VersionSource): Pick<SampleEntry, 'tenant' | 'environment' | 'appId' | 'name' | 'version'> {
  const { environment, appId, serviceName: name, version } = id
  return { tenant, environment, appId, name, version }
}

function reporterOf({ id, lastAt, gauges }: InstanceSource): EntryReporter {
  const { instance, instanceId, serviceId } = id
  return { instance, instanceId, serviceId, lastAt, gauges }
}

/** Takes the slots before another one out of a set. */
function takeBefore(slots: Set<number>, before: number): number[] {
  const taken = [...slots].filter((slot) => slot < before)
  for (const slot of taken) slots.delete(slot)
  return taken
}
