import { readFile } from 'node:fs/promises'

const PAGE_BYTES = 4096
/** In each of the two head pages of LMDB's file, of which the one with the later transaction counts. */
const LAST_PAGE_AT = 144
const TRANSACTION_AT = 152

interface Head {
  /** How many have been written into the file. */
  readonly transactions: number
  /** Behind them there may be room for later. */
  readonly usedBytes: number
}

/** What LMDB's file says of itself on the disk. */
export async function headOf(path: string): Promise<Head> {
  const file = await readFile(path)
  const numberAt = (at: number) => Number(file.readBigUInt64LE(at))
  const latest = numberAt(PAGE_BYTES + TRANSACTION_AT) > numberAt(TRANSACTION_AT) ? PAGE_BYTES : 0
  return {
    transactions: numberAt(latest + TRANSACTION_AT),
    usedBytes: (numberAt(latest + LAST_PAGE_AT) + 1) * PAGE_BYTES,
  }
}
