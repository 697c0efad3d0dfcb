import type { AuditEntry, AuditPage } from '@rollcall/protocol/audit'
import { fail } from '../../kernel/failure.ts'
import { AUDIT_SEARCH_STEPS_MAX } from '../../kernel/limits.ts'
import { Pace } from '../../kernel/pace.ts'
import type { Place, PlacedEntry, Strand } from './strand.ts'
import type { AuditFailure } from './types.ts'

/** What is looked for; empty and undefined members do not filter. */
export interface AuditSearch {
  /** Undefined: of all tenants. */
  readonly tenant: string | undefined
  /** ms since the epoch: from the first, before the second. */
  readonly since: number
  readonly until: number
  readonly account: string
  readonly address: string
  /** Of `noun.verb` the whole or the noun. */
  readonly action: string
  /** One of several is enough. */
  readonly resource: string
  /** A code, `ok`, or `refused` for every code. */
  readonly result: string
  /** Anywhere in the entry, in any case. */
  readonly text: string
  readonly limit: number
  readonly after: Cursor | undefined
}

/** Filters nothing. */
export const EVERYTHING: AuditSearch = {
  tenant: undefined,
  since: 0,
  until: Number.MAX_SAFE_INTEGER,
  account: '',
  address: '',
  action: '',
  resource: '',
  result: '',
  text: '',
  limit: 1000,
  after: undefined,
}

/** Before which entry a search goes on in each strand; null: nothing is left there. */
export type Cursor = readonly (Place | null)[]

/** The strands with the letters that their entries' ids begin with. */
export type Strands = readonly { readonly letter: string; readonly strand: Strand }[]

/** The latest first. One page looks at a bounded number of entries. */
export async function search(strands: Strands, asked: AuditSearch): Promise<AuditPage> {
  const readers = strands.map(
    ({ letter, strand }, index) => new Reader(letter, asked.since, start(strand, asked, index)),
  )
  const text = asked.text.toLowerCase()
  const pace = new Pace()
  const entries: AuditEntry[] = []
  for (let steps = 0; steps < AUDIT_SEARCH_STEPS_MAX && entries.length < asked.limit; steps++) {
    for (const reader of readers) if (reader.mustRead) await reader.read()
    const [latest] = readers
      .filter(({ next }) => next !== undefined)
      .sort((one, other) => (isLater(one, other) ? -1 : 1))
    const found = latest?.take()
    if (found === undefined) return { entries }
    if (fits(found, asked, text)) entries.push(found)
    await pace.step()
  }
  return { entries, nextCursor: encodeCursor(readers.map(({ cursor }) => cursor)) }
}

interface Start {
  /** Undefined: nothing is left. */
  readonly groups: AsyncGenerator<readonly PlacedEntry[]> | undefined
  readonly after: Place | undefined | null
}

function start(strand: Strand, { after, until }: AuditSearch, index: number): Start {
  const place = after?.[index]
  return { groups: place === null ? undefined : strand.backwards(place, until), after: place }
}

/** Reads one strand backwards. */
class Reader {
  readonly #letter: string
  readonly #since: number
  readonly #groups: AsyncGenerator<readonly PlacedEntry[]> | undefined
  #group: readonly PlacedEntry[] = []
  #at = 0
  #isAtEnd: boolean
  /** Of the entry that was taken last. */
  #taken: Place | null

  constructor(letter: string, since: number, { groups, after }: Start) {
    this.#letter = letter
    this.#since = since
    this.#taken = after ?? null
    this.#isAtEnd = groups === undefined
    this.#groups = groups
  }

  get next(): PlacedEntry | undefined {
    return this.#group[this.#at]
  }

  get mustRead(): boolean {
    return this.next === undefined && !this.#isAtEnd
  }

  /** Where this strand goes on. What came later than the first page is not part of the search. */
  get cursor(): Place | null {
    if (this.next !== undefined) return { ...this.next.place, index: this.next.place.index + 1 }
    return this.#isAtEnd ? null : this.#taken
  }

  /** The next group that is not empty, if there is one that is not too old. */
  async read(): Promise<void> {
    while (this.mustRead) {
      const { value: group, done } = (await this.#groups?.next()) ?? { value: undefined, done: true }
      this.#isAtEnd = done === true
      this.#group = group ?? []
      this.#at = 0
    }
    const { next } = this
    if (next !== undefined && Date.parse(next.entry.time) >= this.#since) return
    this.#isAtEnd = true
    this.#group = []
  }

  take(): AuditEntry | undefined {
    const { next } = this
    if (next === undefined) return undefined
    this.#at += 1
    this.#taken = next.place
    return { id: `${this.#letter}${placeText(next.place)}`, ...next.entry }
  }
}

/** Times of one form sort as texts. */
function isLater(one: Reader, other: Reader): boolean {
  return (one.next?.entry.time ?? '') > (other.next?.entry.time ?? '')
}

function fits(entry: AuditEntry, asked: AuditSearch, text: string): boolean {
  const { tenant, since, until, account, address, action, resource, result } = asked
  const time = Date.parse(entry.time)
  if (time < since || time >= until) return false
  if (tenant !== undefined && entry.tenant !== tenant) return false
  if (account !== '' && entry.account !== account) return false
  if (address !== '' && entry.address !== address) return false
  if (action !== '' && entry.action !== action && !entry.action.startsWith(`${action}.`)) return false
  if (resource !== '' && !isOf(entry.resource, resource)) return false
  if (result !== '' && !(result === 'refused' ? entry.result !== 'ok' : entry.result === result)) return false
  return text === '' || JSON.stringify(entry).toLowerCase().includes(text)
}

/** Whether a resource is, or holds, what is asked for: of several one, of an instance also its service. */
function isOf(resources: string, asked: string): boolean {
  return resources.split(',').some((one) => one === asked || one.split('/').includes(asked))
}

function placeText({ sequence, index }: Place): string {
  return `${sequence}.${index}`
}

function encodeCursor(places: Cursor): string {
  const texts = places.map((place) => (place === null ? 'end' : placeText(place)))
  return Buffer.from(texts.join(' ')).toString('base64url')
}

const PLACE = /^(\d{1,15})\.(\d{1,9})$/

/** @throws AuditFailure InvalidParameters when no search gave this cursor */
export function parseCursor(cursor: string, count: number): Cursor | undefined {
  if (cursor === '') return undefined
  const texts = Buffer.from(cursor, 'base64url').toString().split(' ')
  const refuse = () => fail<AuditFailure>('InvalidParameters', 'cursor: not one that a search gave')
  if (texts.length !== count) return refuse()
  return texts.map((text) => {
    if (text === 'end') return null
    const [, sequence, index] = PLACE.exec(text) ?? refuse()
    return { sequence: Number(sequence), index: Number(index) }
  })
}
