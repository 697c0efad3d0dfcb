import type { Transaction } from 'lmdb'
import type { Entry, Revision } from '../store.ts'
import { StoreUnavailableError } from '../store.ts'
import { isPrefix } from './keys.ts'
import { decodeValue, entryOf } from './records.ts'
import type { Tables } from './tables.ts'

const PAGE_ENTRIES = 1000

/** Makes something of a key and its text, as records.ts writes it. */
type Shape<Item> = (key: string, text: string) => Item

/** What was written, as callers know it. */
export function asEntry(key: string, text: string): Entry {
  return entryOf(key, decodeValue(text))
}

/** What lies below a prefix at one revision, while commits go on. */
export class Snapshot<Item> {
  readonly #tables: Tables
  readonly #prefix: string
  readonly #shape: Shape<Item>
  readonly #transaction: Transaction
  /** What LMDB does not hold yet; undefined: the key goes away. */
  #newer: ReadonlyMap<string, string | undefined> = new Map()
  #range: Iterator<Item> | undefined
  #isEnded = false

  constructor(tables: Tables, prefix: string, shape: Shape<Item>) {
    this.#tables = tables
    this.#prefix = prefix
    this.#shape = shape
    this.#transaction = tables.env.useReadTransaction()
  }

  /** @param newer what the commits after the revision that LMDB holds make of the keys below the prefix */
  bringUp(newer: (after: Revision) => ReadonlyMap<string, string | undefined>): void {
    const fact = this.#tables.facts.get('revision', { transaction: this.#transaction })
    this.#newer = newer(Number.parseInt(fact ?? '0', 10))
  }

  /** @param onEnd called when the last page has been taken, or nobody wants more */
  async *pages(onEnd: () => void): AsyncIterable<readonly Item[]> {
    try {
      this.#range = this.#items()
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

  #nextPage(range: Iterator<Item>): readonly Item[] {
    const page: Item[] = []
    while (page.length < PAGE_ENTRIES) {
      const next = range.next()
      if (next.done) break
      page.push(next.value)
    }
    return page
  }

  /** In order of UTF-8 bytes: what LMDB has, except where something newer is known. */
  *#items(): Generator<Item> {
    if (!isPrefix(this.#prefix)) return
    const newer = [...this.#newer].flatMap(([key, text]) => (text === undefined ? [] : [{ key, text }]))
    newer.sort((one, other) => compareKeys(one.key, other.key))
    let next = 0
    const shape = this.#shape
    const transaction = this.#transaction
    for (const { key, value } of this.#tables.entries.getRange({ start: this.#prefix, transaction })) {
      if (!key.startsWith(this.#prefix)) break
      if (this.#newer.has(key)) continue
      for (let one = newer[next]; one !== undefined && compareKeys(one.key, key) < 0; one = newer[++next]) {
        yield shape(one.key, one.text)
      }
      yield shape(key, value)
    }
    for (const { key, text } of newer.slice(next)) yield shape(key, text)
  }
}

function compareKeys(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
