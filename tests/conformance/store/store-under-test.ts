import type { Clock, Stoppable } from '../../../engine/src/kernel/clock.ts'
import { ManualClock } from '../../../engine/src/kernel/manual-clock.ts'
import type { Batch, Entry, Revision, Store, StoreOwner, WatchSink, Write } from '../../../engine/src/storage/store.ts'

/** A clock held in the hand whose time can also pass without a tick, as when the process stood still. */
export class StallingClock implements Clock {
  readonly #manual = new ManualClock()
  #stalledMs = 0

  now(): number {
    return this.#manual.now() + this.#stalledMs
  }

  monotonic(): number {
    return this.#manual.monotonic() + this.#stalledMs
  }

  every(periodMs: number, run: () => void): Stoppable {
    return this.#manual.every(periodMs, run)
  }

  after(delayMs: number, run: () => void): Stoppable {
    return this.#manual.after(delayMs, run)
  }

  advance(ms: number): void {
    this.#manual.advance(ms)
  }

  stall(ms: number): void {
    this.#stalledMs += ms
  }
}

/** A store on a place of its own, not opened yet. */
export interface Fresh {
  readonly store: Store
  readonly clock: StallingClock
  /** Closes the store and forgets its place. */
  dispose(): Promise<void>
}

export type OpenFresh = () => Promise<Fresh>

/** Runs `body` on an open store. */
export async function withStore(
  fresh: OpenFresh,
  body: (store: Store, clock: StallingClock) => Promise<void>,
  owner?: StoreOwner,
): Promise<void> {
  const { store, clock, dispose } = await fresh()
  try {
    await store.open(owner)
    await body(store, clock)
  } finally {
    await dispose()
  }
}

/** Remembers what a watch was told. */
export class Recorder implements WatchSink {
  readonly batches: Batch[] = []
  compactions = 0

  onBatch(batch: Batch): void {
    this.batches.push(batch)
  }

  onCompacted(): void {
    this.compactions++
  }

  get revisions(): readonly Revision[] {
    return this.batches.map(({ revision }) => revision)
  }

  /** Each batch as one line: `2: a=1 b-` . */
  get lines(): readonly string[] {
    return this.batches.map(({ revision, changes }) => {
      const words = changes.map(({ key, value }) => (value === undefined ? `${key}-` : `${key}=${value}`))
      return `${revision}: ${words.join(' ')}`
    })
  }
}

export async function entriesOf(store: Store, prefix = ''): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  for await (const page of store.read(prefix)) entries.push(...page)
  return entries
}

/** What is below a prefix, as `key=value`. */
export async function linesOf(store: Store, prefix = ''): Promise<readonly string[]> {
  return (await entriesOf(store, prefix)).map(({ key, value }) => `${key}=${value}`)
}

export async function put(store: Store, ...writes: readonly Write[]): Promise<Revision> {
  const revision = await store.commit([], writes)
  if (revision === undefined) throw new Error('a commit without guards was stale')
  return revision
}

/** Resolves when everything that the store is about is visible: a commit of nothing waits for those before it. */
export async function settle(store: Store): Promise<void> {
  await store.commit([], [{ key: 'absent for ever' }])
}
