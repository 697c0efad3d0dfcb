import { createHash, type Hash } from 'node:crypto'
import { mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { BACKUP_TABLES, type KeptRecord, type Revision, StoreUnavailableError } from '../store.ts'
import { makeFolder, syncFolder } from './folder.ts'
import { JOURNAL_FORMAT } from './lmdb-journal.ts'
import { FORMAT_WITHOUT_LOG } from './lmdb-store.ts'
import { decodeLease, decodeRevision } from './records.ts'
import { noteFormat, openTables, putSynced, type Tables } from './tables.ts'

/** What was restored. */
export interface Restored {
  readonly records: number
  readonly journalEntries: number
}

interface Asked {
  /** Must be empty, or not be there. */
  readonly folder: string
  /** Of the latest commit in it. */
  readonly revision: Revision
  /** Nothing is made of them before the last one has come. */
  readonly records: AsyncIterable<KeptRecord>
}

/** Written, and synced, in one go. */
const CHARACTERS_PER_SYNC = 4_000_000

/**
 * Makes a data folder of a backup. It is built under another name, read back and compared, and only then gets its name:
 * whatever goes wrong, there is no half of it.
 * @throws StoreUnavailableError when the folder has something in it, or does not read back as it was written, and
 * whatever `records` throws
 */
export async function restoreFolder({ folder, revision, records }: Asked): Promise<Restored> {
  const target = resolve(folder)
  await checkIsFree(target, folder)
  await makeFolder(dirname(target))
  const building = await mkdtemp(join(dirname(target), `.${basename(target)}-`))
  try {
    const content = new Content(building, revision)
    try {
      for await (const record of records) await content.add(record)
      await content.finish()
    } finally {
      await content.close()
    }
    await content.verify()
    await rmdir(target).catch(ignoreAbsent)
    await rename(building, target)
    await syncFolder(dirname(target))
    return content.restored
  } catch (error) {
    await rm(building, { recursive: true, force: true })
    throw error
  }
}

async function checkIsFree(target: string, name: string): Promise<void> {
  const files = await readdir(target).catch(ignoreAbsent)
  if (files === undefined || files.length === 0) return
  throw new StoreUnavailableError(`the folder ${name} is not empty: restore into a new one`)
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** Where each table of a backup goes. */
const PLACES = {
  [BACKUP_TABLES.store]: { file: 'registry.mdb', table: 'entries' },
  [BACKUP_TABLES.journal]: { file: 'journal.mdb', table: 'entries' },
  [BACKUP_TABLES.journalTails]: { file: 'journal.mdb', table: 'facts' },
} as const
type File = (typeof PLACES)[keyof typeof PLACES]['file']
const FORMATS: Readonly<Record<File, string>> = { 'registry.mdb': FORMAT_WITHOUT_LOG, 'journal.mdb': JOURNAL_FORMAT }

/** The files of a data folder that is being made. */
class Content {
  readonly #folder: string
  readonly #revision: Revision
  readonly #files = new Map<File, Tables>()
  readonly #sums = new Map<File, Sum>()
  #waiting: KeptRecord[] = []
  #waitingCharacters = 0
  #lastLease = 0

  constructor(folder: string, revision: Revision) {
    this.#folder = folder
    this.#revision = revision
  }

  get restored(): Restored {
    const count = (file: File) => this.#sums.get(file)?.count ?? 0
    return { records: count('registry.mdb'), journalEntries: count('journal.mdb') }
  }

  async add(record: KeptRecord): Promise<void> {
    const [table, key, text] = record
    const place = placeOf(table)
    if (place.file === 'registry.mdb') {
      this.#lastLease = Math.max(this.#lastLease, Number(decodeLease(text)?.lease ?? 0))
      if (decodeRevision(text) > this.#revision) {
        throw new StoreUnavailableError(`the backup holds ${key}, which is later than the backup itself`)
      }
    }
    if (place.table === 'entries') this.#sum(place.file).add(key, text)
    this.#waiting.push(record)
    this.#waitingCharacters += key.length + text.length
    if (this.#waitingCharacters > CHARACTERS_PER_SYNC) await this.#write()
  }

  async finish(): Promise<void> {
    await this.#write()
    const { facts } = await this.#open('registry.mdb')
    facts.putSync('revision', `${this.#revision},${this.#lastLease}`)
    for (const [file, tables] of this.#files) noteFormat(tables, FORMATS[file])
  }

  async close(): Promise<void> {
    for (const { env } of this.#files.values()) await env.close()
    this.#files.clear()
  }

  /** Reads the files as a start would. @throws StoreUnavailableError when they do not hold what was put in */
  async verify(): Promise<void> {
    for (const [file, sum] of this.#sums) {
      const found = new Sum()
      const { entries } = await this.#open(file)
      for (const { key, value } of entries.getRange({ start: '' })) found.add(key, value)
      if (found.text() !== sum.text()) {
        throw new StoreUnavailableError(`what was written does not read back: check the disk below ${this.#folder}`)
      }
    }
    await this.close()
  }

  async #write(): Promise<void> {
    const waiting = Map.groupBy(this.#waiting, ([table]) => placeOf(table).file)
    this.#waiting = []
    this.#waitingCharacters = 0
    for (const [file, records] of waiting) {
      const tables = await this.#open(file)
      const changes = records.map(([, key, text]) => ({ key, text }))
      await putSynced(tables, changes, () => {
        for (const [table, key, text] of records) void tables[placeOf(table).table].put(key, text)
      })
    }
  }

  async #open(file: File): Promise<Tables> {
    const open = this.#files.get(file) ?? (await openTables(join(this.#folder, file), [FORMATS[file]]))
    this.#files.set(file, open)
    return open
  }

  #sum(file: File): Sum {
    const sum = this.#sums.get(file) ?? new Sum()
    this.#sums.set(file, sum)
    return sum
  }
}

function placeOf(table: string) {
  const place = Object.hasOwn(PLACES, table) ? PLACES[table as keyof typeof PLACES] : undefined
  if (place === undefined) throw new StoreUnavailableError(`the backup has a table '${table}', which is not known here`)
  return place
}

/** What entries amount to, in their order. */
class Sum {
  readonly #hash: Hash = createHash('sha256')
  #text: string | undefined
  count = 0

  add(key: string, text: string): void {
    this.#hash.update(`${key.length} ${text.length}\n${key}${text}`)
    this.count += 1
  }

  text(): string {
    this.#text ??= `${this.count} ${this.#hash.digest('hex')}`
    return this.#text
  }
}
