import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Guard, LeaseId, Write } from '../../../engine/src/storage/store.ts'
import { LeaseNotFoundError } from '../../../engine/src/storage/store.ts'
import type { Fresh, OpenFresh } from './store-under-test.ts'
import { entriesOf, Recorder, settle } from './store-under-test.ts'

const KEYS = ['a', 'a/1', 'a/2', 'b', 'b/1', 'é']
const PREFIXES = ['', 'a', 'a/', 'b', 'z']
const LEASES_MAX = 4
/** The store looks at leases every so often; nothing is asked about a lease in between. */
const STEP_MS = 1000

interface Line {
  readonly value: string
  readonly revision: number
  readonly lease: number | undefined
}

/** The contract in its plainest form: one map, one number, leases by order of their grant. */
class Model {
  revision = 0
  readonly entries = new Map<string, Line>()
  readonly leases = new Map<number, { ttl: number; end: number }>()
  granted = 0
  nowMs = 0

  holds(guard: ModelGuard): boolean {
    if ('key' in guard) return (this.entries.get(guard.key)?.revision ?? 0) === this.revisionOf(guard.back)
    for (const [key, { revision }] of this.entries) {
      if (key.startsWith(guard.prefix) && revision > this.revisionOf(guard.back)) return false
    }
    return true
  }

  /** Guards speak of revisions some steps back; `undefined` is 0. */
  revisionOf(back: number | undefined): number {
    return back === undefined ? 0 : Math.max(0, this.revision - back)
  }

  write(writes: readonly ModelWrite[]): void {
    const effective = writes.filter(({ key, value }) => value !== undefined || this.entries.has(key))
    if (effective.length > 0) this.revision += 1
    for (const { key, value, lease } of effective) {
      if (value === undefined) this.entries.delete(key)
      else this.entries.set(key, { value, revision: this.revision, lease })
    }
  }

  end(lease: number): boolean {
    if (!this.leases.delete(lease)) return false
    this.write([...this.entries].flatMap(([key, line]) => (line.lease === lease ? [{ key }] : [])))
    return true
  }

  advance(seconds: number): void {
    for (let step = 0; step < seconds; step++) {
      this.nowMs += STEP_MS
      for (const [lease, { end }] of [...this.leases]) if (end <= this.nowMs) this.end(lease)
    }
  }
}

type ModelGuard =
  | { readonly key: string; readonly back: number | undefined }
  | { readonly prefix: string; readonly back: number | undefined }

interface ModelWrite {
  readonly key: string
  readonly value?: string
  readonly lease?: number
}

type Step =
  | { readonly do: 'commit'; readonly guards: readonly ModelGuard[]; readonly writes: readonly ModelWrite[] }
  | { readonly do: 'grant'; readonly ttl: number }
  | { readonly do: 'renew'; readonly lease: number }
  | { readonly do: 'revoke'; readonly lease: number }
  | { readonly do: 'advance'; readonly seconds: number }
  | { readonly do: 'yield' }

const back = fc.option(fc.nat(3), { nil: undefined, freq: 3 })
const lease = fc.nat(LEASES_MAX)
const guard: fc.Arbitrary<ModelGuard> = fc.oneof(
  fc.record({ key: fc.constantFrom(...KEYS), back }),
  fc.record({ prefix: fc.constantFrom(...PREFIXES), back }),
)
const write: fc.Arbitrary<ModelWrite> = fc.oneof(
  fc.record({ key: fc.constantFrom(...KEYS) }),
  fc.record({ key: fc.constantFrom(...KEYS), value: fc.string({ maxLength: 4 }) }),
  fc.record({ key: fc.constantFrom(...KEYS), value: fc.string({ maxLength: 4 }), lease }),
)
const writes = fc.uniqueArray(write, { selector: ({ key }) => key, maxLength: 4 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('commit' as const), guards: fc.array(guard, { maxLength: 2 }), writes }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('grant' as const), ttl: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('renew' as const), lease }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const), lease }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), seconds: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('yield' as const) }) },
)

/** Drives a store and the model with the same steps; commits run into each other until a `yield`. */
class Pair {
  readonly #fresh: Fresh
  readonly #model = new Model()
  readonly #ids: LeaseId[] = []
  readonly #answers: Promise<void>[] = []
  readonly #watched = new Recorder()

