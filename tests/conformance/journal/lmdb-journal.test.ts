import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LmdbJournal } from '../../../engine/src/storage/lmdb/lmdb-journal.ts'
import { journalConformance } from './journal-conformance.ts'
import { SettableClock } from './journal-under-test.ts'

journalConformance('lmdb', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-journal-'))
  const clock = new SettableClock()
  const onLost = ({ cause }: { cause: unknown }) => {
    throw cause
  }
  const journal = new LmdbJournal({ path: join(folder, 'journal.mdb'), clock, onLost })
  const dispose = async () => {
    await journal.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { journal, clock, dispose }
})
