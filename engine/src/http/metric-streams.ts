import type { CurrentQuery, Metrics } from '../domain/metrics/index.ts'
import { fail } from '../kernel/failure.ts'
import { METRIC_STREAM_BACKLOG_BYTES_MAX, METRIC_STREAM_MISSED_MAX, METRIC_STREAMS_MAX } from '../kernel/limits.ts'
import type { Answer, Call, EventSink } from './call.ts'
import type { Gate, Viewer } from './gate.ts'
import { metricInfo } from './metric-answers.ts'
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
  /** The slot of the newest event that it was sent. */
  lastSlot: number
}

/**
 * Streams of current numbers as server-sent events: one at the beginning, then one whenever a slot is complete. The id
 * of an event is its slot; who comes back with the id of the last one gets those in between, as far as they are kept.
 */
export class MetricStreams {
  readonly #metrics: Metrics
  readonly #gate: Pick<Gate, 'viewerOf'>
  readonly #readers = new Set<Reader>()
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
        const reader = { viewer, sink, query, key, lastSlot }
        this.#readers.add(reader)
        sink.onClose(() => this.#readers.delete(reader))
        this.#send(reader, this.#metrics.lastSlot, new Map())
      },
    }
  }

  /** Ends all streams; their readers come back by themselves. */
  close(): void {
    this.#stopListening()
    for (const { sink } of this.#readers) sink.end()
  }

  #tell(slot: number): void {
    const events = new Map<string, string>()
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
      this.#send(reader, slot, events)
    }
  }

  /** What a reader has missed, then the newest event: the same one for all that may see the same. */
  #send(reader: Reader, slot: number, events: Map<string, string>): void {
    const sight = reader.viewer?.sight()
    const query = { ...reader.query, selection: { ...reader.query.selection, sees: sight?.sees } }
    const key = `${reader.key} ${sight?.key ?? ''}`
    for (let missed = Math.max(reader.lastSlot + 1, slot - METRIC_STREAM_MISSED_MAX); missed < slot; missed++) {
      reader.sink.write(this.#event(query, missed, missed))
    }
    const event = events.get(key) ?? this.#event(query, slot)
    events.set(key, event)
    reader.sink.write(event)
    reader.lastSlot = slot
  }

  #event(query: CurrentQuery, slot: number, asOf?: number): string {
    const metrics = this.#metrics.current({ ...query, asOf }).map(metricInfo)
    const time = this.#metrics.timeOf(slot)
    return `id: ${slot}\nevent: metrics\ndata: ${JSON.stringify({ time, metrics })}\n\n`
  }
}
