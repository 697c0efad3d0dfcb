import { expect, test } from 'vitest'
import { EVERYBODY } from '../domain/auth/index.ts'
import { Metrics, ThresholdView } from '../domain/metrics/index.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { loadSettings } from '../settings.ts'
import { MemoryJournal } from '../storage/memory/memory-journal.ts'
import type { Call, EventSink } from './call.ts'
import type { Viewer } from './gate.ts'
import { MetricStreams } from './metric-streams.ts'

const CALL: Call = {
  principal: EVERYBODY,
  address: '127.0.0.1',
  tenant: 'default/default',
  params: {},
  query: { get: () => '', getAll: () => [] },
  consumerId: '',
  accept: '',
  lastEventId: '',
  authorization: '',
  body: undefined,
}

/** A reader whose socket is as full as the test says. */
class Reader implements EventSink {
  drained = () => Promise.resolve()
  readonly events: string[] = []
  backlogBytes = 0
  isDestroyed = false
  #onClose = () => {}

  write(text: string): void {
    this.events.push(text)
  }
  end(): void {
    this.#onClose()
  }
  destroy(): void {
    this.isDestroyed = true
    this.#onClose()
  }
  onClose(run: () => void): void {
    this.#onClose = run
  }

  get ids(): number[] {
    return this.events.map((event) => Number(/^id: (\d+)/.exec(event)?.[1]))
  }
}

function open(viewer?: Viewer) {
  const clock = new ManualClock()
  const log = { error() {}, warn() {}, info() {} }
  const alarms = { raise() {}, clear() {} }
  const limits = loadSettings([], {}).metrics
  const journal = new MemoryJournal({ clock })
  const metrics = new Metrics({ clock, limits, journal, thresholds: new ThresholdView(), alarms, log })
  metrics.start()
  const streams = new MetricStreams(metrics, { viewerOf: () => viewer })
  const reader = new Reader()
  streams.answer(CALL).stream?.(reader)
  return { clock, streams, reader }
}

test('a reader that does not take its events gets none, and what it missed when it does again', () => {
  const { clock, reader } = open()
  const [first = 0] = reader.ids
  reader.backlogBytes = 1_000_000
  clock.advance(50_000)
  expect(reader.ids).toEqual([first])
  reader.backlogBytes = 0
  clock.advance(10_000)
  expect(reader.ids).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => first + n))
})

test('one that never does is let go', () => {
  const { clock, reader } = open()
  reader.backlogBytes = 1_000_000
  clock.advance(300_000)
  expect(reader.isDestroyed).toBe(false)
  clock.advance(10_000)
  expect(reader.isDestroyed).toBe(true)
  const { length } = reader.events
  clock.advance(10_000)
  expect(reader.events).toHaveLength(length)
})

test('a last event of long ago is not answered with more than is kept', () => {
  const { clock, streams } = open()
  clock.advance(100_000)
  const reader = new Reader()
  streams.answer({ ...CALL, lastEventId: '5' }).stream?.(reader)
  expect(reader.events).toHaveLength(31)
})

test('who may no longer read is shown nothing more', () => {
  let isWelcome = true
  const { clock, reader } = open({ isWelcome: () => isWelcome, sees: () => true, sight: () => undefined })
  clock.advance(10_000)
  expect(reader.events).toHaveLength(2)
  isWelcome = false
  clock.advance(20_000)
  expect(reader.events).toHaveLength(2)
})
