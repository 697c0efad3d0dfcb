import { expect, test } from 'vitest'
import { EVERYBODY } from '../domain/auth/index.ts'
import { Metrics, ThresholdView } from '../domain/metrics/index.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { Pace } from '../kernel/pace.ts'
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

/** Events are put together in turns: waits until all others have had theirs. */
function settled(): Promise<void> | undefined {
  let now = 0
  const hasTakenLong = () => (now += 1000)
  return new Pace(hasTakenLong).step()
}

async function open(viewer?: Viewer) {
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
  await settled()
  const advance = async (ms: number) => {
    clock.advance(ms)
    await settled()
  }
  return { advance, streams, reader }
}

test('a reader that does not take its events gets none, and what it missed when it does again', async () => {
  const { advance, reader } = await open()
  const [first = 0] = reader.ids
  reader.backlogBytes = 1_000_000
  await advance(50_000)
  expect(reader.ids).toEqual([first])
  reader.backlogBytes = 0
  await advance(10_000)
  await expect.poll(() => reader.ids).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => first + n))
})

test('one that never does is let go', async () => {
  const { advance, reader } = await open()
  reader.backlogBytes = 1_000_000
  await advance(300_000)
  expect(reader.isDestroyed).toBe(false)
  await advance(10_000)
  expect(reader.isDestroyed).toBe(true)
  const { length } = reader.events
  await advance(10_000)
  expect(reader.events).toHaveLength(length)
})

test('a last event of long ago is not answered with more than is kept', async () => {
  const { advance, streams } = await open()
  await advance(100_000)
  const reader = new Reader()
  streams.answer({ ...CALL, lastEventId: '5' }).stream?.(reader)
  await expect.poll(() => reader.events).toHaveLength(31)
})

test('who may no longer read is shown nothing more', async () => {
  let isWelcome = true
  const { advance, reader } = await open({ isWelcome: () => isWelcome, sees: () => true, sight: () => undefined })
  await advance(10_000)
  await expect.poll(() => reader.events).toHaveLength(2)
  isWelcome = false
  await advance(20_000)
  expect(reader.events).toHaveLength(2)
})
