import type { Change, Entry, LeaseId, Revision, Write } from '../store.ts'

const ZERO = 48
const NINE = 57
const COMMA = 44

/** A stored value with what must be known about it. */
export interface StoredValue {
  readonly revision: Revision
  readonly lease?: LeaseId | undefined
  readonly value: string
}

/** A lease as an entry names it: what is bound to it keeps it alive on disk. */
export interface StoredLease {
  readonly lease: LeaseId
  readonly ttlSeconds: number
}

/**
 * What stands before a stored value: a line `revision` or `revision,lease,ttlSeconds`, small, and readable with LMDB's own tools.
 * @param ttlSeconds of the lease, so that an entry on disk is enough to let it run on
 */
export function encodeHead(revision: Revision, lease: LeaseId | undefined, ttlSeconds: number): string {
  return lease === undefined ? `${revision}\n` : `${revision},${lease},${ttlSeconds}\n`
}

export function decodeValue(text: string): StoredValue {
  const line = text.indexOf('\n')
  const comma = text.indexOf(',')
  const hasLease = comma !== -1 && comma < line
  return {
    revision: decodeRevision(text),
    lease: hasLease ? text.slice(comma + 1, text.indexOf(',', comma + 1)) : undefined,
    value: text.slice(line + 1),
  }
}

/** Only the revision, for whoever asks nothing else. */
export function decodeRevision(text: string): Revision {
  return Number.parseInt(text, 10)
}

/**
 * Only the lease; undefined when the value has none. Each value is read so when a store is opened, hence character by
 * character: what is cut out of a text keeps all of it in memory.
 * @throws Error when this is not a stored value
 */
export function decodeLease(text: string): StoredLease | undefined {
  const revisionEnd = digitsEnd(text, 0)
  if (revisionEnd === 0) throw new Error('a stored value cannot be read')
  if (text.charCodeAt(revisionEnd) !== COMMA) return undefined
  const leaseEnd = digitsEnd(text, revisionEnd + 1)
  const ttlEnd = digitsEnd(text, leaseEnd + 1)
  const lease = String(numberBetween(text, revisionEnd + 1, leaseEnd))
  return { lease, ttlSeconds: numberBetween(text, leaseEnd + 1, ttlEnd) }
}

function digitsEnd(text: string, start: number): number {
  let at = start
  for (let code = text.charCodeAt(at); code >= ZERO && code <= NINE; code = text.charCodeAt(at)) at += 1
  return at
}

function numberBetween(text: string, start: number, end: number): number {
  let number = 0
  for (let at = start; at < end; at += 1) number = number * 10 + text.charCodeAt(at) - ZERO
  return number
}

export function entryOf(key: string, { revision, lease, value }: StoredValue): Entry {
  return lease === undefined ? { key, value, revision } : { key, value, revision, lease }
}

/** What a write changes, as the commit of a revision. */
export function toChange({ key, value, lease }: Write, revision: Revision): Change {
  return value === undefined ? { key } : entryOf(key, { revision, lease, value })
}

/** The lease that a changed key has now. */
export function leaseOf(change: Change): LeaseId | undefined {
  return change.value === undefined ? undefined : change.lease
}
