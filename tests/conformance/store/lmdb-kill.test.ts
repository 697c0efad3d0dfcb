import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LmdbStore } from '../../../engine/src/storage/lmdb/lmdb-store.ts'
import type { LeaseId, Write } from '../../../engine/src/storage/store.ts'
import { linesOf, StallingClock } from './store-under-test.ts'

const RUNS = 60
/** Later than any checkpoint that a commit has asked for. */
const CHECKPOINT_MS = 100
/** In the order in which a store can be copied while it is written: the database may be behind the log, not before it. */
const FILES = ['registry.mdb', 'registry-0.wal', 'registry-1.wal']

type Step =
  | { readonly do: 'write'; readonly writes: readonly { key: string; length?: number; leased: boolean }[] }
  | { readonly do: 'revoke' }
  | { readonly do: 'wait'; readonly turns: number }
  | { readonly do: 'checkpoint' }
  | { readonly do: 'kill'; readonly again: boolean }

/** With the long ones LMDB is written by a thread of its own. */
const length = fc.oneof({ weight: 30, arbitrary: fc.nat(3000) }, { weight: 1, arbitrary: fc.constant(150_000) })
const write = fc.record(
  { key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), length, leased: fc.boolean() },
  { requiredKeys: ['key', 'leased'] },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      writes: fc.uniqueArray(write, { selector: ({ key }) => key, minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), turns: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('checkpoint' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), again: fc.boolean() }) },
)

/** What is there after a commit: values by key, and the lease that some of them were written with. */
type State = ReadonlyMap<string, { readonly value: string; readonly lease?: LeaseId }>

/** One store after the other, each found by the next as a killed process would leave it. */
class Lives {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rollcall-kill-'))
  readonly #opened: LmdbStore[] = []
  #count = 0
  #clock = new StallingClock()
  #store = new LmdbStore({ path: join(this.#folder, '0'), clock: this.#clock })
  /** By revision. */
  #states: State[] = [new Map()]
  #acknowledged = 0
  #lease: LeaseId = ''
  #values = 0

  async begin(): Promise<void> {
    await this.#open(join(this.#folder, '0'))
  }

  async take(next: Step): Promise<void> {
    if (next.do === 'write') this.#write(next.writes)
    else if (next.do === 'revoke') this.#revoke()
    else if (next.do === 'checkpoint') this.#clock.advance(CHECKPOINT_MS)
    else if (next.do === 'kill') await this.#kill(next.again)
    else for (let turn = 0; turn < next.turns; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  async end(): Promise<void> {
    for (const store of this.#opened) await store.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #open(path: string): Promise<void> {
    this.#clock = new StallingClock()
    this.#store = new LmdbStore({ path, clock: this.#clock })
    this.#opened.push(this.#store)
    await this.#store.open()
    this.#lease = this.#store.grantLease(60)
  }

  #write(asked: readonly { key: string; length?: number; leased: boolean }[]): void {
    const state = new Map(this.#states.at(-1))
    const writes: Write[] = []
    for (const { key, length, leased } of asked) {
      if (length === undefined) {
        if (state.delete(key)) writes.push({ key })
        continue
      }
      const entry = { value: `${this.#values++}`.padEnd(length, '.'), ...(leased ? { lease: this.#lease } : {}) }
      state.set(key, entry)
      writes.push({ key, ...entry })
    }
    if (writes.length > 0) this.#expect(this.#store.commit([], writes), state)
  }

  #revoke(): void {
    const state = new Map([...(this.#states.at(-1) ?? [])].filter(([, { lease }]) => lease !== this.#lease))
    const revoked = this.#store.revokeLease(this.#lease)
    if (state.size < (this.#states.at(-1)?.size ?? 0)) this.#expect(revoked, state)
    this.#lease = this.#store.grantLease(60)
  }

  #expect(done: Promise<unknown>, state: State): void {
    const revision = this.#states.push(state) - 1
    const store = this.#store
    void done.then(() => {
      if (store === this.#store) this.#acknowledged = revision
    })
  }

  async #kill(again: boolean): Promise<void> {
    const acknowledged = this.#acknowledged
    await this.#open(this.#copy())
    this.#states.splice(this.#store.revision + 1)
    this.#acknowledged = this.#store.revision
    expect(this.#store.revision).toBeGreaterThanOrEqual(acknowledged)
    await this.#compare()
    if (!again) return
    // While what was found in the log goes into the database.
    this.#clock.advance(CHECKPOINT_MS)
    const { revision } = this.#store
    await this.#open(this.#copy())
    expect(this.#store.revision).toBe(revision)
    await this.#compare()
  }

  #copy(): string {
    const from = join(this.#folder, String(this.#count))
    const to = join(this.#folder, String(++this.#count))
    mkdirSync(to)
    for (const name of FILES) cpSync(join(from, name), join(to, name))
    return to
  }

  async #compare(): Promise<void> {
    const state = this.#states[this.#store.revision]
    const wanted = [...(state ?? [])].map(([key, { value }]) => `${key}=${value}`)
    expect(await linesOf(this.#store)).toEqual(wanted.sort())
    const leases = [...(state ?? []).values()].flatMap(({ lease }) => lease ?? [])
    expect(this.#store.renewLeases(leases)).toEqual(leases.map(() => true))
  }
}

test('killed at any moment, even while it recovers, a store has what it acknowledged and no commit by half', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
      const lives = new Lives()
      try {
        await lives.begin()
        for (const next of steps) await lives.take(next)
        await lives.take({ do: 'kill', again: true })
      } finally {
        await lives.end()
      }
    }),
    { numRuns: RUNS },
  )
})
