import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Journal, JournalEntry } from '../../../engine/src/storage/journal.ts'
import type { OpenFresh, SettableClock } from './journal-under-test.ts'
import { allOf, withJournal } from './journal-under-test.ts'

const RUNS = 30

const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ append: fc.array(fc.string(), { maxLength: 4 }), durable: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ advance: fc.integer({ min: 0, max: 50 }) }) },
  { weight: 1, arbitrary: fc.record({ dropOlderThan: fc.integer({ min: 0, max: 100 }) }) },
)

type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never

/** A stream as a plain list, and the journal beside it. */
class Pair {
  wanted: readonly JournalEntry[] = []
  #sequence = 0
  readonly #journal: Journal
  readonly #clock: SettableClock

  constructor(journal: Journal, clock: SettableClock) {
    this.#journal = journal
    this.#clock = clock
  }

  async take(step: Action): Promise<void> {
    if ('append' in step) return this.#append(step.append, step.durable)
    if ('advance' in step) return this.#clock.advance(step.advance)
    await this.flush()
    const time = this.#clock.now() - step.dropOlderThan
    const kept = this.wanted.filter((entry) => entry.time >= time)
    expect(await this.#journal.dropBefore('audit', time)).toBe(this.wanted.length - kept.length)
    this.wanted = kept
  }

  /** Afterwards everything is written. */
  flush(): Promise<void> {
    return this.#journal.append('audit', [])
  }

  async #append(texts: readonly string[], durable: boolean): Promise<void> {
    await this.#journal.append('audit', texts, { durable })
    const time = this.#clock.now()
    this.wanted = [...this.wanted, ...texts.map((text) => ({ sequence: ++this.#sequence, time, text }))]
  }
}

export function modelContract(fresh: OpenFresh): void {
  test('any sequence of appends and drops leaves what a plain list would hold', () =>
    fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), (actions) =>
        withJournal(fresh, async (journal, clock) => {
          const pair = new Pair(journal, clock)
          for (const step of actions) await pair.take(step)
          await pair.flush()
          expect(await allOf(journal, 'audit')).toEqual(pair.wanted)
          expect(await allOf(journal, 'audit', 'backward')).toEqual([...pair.wanted].reverse())
        }),
      ),
      { numRuns: RUNS },
    ))
}
