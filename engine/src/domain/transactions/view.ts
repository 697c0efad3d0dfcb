import { Branches, withOneMore } from './branches.ts'
import { earliest, join } from './join.ts'
import { beginOf, isInFlight } from './judge.ts'
import { BeginOrder, type Begins } from './order.ts'
import { TouchOrder } from './touch-order.ts'
import { TransactionTable } from './transaction-table.ts'
import type {
  Branch,
  Head,
  Mention,
  Note,
  NotedBranch,
  NotedReporter,
  Participant,
  Reporter,
  Transaction,
} from './types.ts'

/** What a branch alone in its transaction takes besides texts; with one part measured at 0.9 kB in all, so a little high. */
const BRANCH_BYTES = 650
const PART_BYTES = 250

const NONE: readonly never[] = []

/** What one tenant has. */
export interface TenantTransactions {
  readonly transactions: TransactionTable
  readonly reporters: Map<string, Reporter>
  readonly order: BeginOrder
  /** Of those that are forgotten and still in the order. */
  forgotten: Begins | undefined
}

/** What a note says besides branches. */
interface Origin {
  readonly at: number
  readonly keptSince: number
  readonly tenant: string
  readonly reporters: readonly Reporter[]
}

/** All transactions that are known, folded from notes. */
export class TransactionView {
  readonly #tenants = new Map<string, TenantTransactions>()
  readonly #byTouch = new TouchOrder()
  #bytes = 0

  /** What all of it takes in memory, estimated. */
  get bytes(): number {
    return this.#bytes
  }

  get tenants(): ReadonlyMap<string, TenantTransactions> {
    return this.#tenants
  }

  /** All transactions, those that were touched longest ago first. */
  get byTouch(): Iterable<Transaction> {
    return this.#byTouch
  }

  /** Puts them in the order of their touches, after notes came in another one. */
  sortByTouch(): void {
    const sorted = [...this.#byTouch].sort((one, other) => one.touchedAt - other.touchedAt)
    for (const transaction of sorted) this.#byTouch.touch(transaction)
  }

  transaction(tenant: string, globalTxId: string): Transaction | undefined {
    return this.#tenants.get(tenant)?.transactions.get(globalTxId)
  }

  reporter(tenant: string, head: Head): Reporter | undefined {
    return this.#tenants.get(tenant)?.reporters.get(reporterKey(head))
  }

  /** Joins a note. @param keptSince when the journal took it, or earlier */
  apply({ at, tenant, reporters, branches }: Note, keptSince = at): void {
    const own = this.#tenant(tenant)
    const known = reporters.map((reporter) => this.#applyReporter(own, reporter))
    for (const noted of branches) this.#applyBranch(own, noted, { at, keptSince, tenant, reporters: known })
  }

  /** Forgets a transaction; `sweep` must follow, which does the rest for many at once. */
  forget(transaction: Transaction): void {
    transaction.isForgotten = true
    this.#byTouch.remove(transaction)
    const own = this.#tenant(transaction.tenant)
    own.transactions.delete(transaction)
    const { begin } = transaction
    const { from, to } = own.forgotten ?? { from: begin, to: begin }
    own.forgotten = { from: Math.min(from, begin), to: Math.max(to, begin) }
    for (const branch of transaction.branches) {
      this.#bytes -= branch.bytes
      for (const { reporter } of branch.mentions) {
        reporter.mentionCount -= 1
        reporter.listed.delete(branch)
      }
    }
  }

  /** Forgets who spoke of nothing that is left, and tenants that have nothing. */
  sweep(): void {
    for (const [name, own] of this.#tenants) {
      const { transactions, reporters, order, forgotten } = own
      if (forgotten !== undefined) order.removeForgotten(forgotten)
      own.forgotten = undefined
      for (const [key, { mentionCount }] of reporters) if (mentionCount === 0) reporters.delete(key)
      if (transactions.size === 0 && reporters.size === 0) this.#tenants.delete(name)
    }
  }

  #tenant(name: string): TenantTransactions {
    let own = this.#tenants.get(name)
    if (own === undefined) {
      own = {
        transactions: new TransactionTable(),
        reporters: new Map(),
        order: new BeginOrder(),
        forgotten: undefined,
      }
      this.#tenants.set(name, own)
    }
    return own
  }

  #applyReporter({ reporters }: TenantTransactions, { head, latest = 0, relistedFrom }: NotedReporter): Reporter {
    const key = reporterKey(head)
    let reporter = reporters.get(key)
    if (reporter === undefined) {
      reporter = { head, latest: 0, listed: new Set(), mentionCount: 0 }
      reporters.set(key, reporter)
    }
    if (latest <= reporter.latest) return reporter
    const relisted = relistedFrom === reporter.latest ? [...reporter.listed].filter(isInFlight) : []
    for (const branch of relisted) mentionBy(branch, reporter).listedAt = latest
    reporter.listed = new Set(relisted)
    reporter.latest = latest
    return reporter
  }

