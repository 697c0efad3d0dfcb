import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../kernel/clock.ts'
import { LmdbStore } from '../storage/lmdb/lmdb-store.ts'
import type { Finding } from './findings.ts'
import { examineMachine } from './machine.ts'

const CHECK = 'data folder'

/** What there is to say about a data folder that no engine is working on. */
export async function examineFolder(folder: string): Promise<readonly Finding[]> {
  return [...(await examineMachine(folder, systemClock.now())), await examineStore(folder)]
}

/** Opens it as a start does: whatever is damaged or does not belong together is refused there. */
async function examineStore(folder: string): Promise<Finding> {
  const isThere = await access(join(folder, 'registry.mdb')).then(
    () => true,
    () => false,
  )
  if (!isThere) {
    const remedy = 'Name the folder of --store.path, or restore a backup into a new one with "rollcall restore".'
    return { check: CHECK, level: 'problem', message: `${folder} is no data folder of Rollcall`, remedy }
  }
  const store = new LmdbStore({ path: folder, clock: systemClock })
  try {
    await store.open()
    let records = 0
    for await (const page of store.read('')) records += page.length
    return { check: CHECK, level: 'ok', message: `${folder} holds ${records} records (revision ${store.revision})` }
  } catch (error) {
    const { name, message } = error as Error
    if (name === 'StoreInUseError') {
      const remedy = 'Ask the engine that is using it: rollcall doctor --url with its address.'
      return { check: CHECK, level: 'warning', message, remedy }
    }
    if (name !== 'StoreUnavailableError') throw error
    return { check: CHECK, level: 'problem', message, remedy: 'Restore the latest backup with "rollcall restore".' }
  } finally {
    await store.close()
  }
}
