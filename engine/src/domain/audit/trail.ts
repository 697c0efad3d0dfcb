import type { AuditEntry, AuditPage } from '@rollcall/protocol/audit'
import type { Clock, Stoppable } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Journal } from '../../storage/journal.ts'
import type { Registered } from './recovery.ts'
import { lostRegistrations, REGISTERED_BEFORE_MS } from './recovery.ts'
import type { AuditSearch, Cursor } from './search.ts'
import { EVERYTHING, parseCursor, search } from './search.ts'
import { Strand } from './strand.ts'
import type { AuditLimits, AuditRecord } from './types.ts'

/** One entry for each time that the engine stopped in order, with nothing left to be written. */
const STOPS = 'audit-stops'
const TIDY_MS = 60_000
const DAY_MS = 86_400_000
const MEGABYTE = 1_048_576
/** Which share of the room refused requests have besides. */
const REFUSED_SHARE = 1 / 4

interface Needs {
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
  readonly limits: AuditLimits
}

/**
 * Who changed what, and who was refused. The two lie apart, so that whoever floods the engine with what is refused
 * cannot wash out what was changed.
 */
export class AuditTrail {
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #log: Log
  readonly #limits: AuditLimits
  readonly #changes: Strand
  readonly #refusals: Strand
  #lost = 0
  #lostInAll = 0
  #timer: Stoppable | undefined
  #tidying: Promise<void> | undefined

  constructor({ journal, clock, log, limits }: Needs) {
    this.#journal = journal
    this.#clock = clock
    this.#log = log
    this.#limits = limits
    const onLost = (count: number, err: unknown) => this.#lose(count, err)
    this.#changes = new Strand({ stream: 'audit', journal, clock, onLost })
    this.#refusals = new Strand({ stream: 'audit-refused', journal, clock, onLost })
  }

  /**
   * Goes on where the journal ends; begins to let go of what is too old.
   * @param registered all instances: those whose entries a crash has taken get new ones
   */
  async start(registered: Iterable<Registered> = []): Promise<void> {
    await this.#changes.open()
    await this.#refusals.open()
    await this.#recover(registered)
    this.#timer = this.#clock.every(TIDY_MS, () => this.#tidy())
  }

  async stop(): Promise<void> {
    this.#timer?.stop()
    await this.#tidying
    await this.#changes.flush()
    await this.#refusals.flush()
    // Without it the next start only looks further back.
    await this.#journal.append(STOPS, ['']).catch(() => {})
  }

  /** Adds an entry; resolves when it is on disk. Never rejects: what the disk refuses is counted, and told. */
  add(record: AuditRecord): Promise<void> {
    return this.#strandOf(record).add(record)
  }

  /**
   * Adds an entry that comes with many others: it is written soon. When too many wait already, one about a change must
   * be waited for, and one about a refusal is only counted.
   */
  addSoon(record: AuditRecord): Promise<void> | undefined {
    const strand = this.#strandOf(record)
    if (!strand.isFull) {
      strand.addSoon(record)
      return undefined
    }
    if (strand === this.#changes) return strand.add(record)
    this.#countLost(1)
    return undefined
  }

  /** What waits for the disk, in characters, and how many entries could not be written since the start. */
  backlog(): { readonly characters: number; readonly lost: number } {
    return { characters: this.#changes.waitingLength + this.#refusals.waitingLength, lost: this.#lostInAll }
  }

  /** Notes what the engine did of its own accord. */
  noteOwn(action: string, tenant: string, resource: string): void {
    void this.addSoon({
      account: '',
      address: '',
      agent: '',
      action,
      tenant,
      resource,
      result: 'ok',
    })
  }

  async search(asked: AuditSearch): Promise<AuditPage> {
    await Promise.all([this.#changes.flush(), this.#refusals.flush()])
    const strands = [
      { letter: 'c', strand: this.#changes },
      { letter: 'r', strand: this.#refusals },
    ]
    return search(strands, asked)
  }

  async #recover(registered: Iterable<Registered>): Promise<void> {
    const [last] = (await this.search({ ...EVERYTHING, result: 'ok', limit: 1 })).entries
    // A log without entries is new: what is in the registry was there before it.
    if (last === undefined) return
    const since = Math.max(Date.parse(last.time) - REGISTERED_BEFORE_MS, await this.#stoppedAt())
    const known: AuditEntry[] = []
    for (const action of ['instance.register', 'service.create']) {
      let after: Cursor | undefined
      do {
        // What was registered at that time was answered later.
        const page: AuditPage = await this.search({ ...EVERYTHING, action, result: 'ok', since, after })
        known.push(...page.entries)
        after = page.nextCursor === undefined ? undefined : auditCursor(page.nextCursor)
      } while (after !== undefined)
    }
    for (const record of lostRegistrations(registered, since, known)) void this.addSoon(record)
  }

  /** When the engine stopped in order last, to the second that documents tell; 0: never. */
  async #stoppedAt(): Promise<number> {
    const [stop] = await this.#journal.scan(STOPS, { direction: 'backward', limit: 1 })
    if (stop === undefined) return 0
    await this.#journal.dropBefore(STOPS, stop.time)
    return Math.floor(stop.time / 1000) * 1000
  }

  #strandOf({ result }: AuditRecord): Strand {
    return result === 'ok' ? this.#changes : this.#refusals
  }

  #lose(count: number, err: unknown): void {
    this.#countLost(count)
    this.#log.error({ err, entries: count }, 'entries of the audit log could not be written')
  }

  #countLost(count: number): void {
    this.#lost += count
    this.#lostInAll += count
  }

  #tidy(): void {
    this.#noteLosses()
    this.#tidying ??= this.#shorten().finally(() => {
      this.#tidying = undefined
    })
  }

  /** A gap in the log is an entry of it. */
  #noteLosses(): void {
    if (this.#lost === 0) return
    const detail = `${this.#lost} entries could not be written`
    this.#lost = 0
    const nobody = { account: '', address: '', agent: '', tenant: '' }
    this.#refusals.addSoon({ ...nobody, action: 'audit.lose', resource: '', result: 'lost', detail })
  }

  async #shorten(): Promise<void> {
    const { retentionDays, maxMegabytes } = this.#limits
    const before = this.#clock.now() - retentionDays * DAY_MS
    const length = maxMegabytes * MEGABYTE
    try {
      await this.#changes.shorten(before, length)
      await this.#refusals.shorten(before, length * REFUSED_SHARE)
    } catch (err) {
      this.#log.warn({ err }, 'old entries of the audit log could not be removed')
    }
  }
}

/** Where a search goes on. @throws AuditFailure InvalidParameters */
export function auditCursor(text: string): Cursor | undefined {
  return parseCursor(text, STRANDS)
}

const STRANDS = 2
