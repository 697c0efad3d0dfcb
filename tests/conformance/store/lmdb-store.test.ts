import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LmdbStore } from '../../../engine/src/storage/lmdb/lmdb-store.ts'
import { storeConformance } from './store-conformance.ts'
import { StallingClock } from './store-under-test.ts'

storeConformance('lmdb', async () => {
  const path = await mkdtemp(join(tmpdir(), 'rollcall-store-'))
  const clock = new StallingClock()
  const store = new LmdbStore({ path, clock })
  const dispose = async () => {
    await store.close()
    await rm(path, { recursive: true, force: true })
  }
  return { store, clock, dispose }
})
