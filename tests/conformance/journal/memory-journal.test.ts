import { MemoryJournal } from '../../../engine/src/storage/memory/memory-journal.ts'
import { journalConformance } from './journal-conformance.ts'
import { SettableClock } from './journal-under-test.ts'

journalConformance('memory', async () => {
  const clock = new SettableClock()
  const journal = new MemoryJournal({ clock })
  return { journal, clock, dispose: () => journal.close() }
})
