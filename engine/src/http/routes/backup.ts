import { createHash } from 'node:crypto'
import { BACKUP, type BackupHead } from '@rollcall/protocol/backup'
import { LineSealer } from '@rollcall/protocol/sealed-lines'
import { OWN_TENANT } from '../../domain/registry/index.ts'
import type { Clock } from '../../kernel/clock.ts'
import { fail } from '../../kernel/failure.ts'
import {
  BACKUP_BYTES_WAITING_MAX,
  BACKUP_STALLED_MS_MAX,
  BACKUPS_AT_ONCE_MAX,
  LONG_TEXT_PIECE_LENGTH,
} from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import { Pace } from '../../kernel/pace.ts'
import type { Backup, KeptRecord } from '../../storage/store.ts'
import type { Answer, Call, EventSink, Route } from '../call.ts'
import { isSet } from '../checked.ts'
import { may } from '../permission.ts'

/** What may be backed up; there is no such function where nothing is kept on a disk. */
interface Source {
  backup?(): Backup
}

interface Needs {
  readonly store: Source
  readonly journal: Source
  readonly version: string
  readonly clock: Clock
  readonly log: Log
}

const HEADERS = ['Content-Type', 'application/x-ndjson; charset=UTF-8', 'Cache-Control', 'no-store']

/** Everything that the engine keeps, for whoever has to bring it back one day. */
export function backupRoutes(needs: Needs): Route[] {
  let underWay = 0
  const handle = (call: Call): Answer => {
    const backup = open(needs, call, underWay)
    const stream = (sink: EventSink) => {
      underWay += 1
      void send(backup, sink, needs).finally(() => {
        underWay -= 1
      })
    }
    return { status: 200, headers: HEADERS, body: undefined, stream }
  }
  const path = '/v4/:project/admin/backup'
  return [{ family: 'v4', method: 'GET', path, permission: may('get', 'ops'), handle }]
}

interface Taken {
  readonly head: BackupHead
  readonly parts: readonly Backup[]
}

/** Takes the backup of this very moment. It holds all tenants and what accounts are known by, so administrators only. */
function open({ store, journal, version, clock }: Needs, call: Call, underWay: number): Taken {
  const { tenant, principal, query } = call
  if (tenant !== OWN_TENANT || !principal.isAdmin) fail('Forbidden', 'Required admin permission')
  if (store.backup === undefined) {
    fail('Forbidden', 'this engine keeps its store in memory, so there is nothing to back up')
  }
  if (underWay >= BACKUPS_AT_ONCE_MAX) {
    fail('QuotaExceeded', `${BACKUPS_AT_ONCE_MAX} backups are under way; try again later`)
  }
  const entries = isSet(query.get('journal')) ? journal.backup?.() : undefined
  const registry = store.backup()
  const head = {
    rollcall: BACKUP.kind,
    format: BACKUP.format,
    engine: version,
    revision: registry.revision,
    time: clock.now(),
    hasJournal: entries !== undefined,
  }
  return { head, parts: entries === undefined ? [registry] : [registry, entries] }
}

/** Sends it at the pace of the reader. What goes wrong ends the connection: then the file has no end and is refused. */
async function send({ head, parts }: Taken, sink: EventSink, { clock, log }: Needs): Promise<void> {
  const reader = new Reader(sink, clock)
  const sealer = new LineSealer(createHash('sha256'))
  try {
    let text = sealer.line(head)
    for await (const record of recordsOf(parts)) {
      text += sealer.line(record)
      if (text.length < LONG_TEXT_PIECE_LENGTH) continue
      sink.write(text)
      text = ''
      await reader.ready()
    }
    sink.write(text + sealer.seal())
    sink.end()
  } catch (err) {
    log.warn({ err }, 'a backup was broken off')
    sink.destroy()
  } finally {
    for (const part of parts) part.end()
  }
}

async function* recordsOf(parts: readonly Backup[]): AsyncIterable<KeptRecord> {
  for (const { pages } of parts) for await (const page of pages) yield* page
}

/** Whoever takes a backup; one that takes nothing any more must not hold the store's old pages for ever. */
class Reader {
  readonly #sink: EventSink
  readonly #clock: Clock
  readonly #pace = new Pace()
  #isGone = false

  constructor(sink: EventSink, clock: Clock) {
    this.#sink = sink
    this.#clock = clock
    sink.onClose(() => {
      this.#isGone = true
    })
  }

  /** Resolves when there is room for more, and others have had their turn. */
  async ready(): Promise<void> {
    await this.#pace.step()
    if (this.#isGone) throw new Error('the reader is gone')
    if (this.#sink.backlogBytes < BACKUP_BYTES_WAITING_MAX) return
    const timer = this.#clock.after(BACKUP_STALLED_MS_MAX, () => this.#sink.destroy())
    await this.#sink.drained()
    timer.stop()
  }
}