  constructor(fresh: Fresh) {
    this.#fresh = fresh
    fresh.store.watch('', 0, this.#watched)
  }

  async take(next: Step): Promise<void> {
    if (next.do === 'commit') this.#commit(next.guards, next.writes)
    else if (next.do === 'grant') await this.#grant(next.ttl)
    else if (next.do === 'renew') await this.#renew(next.lease)
    else if (next.do === 'revoke') this.#revoke(next.lease)
    else if (next.do === 'advance') await this.#advance(next.seconds)
    else await new Promise((resolve) => setImmediate(resolve))
  }

  async compare(): Promise<void> {
    await settle(this.#fresh.store)
    await Promise.all(this.#answers)
    const { entries, revision } = this.#model
    expect(this.#fresh.store.revision).toBe(revision)
    expect(this.#watched.revisions).toEqual(Array.from({ length: revision }, (_, index) => index + 1))
    for (const prefix of PREFIXES) {
      const wanted = [...entries].flatMap(([key, line]) => (key.startsWith(prefix) ? [this.#entry(key, line)] : []))
      wanted.sort((one, other) => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)))
      expect(await entriesOf(this.#fresh.store, prefix)).toEqual(wanted)
    }
    this.#compareWatched()
  }

  #entry(key: string, { value, revision, lease }: Line) {
    return lease === undefined ? { key, value, revision } : { key, value, revision, lease: this.#ids[lease] }
  }

  /** What a watch was told adds up to what is there. */
  #compareWatched(): void {
    const folded = new Map<string, string>()
    for (const { changes } of this.#watched.batches) {
      for (const { key, value } of changes) value === undefined ? folded.delete(key) : folded.set(key, value)
    }
    expect(folded).toEqual(new Map([...this.#model.entries].map(([key, { value }]) => [key, value])))
  }

  #commit(guards: readonly ModelGuard[], modelWrites: readonly ModelWrite[]): void {
    const answer = this.#fresh.store.commit(
      guards.map((guard) => this.#guard(guard)),
      modelWrites.map((write) => this.#write(write)),
    )
    const isUnknown = modelWrites.some(({ lease }) => lease !== undefined && !this.#model.leases.has(lease))
    const holds = guards.every((guard) => this.#model.holds(guard))
    if (holds && isUnknown) {
      this.#answers.push(expect(answer).rejects.toBeInstanceOf(LeaseNotFoundError))
      return
    }
    const before = this.#model.revision
    if (holds) this.#model.write(modelWrites)
    const { revision } = this.#model
    const isNothing = revision === before
    this.#answers.push(answer.then((result) => this.#checkResult(result, holds ? revision : undefined, isNothing)))
  }

  /** A commit that changes nothing may answer a later revision than the one at its call. */
  #checkResult(result: number | undefined, wanted: number | undefined, isNothing: boolean): void {
    if (wanted === undefined || !isNothing) expect(result).toBe(wanted)
    else expect(result).toBeGreaterThanOrEqual(wanted)
    expect(this.#fresh.store.revision).toBeGreaterThanOrEqual(result ?? 0)
  }

  #guard(guard: ModelGuard): Guard {
    const revision = this.#model.revisionOf(guard.back)
    return 'key' in guard ? { key: guard.key, revision } : { prefix: guard.prefix, since: revision }
  }

  #write({ lease, ...write }: ModelWrite): Write {
    return lease === undefined ? write : { ...write, lease: this.#ids[lease] ?? '999' }
  }

  async #grant(ttl: number): Promise<void> {
    if (this.#model.granted > LEASES_MAX) return
    this.#ids[this.#model.granted] = await this.#fresh.store.grantLease(ttl)
    this.#model.leases.set(this.#model.granted, { ttl, end: this.#model.nowMs + ttl * STEP_MS })
    this.#model.granted += 1
  }

  async #renew(lease: number): Promise<void> {
    const known = this.#model.leases.get(lease)
    if (known !== undefined) known.end = this.#model.nowMs + known.ttl * STEP_MS
    expect(await this.#fresh.store.renewLeases([this.#ids[lease] ?? '999'])).toEqual([known !== undefined])
  }

  #revoke(lease: number): void {
    const answer = this.#fresh.store.revokeLease(this.#ids[lease] ?? '999')
    const wanted = this.#model.end(lease)
    this.#answers.push(answer.then((result) => expect(result).toBe(wanted)))
  }

  async #advance(seconds: number): Promise<void> {
    for (let step = 0; step < seconds; step++) {
      this.#fresh.clock.advance(STEP_MS)
      this.#model.advance(1)
    }
    // Leases that end at once may end in any order: their commits are compared when all are done.
    await settle(this.#fresh.store)
  }
}

export function modelContract(open: OpenFresh): void {
  test('does what a plain map would do, whatever happens in whatever order', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const fresh = await open()
        try {
          await fresh.store.open()
          const pair = new Pair(fresh)
          for (const next of steps) await pair.take(next)
          await pair.compare()
        } finally {
          await fresh.dispose()
        }
      }),
      { numRuns: 150 },
    )
  })
}
