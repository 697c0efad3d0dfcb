import { open, truncate } from 'node:fs/promises'
import { StoreUnavailableError } from '../store.ts'

/** Where LMDB keeps what is needed here, in each of its two head pages. */
const HEAD = { bytes: 168, magic: 24, version: 28, pageSize: 48, lastPage: 144, transaction: 152 }
const MAGIC = 0xbeefc0de
const VERSION = 2

/**
 * Looks at a database file before LMDB maps it into memory, for there a foreign or cut file ends the whole process.
 * A file that ends too early is filled up with nothing, so that reading what is lost is an error and not a crash.
 * @returns takes the filling away again
 * @throws StoreUnavailableError when the file is not a database
 */
export async function checkFile(path: string): Promise<() => Promise<void>> {
  const { size, wanted } = await measure(path)
  if (size >= wanted) return async () => {}
  await truncate(path, wanted)
  return () => truncate(path, size)
}

async function measure(path: string): Promise<{ size: number; wanted: number }> {
  const file = await open(path, 'r').catch(absent)
  if (file === undefined) return { size: 0, wanted: 0 }
  try {
    const { size } = await file.stat()
    if (size === 0) return { size, wanted: 0 }
    const first = Buffer.alloc(HEAD.bytes)
    await file.read(first, 0, HEAD.bytes, 0)
    checkHead(first, path)
    const pageSize = first.readUInt32LE(HEAD.pageSize)
    const second = Buffer.alloc(HEAD.bytes)
    await file.read(second, 0, HEAD.bytes, pageSize)
    checkHead(second, path)
    const isSecondNewer = second.readBigUInt64LE(HEAD.transaction) > first.readBigUInt64LE(HEAD.transaction)
    const lastPage = (isSecondNewer ? second : first).readBigUInt64LE(HEAD.lastPage)
    return { size, wanted: (Number(lastPage) + 1) * pageSize }
  } finally {
    await file.close()
  }
}

function checkHead(head: Buffer, path: string): void {
  if (head.readUInt32LE(HEAD.magic) === MAGIC && head.readUInt32LE(HEAD.version) === VERSION) return
  throw new StoreUnavailableError(`${path} is not a database, or is damaged: move it away, or choose another folder`)
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
