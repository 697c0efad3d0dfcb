import type { InstanceGauges } from '@rollcall/protocol/metrics'
import { RECORD_WIDTH } from './record.ts'
import type { Tenant } from './types.ts'

export type Resolution = 'fine' | 'coarse'

/** Where entries are in the journal. */
export const STREAMS = { fine: 'metrics-fine', coarse: 'metrics-coarse' } as const satisfies Record<Resolution, string>

/** Changes with the layout of records; entries of another one are skipped. */
const FORMAT = 1
const RECORD_BYTES = RECORD_WIDTH * 4

/**
 * What the journal keeps: the records of one slot of an instance or of a version, complete, so that a later entry about
 * the same slot replaces an earlier one.
 */
export interface SampleEntry {
  readonly tenant: Tenant
  readonly environment: string
  readonly appId: string
  readonly name: string
  readonly version: string
  /** Absent in entries about a version. */
  readonly reporter?: EntryReporter
  /** Seconds of a slot, and its number. */
  readonly seconds: number
  readonly slot: number
  /** Records by name of the interface; under the empty name that of all interfaces together. */
  readonly records: ReadonlyMap<string, Float32Array>
}

export interface EntryReporter {
  readonly instance: string
  readonly instanceId: string
  readonly serviceId: string
  readonly lastAt: number
  readonly gauges: InstanceGauges
}

/** An entry as a line of text; records as base64 of their bytes, which is short and exact. */
export function encodeEntry({ records, ...rest }: SampleEntry): string {
  const texts: Record<string, string> = Object.create(null)
  for (const [name, { buffer, byteOffset }] of records) {
    texts[name] = Buffer.from(buffer, byteOffset, RECORD_BYTES).toString('base64')
  }
  return JSON.stringify({ format: FORMAT, ...rest, records: texts })
}

/** Reads an entry; undefined when it has another format. */
export function decodeEntry(text: string): SampleEntry | undefined {
  const {
    format,
    records: texts,
    ...rest
  } = JSON.parse(text) as Omit<SampleEntry, 'records'> & {
    readonly format: number
    readonly records: Readonly<Record<string, string>>
  }
  if (format !== FORMAT) return undefined
  const records = new Map<string, Float32Array>()
  for (const [name, base64] of Object.entries(texts)) {
    // A copy of its own: the pool that small buffers come from is not aligned to numbers.
    const bytes = new Uint8Array(RECORD_BYTES)
    bytes.set(Buffer.from(base64, 'base64').subarray(0, RECORD_BYTES))
    records.set(name, new Float32Array(bytes.buffer))
  }
  return { ...rest, records }
}
