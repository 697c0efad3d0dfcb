import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'

/** Of LMDB's file of readers; what it needs itself is half of it. */
const READERS_BYTES = 16_384

/**
 * Takes the room of LMDB's file of readers from the disk. LMDB maps it into memory, where a page that there is no room for ends
 * the process. One that is there already is left alone: somebody may be reading.
 * @param path of the database @throws Error of the system when the disk has no room
 */
export async function makeReadersFile(path: string): Promise<void> {
  const file = await open(`${path}-lock`, constants.O_RDWR | constants.O_CREAT)
  try {
    if ((await file.stat()).size < READERS_BYTES) await file.writeFile(Buffer.alloc(READERS_BYTES))
  } finally {
    await file.close()
  }
}

/** What is put or, without a text, removed. */
export interface Change {
  readonly key: string
  readonly text?: string | undefined
}

/** Of what LMDB tells of a table and its file; counts are pages. */
export interface PageCounts {
  readonly pageSize: number
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
}

/** The counts of a table, with those of the whole file. */
export interface FileCounts extends PageCounts {
  readonly treeDepth: number
  readonly lastPageNumber: number
  /** The table of pages that may be used again. */
  readonly free: PageCounts
}

/** Of an entry, beside its key and its text. */
const HEAD_BYTES = 16
/** Somewhat less than half a page. */
const OWN_PAGES_FROM_BYTES = 1900
const PAGE_NUMBERS_PER_PAGE = 500
/** For the tables of tables, of facts and of free pages. */
const PAGES_BESIDES = 48
const STEP_BYTES = 262_144
/** A file that grows is extended so far beyond what is needed now that it seldom has to be; not where there is no room. */
const AHEAD_SHARE = 1 / 4
const AHEAD_BYTES_MAX = 8_388_608
const ZEROS = Buffer.alloc(STEP_BYTES)

/**
 * The room of a database file, taken from the disk before LMDB writes there. LMDB must not find the disk full: to say so it
 * writes a text of numbers into memory of 100 bytes, however long it is, and the process may end of it
 * (`mdb_page_flush` of lmdb 3.5.6).
 */
export class Room {
  readonly #path: string
  #bytes: number

  private constructor(path: string, bytes: number) {
    this.#path = path
    this.#bytes = bytes
  }

  static async of(path: string): Promise<Room> {
    return new Room(path, (await stat(path)).size)
  }

  /** Sees to the room for a transaction, whatever pages it touches. @throws Error of the system when the disk has none; none is kept then */
  async take(changes: Iterable<Change>, counts: FileCounts): Promise<void> {
    const wanted = (counts.lastPageNumber + 1 + pagesOf(changes, counts)) * counts.pageSize
    if (wanted <= this.#bytes) return
    const ahead = Math.min(this.#bytes * AHEAD_SHARE, AHEAD_BYTES_MAX)
    await this.#extendTo(wanted + ahead).catch(() => this.#extendTo(wanted))
  }

  async #extendTo(least: number): Promise<void> {
    const wanted = Math.ceil(least / STEP_BYTES) * STEP_BYTES
    const file = await open(this.#path, 'r+')
    try {
      // Another thread may have made it longer meanwhile, and what it wrote there must stay.
      this.#bytes = Math.max(this.#bytes, (await file.stat()).size)
      // Zeros and not only a length: a hole takes its room when it is written to, which is too late.
      for (let end = this.#bytes; end < wanted; ) {
        const { bytesWritten } = await file.write(ZEROS, 0, Math.min(STEP_BYTES, wanted - end), end)
        end += bytesWritten
      }
      this.#bytes = Math.max(this.#bytes, wanted)
    } catch (error) {
      await file.truncate(this.#bytes)
      throw error
    } finally {
      await file.close()
    }
  }
}

/** No transaction of these changes makes more new pages: LMDB writes every page that it changes to a new place. */
function pagesOf(changes: Iterable<Change>, counts: FileCounts): number {
  const { treeDepth, treeBranchPageCount, treeLeafPageCount, overflowPages, pageSize, free } = counts
  let [keys, inLeaves, ownPages] = [0, 0, 0]
  for (const { key, text = '' } of changes) {
    const bytes = Buffer.byteLength(text)
    const hasOwnPages = bytes > OWN_PAGES_FROM_BYTES
    keys += 1
    inLeaves += HEAD_BYTES + Buffer.byteLength(key) + (hasOwnPages ? 0 : bytes)
    if (hasOwnPages) ownPages += Math.ceil((bytes + HEAD_BYTES) / pageSize)
  }
  // Pages are divided in halves.
  const filled = Math.ceil((2 * inLeaves) / pageSize)
  // Each key changes one leaf, which may have to be divided, and the branches above it.
  const leaves = 2 * Math.min(keys, treeLeafPageCount + filled)
  const branches = 2 * Math.min(keys * treeDepth, treeBranchPageCount + filled)
  const changed = leaves + branches + ownPages
  const freed = (changed + overflowPages) / PAGE_NUMBERS_PER_PAGE
  const freeBefore = free.treeBranchPageCount + free.treeLeafPageCount + free.overflowPages
  return changed + Math.ceil(freed) + 2 * freeBefore + PAGES_BESIDES
}
