import { TX_STATUSES } from '@rollcall/protocol/transactions'
import { fail } from '../../kernel/failure.ts'
import { headOf, judge, reached, statusOf } from './judge.ts'
import type { BranchPicture } from './tree.ts'
import { treeOf } from './tree.ts'
import type { Branch, Head, ShownStatus, Transaction, TransactionFailure } from './types.ts'

/** A transaction as lists show it. */
export interface TransactionSummary extends Partial<Head> {
  readonly globalTxId: string
  readonly name: string
  readonly model: string
  readonly status: ShownStatus
  /** Whether somebody still works at it. */
  readonly inFlight: boolean
  /** Whether it needs a person. */
  readonly stuck: boolean
  readonly beginTime: number
  readonly updateTime: number
  readonly durationMs: number
  readonly timeoutMs: number
  /** The most of all branches. */
  readonly retriedCount: number
  readonly branchCount: number
  /** The latest of all branches; empty when there is none. */
  readonly errorMessage: string
}

interface TimelineEvent {
  readonly time: number
  readonly branchTxId: string
  readonly status: ShownStatus
  readonly serviceName: string
}

export interface TransactionDetail extends TransactionSummary {
  readonly tree: readonly BranchPicture[]
  readonly timeline: readonly TimelineEvent[]
}

export function summarize(transaction: Transaction, now: number): TransactionSummary {
  const { main, status, isInFlight, isStuck: stuck } = judge(transaction, now)
  const branches = [...transaction.branches]
  const updateTime = Math.max(...branches.map((branch) => branch.updateTime))
  const failed = branches.reduce((one, other) => (hasLaterError(other, one) ? other : one))
  return {
    globalTxId: transaction.globalTxId,
    name: main.name,
    model: main.model,
    status,
    inFlight: isInFlight,
    stuck,
    ...headOf(main),
    beginTime: transaction.begin,
    updateTime,
    durationMs: Math.max(0, (isInFlight ? now : updateTime) - transaction.begin),
    timeoutMs: main.timeoutMs,
    retriedCount: Math.max(...branches.map(({ retriedCount }) => retriedCount)),
    branchCount: branches.length,
    errorMessage: failed.errorMessage,
  }
}

function hasLaterError(one: Branch, other: Branch): boolean {
  if (one.errorTime !== other.errorTime) return one.errorTime > other.errorTime
  return one.errorMessage > other.errorMessage
}

/** @throws TransactionNotExists for one that is not known */
export function detailOf(transaction: Transaction | undefined, globalTxId: string, now: number): TransactionDetail {
  if (transaction === undefined) {
    return fail<TransactionFailure>('TransactionNotExists', `globalTxId: no transaction ${globalTxId} is known`)
  }
  return { ...summarize(transaction, now), tree: treeOf(transaction, now), timeline: timelineOf(transaction) }
}

/** What happened, in order: when each branch first came to each status, and where its trail ends. */
function timelineOf({ branches }: Transaction): readonly TimelineEvent[] {
  const events: TimelineEvent[] = []
  for (const branch of branches) {
    const { branchTxId, updateTime } = branch
    const { serviceName = '' } = headOf(branch)
    for (const [status, time] of reached(branch)) events.push({ time, branchTxId, status, serviceName })
    if (statusOf(branch) === 'LOST') events.push({ time: updateTime, branchTxId, status: 'LOST', serviceName })
  }
  return events.sort(inTime)
}

const STEPS: readonly ShownStatus[] = [...TX_STATUSES, 'LOST']

function inTime(one: TimelineEvent, other: TimelineEvent): number {
  if (one.time !== other.time) return one.time - other.time
  if (one.branchTxId !== other.branchTxId) return one.branchTxId < other.branchTxId ? -1 : 1
  return STEPS.indexOf(one.status) - STEPS.indexOf(other.status)
}
