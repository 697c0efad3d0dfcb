import type { Entry, LeaseId, Revision } from '../store.ts'

/** A stored value with what must be known about it. */
export interface StoredValue {
  readonly revision: Revision
  readonly lease: LeaseId | undefined
  readonly value: string
}

/** A lease as it lies on disk: its length and what ends with it. */
export interface StoredLease {
  readonly ttlSeconds: number
  readonly keys: readonly string[]
}

/** `revision,lease` on a line of its own, then the value: small, and readable with LMDB's own tools. */
export function encodeValue({ revision, lease = '', value }: StoredValue): string {
  return `${revision},${lease}\n${value}`
}

export function decodeValue(text: string): StoredValue {
  const comma = text.indexOf(',')
  const line = text.indexOf('\n', comma)
  const lease = text.slice(comma + 1, line)
  return {
    revision: Number(text.slice(0, comma)),
    lease: lease === '' ? undefined : lease,
    value: text.slice(line + 1),
  }
}

export function entryOf(key: string, { revision, lease, value }: StoredValue): Entry {
  return lease === undefined ? { key, value, revision } : { key, value, revision, lease }
}
