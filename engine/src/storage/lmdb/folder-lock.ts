import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { StoreInUseError } from '../store.ts'

const LOCK_FILE = 'engine.lock'
const SQLITE_BUSY = 5

/** A lock on a data folder that no other process can take, and that ends with the process however it ends. */
export class FolderLock {
  #database: DatabaseSync | undefined

  /** @throws StoreInUseError when another process holds the folder */
  take(folder: string): void {
    const { DatabaseSync: Database } = loadSqlite()
    const database = new Database(join(folder, LOCK_FILE))
    try {
      // An exclusive transaction holds the kernel's lock on the file for as long as it is open; nothing is written.
      database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    } catch (error) {
      database.close()
      if ((error as { errcode?: number }).errcode === SQLITE_BUSY) {
        throw new StoreInUseError(`another Rollcall is using the data folder ${folder}`, { cause: error })
      }
      throw error
    }
    this.#database = database
  }

  release(): void {
    this.#database?.close()
    this.#database = undefined
  }
}

/** Loads SQLite without Node's notice that the module is young: users can do nothing about it. */
function loadSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process
  process.emitWarning = (() => {}) as typeof emitWarning
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}
