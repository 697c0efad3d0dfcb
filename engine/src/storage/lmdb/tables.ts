import type { Database, RootDatabase } from 'lmdb'
import { open } from 'lmdb'
import { StoreUnavailableError } from '../store.ts'

const FORMAT = '1'
const TABLES_MAX = 8

/** What the file holds: entries and leases as in records.ts, and facts about the file itself. */
export interface Tables {
  readonly env: RootDatabase
  readonly entries: Database<string, string>
  readonly leases: Database<string, string>
  readonly facts: Database<string, string>
}

/** Opens the file, making it if needed. @throws StoreUnavailableError when another version wrote it */
export function openTables(path: string): Tables {
  // Without `overlappingSync` a transaction is synced to disk before it counts as committed.
  const env = open({ path, overlappingSync: false, maxDbs: TABLES_MAX })
  const table = (name: string) => env.openDB<string, string>({ name, encoding: 'string' })
  const tables = { env, entries: table('entries'), leases: table('leases'), facts: table('facts') }
  const format = tables.facts.get('format')
  if (format === undefined) tables.facts.putSync('format', FORMAT)
  else if (format !== FORMAT) {
    throw new StoreUnavailableError(
      `the data has format ${format}, this version reads format ${FORMAT}: use the Rollcall that wrote it`,
    )
  }
  return tables
}