  #applyBranch(own: TenantTransactions, noted: NotedBranch, from: Origin): void {
    const { at, reporters } = from
    const branch = this.#branch(own, noted, from)
    // Forgotten since, and the note only says that it is still listed.
    if (branch === undefined) return
    join(branch, noted)
    if (noted.mentions === undefined) mention(branch, reporters[0], noted.listedAt ?? 0)
    else for (const [index, listedAt] of noted.mentions) mention(branch, reporters[index], listedAt)
    if (noted.status !== undefined) this.#touch(branch.transaction, at)
    this.#measure(branch)
    this.#move(own, branch)
  }

  #touch(transaction: Transaction, at: number): void {
    transaction.touchedAt = Math.max(transaction.touchedAt, at)
    this.#byTouch.touch(transaction)
  }

  #branch({ transactions }: TenantTransactions, noted: NotedBranch, from: Origin): Branch | undefined {
    const { globalTxId, branchTxId, status } = noted
    const known = transactions.get(globalTxId)
    const branch = known?.branches.get(branchTxId)
    if (branch !== undefined || status === undefined) return branch
    const transaction = known ?? emptyTransaction(globalTxId, from)
    if (known === undefined) transactions.add(transaction)
    const added = emptyBranch(transaction, { branchTxId, status })
    transaction.branches.add(added)
    return added
  }

  #measure(branch: Branch): void {
    const before = branch.bytes
    branch.bytes = bytesOf(branch)
    this.#bytes += branch.bytes - before
  }

  #move({ order }: TenantTransactions, branch: Branch): void {
    const { transaction } = branch
    const begin = earliest(transaction.begin, beginOf(branch))
    if (begin === transaction.begin) return
    if (transaction.begin > 0) order.remove(transaction)
    transaction.begin = begin
    order.add(transaction)
  }
}

export function reporterKey({
  environment,
  appId,
  serviceName,
  version,
  serviceId,
  instanceId,
  hostName,
}: Head): string {
  return JSON.stringify([environment, appId, serviceName, version, serviceId, instanceId, hostName])
}

/** Notes that a reporter spoke of a branch. */
function mention(branch: Branch, reporter: Reporter | undefined, listedAt: number): void {
  if (reporter === undefined) return
  const known = mentionBy(branch, reporter)
  known.listedAt = Math.max(known.listedAt, listedAt)
  if (listedAt > 0 && listedAt === reporter.latest) reporter.listed.add(branch)
}

function mentionBy(branch: Branch, reporter: Reporter): Mention {
  let mention = branch.mentions.find((known) => known.reporter === reporter)
  if (mention === undefined) {
    mention = { reporter, listedAt: 0 }
    branch.mentions = withOneMore(branch.mentions, mention)
    reporter.mentionCount += 1
  }
  return mention
}

function emptyTransaction(globalTxId: string, { tenant, keptSince }: Origin): Transaction {
  return {
    tenant,
    globalTxId,
    branches: new Branches(),
    begin: 0,
    touchedAt: 0,
    keptSince,
    older: undefined,
    newer: undefined,
    isForgotten: false,
  }
}

function emptyBranch(transaction: Transaction, { branchTxId, status }: Pick<Branch, 'branchTxId' | 'status'>): Branch {
  return {
    transaction,
    branchTxId,
    status,
    parentTxId: '',
    model: '',
    role: '',
    name: '',
    beginTime: 0,
    updateTime: 0,
    timeoutMs: 0,
    retriedCount: 0,
    errorMessage: '',
    errorTime: 0,
    isFinished: false,
    steps: undefined,
    participants: NONE,
    mentions: NONE,
    bytes: 0,
  }
}

function bytesOf(branch: Branch): number {
  const { transaction, branchTxId, parentTxId, name, errorMessage, participants, mentions } = branch
  let bytes = BRANCH_BYTES + PART_BYTES * (participants.length + mentions.length)
  bytes += 2 * (transaction.globalTxId.length + branchTxId.length + parentTxId.length + name.length)
  bytes += 2 * errorMessage.length
  for (const participant of participants) bytes += 2 * lengthOf(participant)
  return bytes
}

function lengthOf({ branchTxId = '', serviceName = '', tryMethod = '', ...methods }: Participant): number {
  const { confirmMethod = '', cancelMethod = '' } = methods
  return branchTxId.length + serviceName.length + tryMethod.length + confirmMethod.length + cancelMethod.length
}
