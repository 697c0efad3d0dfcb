import type { CurrentQuery, Metrics } from '../domain/metrics/index.ts'
import { fail } from '../kernel/failure.ts'
import { METRIC_STREAM_BACKLOG_BYTES_MAX, METRIC_STREAM_MISSED_MAX, METRIC_STREAMS_MAX } from '../kernel/limits.ts'
import { Pace } from '../kernel/pace.ts'
import type { Answer, Call, EventSink } from './call.ts'
import type { Gate, Viewer } from './gate.ts'
import { metricList } from './metric-answers.ts'
import { levelOf, wishOf } from './metric-query.ts'
import { may } from './permission.ts'

const HEADERS = ['Content-Type', 'text/event-stream', 'Cache-Control', 'no-cache', 'X-Accel-Buffering', 'no'] as const

/** What who reads a stream must be allowed to do, at each event anew. */
export const STREAM_PERMISSION = may('get', 'service', 'shown')

interface Reader {
  /** Undefined: everybody may read, for ever. */
  readonly viewer: Viewer | undefined
  readonly sink: EventSink
  /** What is asked for, whatever the reader may see of it. */
  readonly query: CurrentQuery
  readonly key: string
  /** The slot of the newest event that it was sent, and of the newest that it is to have. */
  lastSlot: number
  wantedSlot: number
  /** While its events are put together. */
  isServed: boolean
}

/**
 * Streams of current numbers as server-sent events: one at the beginning, then one whenever a slot is complete. The id
 * of an event is its slot; who comes back with the id of the last one gets those in between, as far as they are kept.
 */
export class MetricStreams {
  readonly #metrics: Metrics
  readonly #gate: Pick<Gate, 'viewerOf'>
  readonly #readers = new Set<Reader>()
  /** Events that are put together or wait for it, one after the other; who asks for the same one gets the same. */
  readonly #underWay = new Map<string, Promise<string>>()
  #queue: Promise<unknown> = Promise.resolve()
  readonly #pace = new Pace()
  #writing: Promise<void> = Promise.resolve()
  readonly #stopListening: () => void

  constructor(metrics: Metrics, gate: Pick<Gate, 'viewerOf'>) {
    this.#metrics = metrics
    this.#gate = gate
    this.#stopListening = metrics.onSlot((slot) => this.#tell(slot))
  }

  /** The answer that opens a stream. @throws InvalidParameters, and QuotaExceeded when too many are open */
  answer(call: Call): Answer {
    const query = { tenant: call.tenant, selection: wishOf(call), level: levelOf(call, 'version') }
    if (this.#readers.size >= METRIC_STREAMS_MAX) {
      fail('QuotaExceeded', `${METRIC_STREAMS_MAX} streams of metrics are open, which is the most`)
    }
    const seen = call.lastEventId || call.query.get('lastEventId')
    const lastSlot = /^\d{1,10}$/.test(seen) ? Number(seen) : this.#metrics.lastSlot
    const { serviceNames, ...narrowed } = query.selection
    const key = JSON.stringify([query.tenant, query.level, narrowed, [...(serviceNames ?? [])]])
    return {
      status: 200,
      headers: HEADERS,
      body: undefined,
      stream: (sink) => {
        const viewer = this.#gate.viewerOf(call, STREAM_PERMISSION)
        const reader = { viewer, sink, query, key, lastSlot, wantedSlot: lastSlot, isServed: false }
        this.#readers.add(reader)
        sink.onClose(() => this.#readers.delete(reader))
        this.#serve(reader, this.#metrics.lastSlot)
      },
    }
  }

  /** Ends all streams; their readers come back by themselves. */
  close(): void {
    this.#stopListening()
    for (const { sink } of this.#readers) sink.end()
  }

  #tell(slot: number): void {
    for (const reader of this.#readers) {
      const { viewer, sink } = reader
      if (viewer?.isWelcome() === false) {
        sink.end()
        continue
      }
      if (sink.backlogBytes > METRIC_STREAM_BACKLOG_BYTES_MAX) {
        if (slot - reader.lastSlot > METRIC_STREAM_MISSED_MAX) sink.destroy()
        continue
      }
      this.#serve(reader, slot)
    }
  }

  #serve(reader: Reader, slot: number): void {
    reader.wantedSlot = slot
    if (reader.isServed) return
    reader.isServed = true
    this.#send(reader).then(
      () => {
        reader.isServed = false
      },
      // It comes back by itself.
      () => reader.sink.destroy(),
    )
  }

  /** What a reader has missed, then the newest event. */
  async #send(reader: Reader): Promise<void> {
    do {
      const slot = reader.wantedSlot
      for (let missed = Math.max(reader.lastSlot + 1, slot - METRIC_STREAM_MISSED_MAX); missed < slot; missed++) {
        await this.#write(reader, missed, missed)
      }
      await this.#write(reader, slot)
      reader.lastSlot = slot
    } while (reader.lastSlot < reader.wantedSlot)
  }

  async #write(reader: Reader, slot: number, asOf?: number): Promise<void> {
    if (!this.#readers.has(reader)) return
    const sight = reader.viewer?.sight()
    const query = { ...reader.query, selection: { ...reader.query.selection, sees: sight?.sees }, asOf }
    const event = await this.#event(query, slot, `${slot} ${asOf ?? ''} ${reader.key} ${sight?.key ?? ''}`)
    // Much may have happened while it was put together.
    await this.#inTurn(() => {
      const isWelcome = reader.viewer?.isWelcome() !== false && reader.viewer?.sight()?.key === sight?.key
      if (isWelcome && this.#readers.has(reader)) reader.sink.write(event)
    })
  }

  /** Writes to one reader after the other, and lets everybody else have their turn between. */
  #inTurn(write: () => void): Promise<void> {
    this.#writing = this.#writing.then(() => {
      write()
      return this.#pace.step()
    })
    return this.#writing
  }

  /** @param name the same for all that may see the same */
  #event(query: CurrentQuery, slot: number, name: string): Promise<string> {
    const known = this.#underWay.get(name)
    if (known !== undefined) return known
    const event = this.#queue.then(() => this.#compose(query, slot)).finally(() => this.#underWay.delete(name))
    this.#queue = event.catch(() => {})
    this.#underWay.set(name, event)
    return event
  }

  async #compose(query: CurrentQuery, slot: number): Promise<string> {
    const metrics = await metricList(await this.#metrics.current(query))
    return `id: ${slot}\nevent: metrics\ndata: {"time":${this.#metrics.timeOf(slot)},"metrics":${metrics}}\n\n`
  }
}
