import type { Transaction } from 'lmdb'
import type { Entry, Revision } from '../store.ts'
import { StoreUnavailableError } from '../store.ts'
import { isPrefix } from './keys.ts'
import type { StoredValue } from './records.ts'
import { decodeValue, entryOf } from './records.ts'
import type { Tables } from './tables.ts'

const PAGE_ENTRIES = 1000

/** What lies below a prefix at one revision, while commits go on. */
export class Snapshot {
  readonly #tables: Tables
  readonly #prefix: string
  readonly #transaction: Transaction
  /** What LMDB does not hold yet; undefined: the key goes away. */
  #newer: ReadonlyMap<string, StoredValue | undefined> = new Map()
  #range: Iterator<Entry> | undefined
  #isEnded = false

  constructor(tables: Tables, prefix: string) {
    this.#tables = tables
    this.#prefix = prefix
    this.#transaction = tables.env.useReadTransaction()
  }

  /** @param newer what the commits after the revision that LMDB holds make of the keys below the prefix */
  bringUp(newer: (after: Revision) => ReadonlyMap<string, StoredValue | undefined>): void {
    const fact = this.#tables.facts.get('revision', { transaction: this.#transaction })
    this.#newer = newer(Number.parseInt(fact ?? '0', 10))
  }

  /** @param onEnd called when the last page has been taken, or nobody wants more */
  async *pages(onEnd: () => void): AsyncIterable<readonly Entry[]> {
    try {
      this.#range = this.#entries()
      for (;;) {
        if (this.#isEnded) throw new StoreUnavailableError('the store was closed while it was read')
        const page = this.#nextPage(this.#range)
        if (page.length > 0) yield page
        if (page.length < PAGE_ENTRIES) return
      }
    } finally {
      this.end()
      onEnd()
    }
  }

  /** Lets go of it; must happen before the file is closed. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#range?.return?.()
    this.#transaction.done()
  }

  #nextPage(range: Iterator<Entry>): readonly Entry[] {
    const page: Entry[] = []
    while (page.length < PAGE_ENTRIES) {
      const next = range.next()
      if (next.done) break
      page.push(next.value)
    }
    return page
  }

  /** In order of UTF-8 bytes: what LMDB has, except where something newer is known. */
  *#entries(): Generator<Entry> {
    if (!isPrefix(this.#prefix)) return
    const newer = [...this.#newer].flatMap(([key, value]) => (value === undefined ? [] : [entryOf(key, value)]))
    newer.sort((one, other) => compareKeys(one.key, other.key))
    let next = 0
    const transaction = this.#transaction
    for (const { key, value } of this.#tables.entries.getRange({ start: this.#prefix, transaction })) {
      if (!key.startsWith(this.#prefix)) break
      if (this.#newer.has(key)) continue
      for (let one = newer[next]; one !== undefined && compareKeys(one.key, key) < 0; one = newer[++next]) yield one
      yield entryOf(key, decodeValue(value))
    }
    yield* newer.slice(next)
  }
}

function compareKeys(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
