import { dirname } from 'node:path'
import type { Database, RootDatabase } from 'lmdb'
import { open } from 'lmdb'
import { StoreUnavailableError } from '../store.ts'
import { checkFile } from './file-check.ts'
import { syncFolder } from './folder.ts'

const TABLES_MAX = 8

/** What the file holds: entries as in records.ts, and facts about the file itself. */
export interface Tables {
  readonly env: RootDatabase
  readonly entries: Database<string, string>
  readonly facts: Database<string, string>
}

/**
 * Opens the file, making it if needed.
 * @param format what the file holds and how; written into a new one
 * @throws StoreUnavailableError when something else wrote it
 */
export async function openTables(path: string, format: string): Promise<Tables> {
  const undo = await checkFile(path)
  try {
    return await openChecked(path, format)
  } catch (error) {
    await undo()
    throw error
  }
}

async function openChecked(path: string, format: string): Promise<Tables> {
  // Without `overlappingSync` a transaction is synced to disk before it counts as committed. Turns of the event loop
  // are gathered by GroupCommit, so LMDB need not do it again.
  const env = open({ path, overlappingSync: false, eventTurnBatching: false, maxDbs: TABLES_MAX })
  try {
    const table = (name: string) => env.openDB<string, string>({ name, encoding: 'string' })
    const names = [...env.getKeys({ limit: TABLES_MAX })].map(String)
    const facts = names.length === 0 || names.includes('facts') ? table('facts') : undefined
    const found = facts?.get('format')
    if (found === undefined) checkOwner(names, path)
    else checkFormat(found, format, path)
    const tables = { env, entries: table('entries'), facts: facts ?? table('facts') }
    if (found === undefined) tables.facts.putSync('format', format)
    // The file's name must outlive a loss of power as well as what is in it.
    await syncFolder(dirname(path))
    return tables
  } catch (error) {
    await env.close()
    throw error
  }
}

function checkFormat(found: string, format: string, path: string): void {
  if (found === format) return
  const remedy = 'use the Rollcall that wrote it'
  throw new StoreUnavailableError(`${path} has format ${found}, this version reads format ${format}: ${remedy}`)
}

/** Ended while it was made: there may be tables, but only ours. */
function checkOwner(names: readonly string[], path: string): void {
  if (names.every((name) => name === 'facts' || name === 'entries')) return
  throw new StoreUnavailableError(`${path} belongs to another program: choose another folder`)
}

/** What is said when a write came to nothing. */
export const REFUSED = 'the disk refused the write; check free space and the health of the disk'

/** The error for callers, with the reason that the system gave. */
export function unavailable(what: string, cause: unknown): StoreUnavailableError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StoreUnavailableError(`${what} (${reason})`, { cause })
}

/** Makes what `write` puts durable, all or nothing; rejects with the reason that LMDB gives. */
export async function putSynced({ env }: Tables, write: () => void): Promise<void> {
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
