import { join } from 'node:path'
import type { Alarms } from './http/alarms.ts'
import type { Clock } from './kernel/clock.ts'
import type { Log } from './kernel/log.ts'
import type { Settings } from './settings.ts'
import type { Journal } from './storage/journal.ts'
import { LmdbJournal } from './storage/lmdb/lmdb-journal.ts'
import { MemoryJournal } from './storage/memory/memory-journal.ts'

const MEGABYTE = 1_048_576

interface Tools {
  readonly clock: Clock
  readonly log: Log
  readonly alarms: Alarms
}

const JOURNAL_ALARM = 'JournalUnavailable'

/** Where samples and the entries of transactions are kept. When it takes nothing an alarm says so, until it does again. */
export function createJournal({ store, journal }: Settings, { clock, log, alarms }: Tools): Journal {
  if (store.kind === 'memory') return new MemoryJournal({ clock })
  let lost = 0
  return new LmdbJournal({
    path: join(store.path, 'journal.mdb'),
    clock,
    bytesMax: journal.maxMegabytes * MEGABYTE,
    onLost: ({ count }) => {
      lost += count
    },
    onTrouble: (trouble) => {
      if (trouble !== undefined) {
        log.error({ reason: trouble }, 'the journal takes no more entries')
        alarms.raise(JOURNAL_ALARM, trouble)
        return
      }
      log.warn({ lost }, 'the journal takes entries again; so many were lost')
      alarms.clear(JOURNAL_ALARM)
      lost = 0
    },
  })
}
