import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import type { Database, RootDatabase } from 'lmdb'
import { open } from 'lmdb'
import { StoreUnavailableError } from '../store.ts'
import { checkFile } from './file-check.ts'
import { syncFolder } from './folder.ts'
import { KEY_ENCODER } from './keys.ts'
import { type Change, type FileCounts, makeReadersFile, Room } from './room.ts'

const TABLES_MAX = 8
const ID_BYTES = 8
const TEXTS = { encoding: 'string' } as const
/** In constants of their own, for lmdb's types know of `keyEncoder` only for whole files, and nothing of `batchStartThreshold`. */
const ENTRIES = { ...TEXTS, name: 'entries', keyEncoder: KEY_ENCODER }
/**
 * Without `overlappingSync` a transaction is synced to disk before it counts as committed. Turns of the event loop are gathered
 * by GroupCommit, so LMDB need not do it again. The thread that writes starts when a batch is complete: it is faster than what
 * fills the batch, and would have to be woken up for each entry.
 */
const WRITING = { overlappingSync: false, eventTurnBatching: false, batchStartThreshold: 1_000_000_000 }

/** What the file holds: entries as in records.ts, and facts about the file itself. */
export interface Tables {
  /** Of the file. */
  readonly path: string
  readonly env: RootDatabase
  readonly entries: Database<string, string>
  readonly facts: Database<string, string>
  /** Of the data folder, for its log. */
  readonly id: Buffer
  readonly room: Room
}

/**
 * Opens the file, making it if needed.
 * @param formats what the file may hold, and how; the first is today's. `noteFormat` writes it into a new one
 * @throws StoreUnavailableError when something else wrote it
 */
export async function openTables(path: string, formats: readonly string[]): Promise<Tables> {
  const undo = await checkFile(path)
  try {
    return await openChecked(path, formats)
  } catch (error) {
    await undo()
    throw error
  }
}

async function openChecked(path: string, formats: readonly string[]): Promise<Tables> {
  await makeReadersFile(path)
  const env = open({ path, ...WRITING, maxDbs: TABLES_MAX })
  try {
    const room = await Room.of(path)
    // For what is noted about the file itself.
    await room.take([], countsOf(env))
    const openFacts = () => env.openDB<string, string>({ ...TEXTS, name: 'facts' })
    const names = [...env.getKeys({ limit: TABLES_MAX })].map(String)
    const facts = names.length === 0 || names.includes('facts') ? openFacts() : undefined
    const found = facts?.get('format')
    if (found === undefined) checkOwner(names, path)
    else checkFormat(found, formats, path)
    const tables = { path, env, entries: env.openDB<string, string>(ENTRIES), facts: facts ?? openFacts() }
    if (tables.facts.get('id') === undefined) tables.facts.putSync('id', randomBytes(ID_BYTES).toString('hex'))
    // The file's name must outlive a loss of power as well as what is in it.
    await syncFolder(dirname(path))
    return { ...tables, room, id: Buffer.from(tables.facts.get('id') ?? '', 'hex') }
  } catch (error) {
    await env.close()
    throw error
  }
}

/** How many pages a table has, and its file. */
export function countsOf(table: RootDatabase | Database<string, string>): FileCounts {
  // lmdb's types know nothing of what is in it.
  return table.getStats() as FileCounts
}

/** What the file says that it holds, and how; undefined until that has been noted. */
export function formatOf({ facts }: Tables): string | undefined {
  return facts.get('format')
}

/** From now on only who reads this format may open the file. */
export function noteFormat(tables: Tables, format: string): void {
  if (formatOf(tables) !== format) tables.facts.putSync('format', format)
}

function checkFormat(found: string, formats: readonly string[], path: string): void {
  if (formats.includes(found)) return
  const remedy = 'use the Rollcall that wrote it'
  throw new StoreUnavailableError(`${path} has format ${found}, this version reads format ${formats[0]}: ${remedy}`)
}

/** Ended while it was made: there may be tables, but only ours. */
function checkOwner(names: readonly string[], path: string): void {
  if (names.every((name) => name === 'facts' || name === 'entries')) return
  throw new StoreUnavailableError(`${path} belongs to another program: choose another folder`)
}

/** What is said when a write came to nothing. */
export const REFUSED = 'the disk refused the write; check free space and the health of the disk'

const FULL = /no space left on device/i

/** The error for callers, with the reason that the system gave. */
export function unavailable(what: string, cause: unknown): StoreUnavailableError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  // The log and LMDB say it in words of their own, with numbers of pages; the cause keeps them.
  const told = FULL.exec(reason)?.[0].toLowerCase() ?? reason
  return new StoreUnavailableError(`${what} (${told})`, { cause })
}

/**
 * Makes what `write` puts durable, all or nothing; rejects with the reason that the system or LMDB gives.
 * @param changes what it puts and removes
 */
export async function putSynced(
  { env, entries, room }: Tables,
  changes: Iterable<Change>,
  write: () => void,
): Promise<void> {
  await room.take(changes, countsOf(entries))
  try {
    await env.batch(write)
  } catch (error) {
    const reason = await reasonOf(error)
    // After a failed write of its head page LMDB answers nothing more, not even with an error: ask while it does.
    env.transactionSync(() => {})
    throw reason
  }
}

/** LMDB rejects in two steps: first that it failed, then why. */
async function reasonOf(error: unknown): Promise<unknown> {
  try {
    await (error as { readonly commitError?: Promise<never> }).commitError
    return error
  } catch (reason) {
    return reason
  }
}
