import type { TxInfo, TxReport } from '@rollcall/protocol/transactions'
import { TX_PARTICIPANTS_MAX } from '@rollcall/protocol/transactions'
import { fail } from '../../kernel/failure.ts'
import { TX_BRANCHES_MAX } from '../../kernel/limits.ts'
import { adds } from './join.ts'
import { isInFlight } from './judge.ts'
import type { Branch, Note, NotedBranch, Reporter, TransactionFailure } from './types.ts'
import type { TransactionView } from './view.ts'

interface Given {
  readonly tenant: string
  /** The engine's time. */
  readonly at: number
  readonly view: TransactionView
  /** Whether other notes of this reporter are on their way to the view. */
  readonly isBusy: boolean
}

/** One entry of a report, and what is known of its branch. */
interface Spoken {
  readonly branch: Branch | undefined
  readonly noted: NotedBranch
  /** Time of the list of active ones that it stood in; 0: elsewhere. */
  readonly listedAt: number
}

/** What a report adds to what is known; undefined when nothing. */
export function noteReport(report: TxReport, given: Given): Note | undefined {
  const { tenant, at, view, isBusy } = given
  const { timestamp: sentAt, ...head } = report.head
  const timestamp = sentAt || at
  const reporter = view.reporter(tenant, head)
  const spoken = spokenIn(report, { ...given, timestamp })
  const isLater = report.activeTxList !== undefined && timestamp > (reporter?.latest ?? 0)
  const canRelist = isLater && reporter !== undefined && !isBusy && isHeldTogether(reporter, spoken)
  const branches: NotedBranch[] = []
  for (const entry of spoken) {
    const noted = noteEntry(entry, { reporter, canRelist })
    if (noted !== undefined) branches.push(noted)
  }
  if (branches.length === 0 && !isLater) return undefined
  const noted = {
    head,
    ...(report.activeTxList && { latest: timestamp }),
    ...(canRelist && { relistedFrom: reporter.latest }),
  }
  return { at, tenant, reporters: [noted], branches }
}

function spokenIn(report: TxReport, { tenant, view, timestamp }: Given & { readonly timestamp: number }): Spoken[] {
  const speak = (info: TxInfo, { listedAt, isFinished }: { listedAt: number; isFinished: boolean }): Spoken => {
    const branch = view.transaction(tenant, info.globalTxId)?.branches.get(info.branchTxId ?? '')
    return { branch, noted: noteInfo(info, { isFinished, listedAt, time: info.updateTime || timestamp }), listedAt }
  }
  const { activeTxList = [], finishedTxList = [], txInfo } = report
  return [
    ...activeTxList.map((info) => speak(info, { listedAt: timestamp, isFinished: false })),
    ...finishedTxList.map((info) => speak(info, { listedAt: 0, isFinished: true })),
    ...(txInfo === undefined ? [] : [speak(txInfo, { listedAt: 0, isFinished: false })]),
  ]
}

interface Said {
  readonly time: number
  readonly listedAt: number
  readonly isFinished: boolean
}

/** Member by member: one shape for all, which is quick to make and to read. */
function noteInfo(info: TxInfo, { time, listedAt, isFinished }: Said): NotedBranch {
  return {
    globalTxId: info.globalTxId,
    branchTxId: info.branchTxId ?? '',
    parentTxId: info.parentTxId,
    model: info.model,
    role: info.role,
    name: info.name,
    status: info.status,
    beginTime: info.beginTime,
    updateTime: time,
    timeoutMs: info.timeoutMs,
    retriedCount: info.retriedCount,
    errorMessage: info.errorMessage,
    isFinished: isFinished || undefined,
    participants: info.participants,
    listedAt,
  }
}

/** Whether all that its latest list held and that has not ended is in this report again. */
function isHeldTogether({ listed }: Reporter, spoken: readonly Spoken[]): boolean {
  const seen = new Set<Branch | undefined>()
  for (const { branch, listedAt, noted } of spoken) if (listedAt > 0 || noted.isFinished) seen.add(branch)
  for (const branch of listed) if (!seen.has(branch) && isInFlight(branch)) return false
  return true
}

function noteEntry(
  { branch, noted, listedAt }: Spoken,
  { reporter, canRelist }: { readonly reporter: Reporter | undefined; readonly canRelist: boolean },
): NotedBranch | undefined {
  if (branch === undefined || adds(branch, noted)) return noted
  const mention = branch.mentions.find((known) => known.reporter === reporter)
  const isRelisted = canRelist && reporter?.listed.has(branch)
  const isListedAnew = listedAt > (mention?.listedAt ?? 0) && !isRelisted
  const { globalTxId, branchTxId } = noted
  return mention === undefined || isListedAnew ? { globalTxId, branchTxId, listedAt } : undefined
}

/** @throws TransactionFailure when a transaction would have too many branches, or a branch too many participants */
export function checkSizes({ tenant, branches }: Note, view: TransactionView): void {
  const fresh = new Map<string, Set<string>>()
  for (const { globalTxId, branchTxId, participants = [] } of branches) {
    const known = view.transaction(tenant, globalTxId)?.branches
    const knownParticipants = known?.get(branchTxId)?.participants.length ?? 0
    if (knownParticipants + participants.length > 2 * TX_PARTICIPANTS_MAX)
      refuse(`participants of ${globalTxId}: more than ${TX_PARTICIPANTS_MAX}`)
    const size = known?.size ?? 0
    // Nearly always there is room for the whole note.
    if (size + branches.length <= TX_BRANCHES_MAX || known?.has(branchTxId)) continue
    const added = fresh.get(globalTxId) ?? new Set()
    fresh.set(globalTxId, added.add(branchTxId))
    if (size + added.size > TX_BRANCHES_MAX) refuse(`branches of ${globalTxId}: more than ${TX_BRANCHES_MAX}`)
  }
}

function refuse(detail: string): never {
  return fail<TransactionFailure>('TransactionInfoInvalid', detail)
}
