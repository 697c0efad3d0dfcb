import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import type { Database, RootDatabase } from 'lmdb'
import { open } from 'lmdb'
import { StoreUnavailableError } from '../store.ts'
import { checkFile } from './file-check.ts'
import { syncFolder } from './folder.ts'
import { KEY_ENCODER } from './keys.ts'

/** 2: with a commit log beside it, whose files begin with the id. 1: everything is in here. */
const FORMAT = '2'
const FORMAT_WITHOUT_LOG = '1'
const TABLES_MAX = 8
const ID_BYTES = 8
const TEXTS = { encoding: 'string' } as const
/** In a constant of its own, for lmdb's types know of `keyEncoder` only for whole files. */
const ENTRIES = { ...TEXTS, name: 'entries', keyEncoder: KEY_ENCODER }

/** What the file holds: entries as in records.ts, and facts about the file itself. */
export interface Tables {
  readonly env: RootDatabase
  readonly entries: Database<string, string>
  readonly facts: Database<string, string>
  /** Of the data folder, for its log. */
  readonly id: Buffer
}

/** Opens the file, making it if needed. @throws StoreUnavailableError when something else wrote it */
export async function openTables(path: string): Promise<Tables> {
  const undo = await checkFile(path)
  try {
    return await openChecked(path)
  } catch (error) {
    await undo()
    throw error
  }
}

async function openChecked(path: string): Promise<Tables> {
  // Without `overlappingSync` a transaction is synced to disk before it counts as committed. Turns of the event loop
  // are gathered by GroupCommit, so LMDB need not do it again.
  const env = open({ path, overlappingSync: false, eventTurnBatching: false, maxDbs: TABLES_MAX })
  try {
    const openFacts = () => env.openDB<string, string>({ ...TEXTS, name: 'facts' })
    const names = [...env.getKeys({ limit: TABLES_MAX })].map(String)
    const facts = names.length === 0 || names.includes('facts') ? openFacts() : undefined
    checkFormat(facts?.get('format'), names, path)
    const tables = { env, entries: env.openDB<string, string>(ENTRIES), facts: facts ?? openFacts() }
    if (tables.facts.get('id') === undefined) tables.facts.putSync('id', randomBytes(ID_BYTES).toString('hex'))
    // The file's name must outlive a loss of power as well as what is in it.
    await syncFolder(dirname(path))
    return { ...tables, id: Buffer.from(tables.facts.get('id') ?? '', 'hex') }
  } catch (error) {
    await env.close()
    throw error
  }
}

/** Whether the folder has a log. */
export function hasLog({ facts }: Tables): boolean {
  return facts.get('format') === FORMAT
}

/** From now on what is in here is not all: the files of the log are there. */
export function noteLog(tables: Tables): void {
  if (!hasLog(tables)) tables.facts.putSync('format', FORMAT)
}

function checkFormat(format: string | undefined, names: readonly string[], path: string): void {
  if (format === FORMAT || format === FORMAT_WITHOUT_LOG) return
  if (format !== undefined) {
    const remedy = 'use the Rollcall that wrote it'
    throw new StoreUnavailableError(`the data has format ${format}, this version reads format ${FORMAT}: ${remedy}`)
  }
  // Ended while it was made: there may be tables, but only ours.
  if (names.every((name) => name === 'facts' || name === 'entries')) return
  throw new StoreUnavailableError(`${path} belongs to another program: choose another folder`)
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
