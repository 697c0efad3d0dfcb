import type { TxStatus } from '@rollcall/protocol/transactions'
import { TX_STATUSES } from '@rollcall/protocol/transactions'
import { Branches } from './branches.ts'
import { earliest, stepOf } from './join.ts'
import type { Branch, Eyes, Head, ShownStatus, Transaction } from './types.ts'

/** From so many retries on a transaction needs a person. */
const STUCK_RETRIES = 10

/** From the least to the most satisfying: what stands for a transaction whose root nobody reported. */
const ORDER: readonly ShownStatus[] = [...TX_STATUSES.slice(0, 3), 'LOST', ...TX_STATUSES.slice(3)]

const OPEN: ReadonlySet<ShownStatus> = new Set(['TRYING', 'CONFIRMING', 'CANCELLING'])
const GOOD: ReadonlySet<ShownStatus> = new Set(['CONFIRMED', 'CANCELLED'])

/** Whether a status says that something went wrong for good. */
export function isFailed(status: ShownStatus): boolean {
  return !OPEN.has(status) && !GOOD.has(status)
}

/** What a branch is shown as: LOST when it left its instance's list, or was called finished, without an end. */
export function statusOf(branch: Branch): ShownStatus {
  if (!OPEN.has(branch.status)) return branch.status
  return branch.isFinished || (wasListed(branch) && !isListed(branch)) ? 'LOST' : branch.status
}

/** Whether somebody still works at it. What failed is worked at as long as its instance lists it. */
export function isInFlight(branch: Branch): boolean {
  if (OPEN.has(branch.status)) return statusOf(branch) !== 'LOST'
  return !GOOD.has(branch.status) && !branch.isFinished && isListed(branch)
}

function wasListed({ mentions }: Branch): boolean {
  return mentions.some(({ listedAt }) => listedAt > 0)
}

function isListed({ mentions }: Branch): boolean {
  return mentions.some(({ listedAt, reporter }) => listedAt > 0 && listedAt === reporter.latest)
}

/** Whether it needs a person: past its timeout, or tried again and again, and not come to a good end. */
export function isStuck(branch: Branch, now: number): boolean {
  if (GOOD.has(branch.status)) return false
  if (branch.retriedCount >= STUCK_RETRIES) return statusOf(branch) !== 'LOST'
  return branch.timeoutMs > 0 && now > beginOf(branch) + branch.timeoutMs && isInFlight(branch)
}

/** When a branch began: as it says, or when it was first heard of, whatever is earlier. */
export function beginOf({ beginTime, steps, updateTime }: Branch): number {
  if (steps === undefined) return earliest(beginTime, updateTime)
  let begin = beginTime
  for (const time of steps) begin = earliest(begin, time)
  return begin
}

/** The statuses that a branch came to, and when first. */
export function reached(branch: Branch): readonly (readonly [TxStatus, number])[] {
  return TX_STATUSES.map((status, rank) => [status, stepOf(branch, rank)] as const).filter(([, time]) => time > 0)
}

/** What is asked of a transaction as a whole. */
export interface Judgement {
  /** The branch that stands for it: its root, else the first to begin. */
  readonly main: Branch
  readonly status: ShownStatus
  readonly isInFlight: boolean
  readonly isStuck: boolean
}

/** The root speaks for all; without one, the branch that is furthest from a good end. */
export function judge({ branches }: Transaction, now: number): Judgement {
  let root: Branch | undefined
  let first: Branch | undefined
  let isAnyInFlight = false
  let isAnyStuck = false
  let worst = ORDER.length
  for (const branch of branches) {
    if (branch.role === 'ROOT' && isBefore(branch, root)) root = branch
    if (isBefore(branch, first)) first = branch
    isAnyInFlight ||= isInFlight(branch)
    isAnyStuck ||= isStuck(branch, now)
    worst = Math.min(worst, ORDER.indexOf(statusOf(branch)))
  }
  const main = root ?? first
  if (main === undefined) throw new Error('a transaction without a branch')
  return {
    main,
    status: root === undefined ? (ORDER[worst] as ShownStatus) : statusOf(root),
    isInFlight: root === undefined ? isAnyInFlight : isInFlight(root),
    isStuck: isAnyStuck,
  }
}

function isBefore(branch: Branch, other: Branch | undefined): boolean {
  if (other === undefined) return true
  const difference = beginOf(branch) - beginOf(other)
  return difference < 0 || (difference === 0 && branch.branchTxId < other.branchTxId)
}

/** Whether nothing more is expected of it. */
export function isEnded(transaction: Transaction): boolean {
  return !judge(transaction, 0).isInFlight
}

/** A transaction as it would be if nobody but those whom `eyes` see had reported; undefined when nothing is left of it. */
export function seenBy(eyes: Eyes | undefined, transaction: Transaction): Transaction | undefined {
  if (eyes === undefined) return transaction
  const seen = [...transaction.branches].filter((branch) => eyes.sees(headOf(branch)))
  return seen.length === 0 ? undefined : { ...transaction, branches: new Branches(seen) }
}

/** Who reported it; of several the same one whoever came first. */
export function headOf({ mentions }: Branch): Partial<Head> {
  let found: { readonly key: string; readonly head: Head } | undefined
  for (const { reporter } of mentions) {
    const { head } = reporter
    if (mentions.length === 1) return head
    const key = `${head.serviceName}\n${head.instanceId ?? ''}\n${head.hostName ?? ''}\n${head.version ?? ''}`
    if (found === undefined || key > found.key) found = { key, head }
  }
  return found?.head ?? {}
}
