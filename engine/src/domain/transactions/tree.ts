import { joinParticipants, keyOf } from './join.ts'
import { beginOf, headOf, isStuck, statusOf } from './judge.ts'
import type { Branch, Head, Participant, ShownStatus, Transaction } from './types.ts'

/** A branch with those below it. */
export interface BranchPicture
  extends Omit<Partial<Head>, 'serviceName'>,
    Partial<Omit<Participant, 'status' | 'branchTxId'>> {
  readonly branchTxId: string
  readonly parentTxId: string
  readonly role: string
  readonly name: string
  /** Absent: a participant of which no status was reported. */
  readonly status?: ShownStatus | undefined
  /** False: only known as a participant of the branch above. */
  readonly reported: boolean
  readonly stuck: boolean
  readonly beginTime: number
  readonly updateTime: number
  readonly timeoutMs: number
  readonly retriedCount: number
  readonly errorMessage: string
  readonly children: readonly BranchPicture[]
}

/** The branches as a tree. What names no parent hangs below the root, what names an unknown one or itself in a circle stands at the top. */
export function treeOf(transaction: Transaction, now: number): readonly BranchPicture[] {
  const { branches } = transaction
  const participants = new Map<string, Participant>()
  for (const said of [...branches].flatMap((branch) => branch.participants)) {
    participants.set(keyOf(said), joinParticipants(participants.get(keyOf(said)), said))
  }
  const below = childrenOf(transaction)
  const draw = (branch: Branch): BranchPicture => {
    const reported = (below.get(branch) ?? []).map(draw)
    const silent = branch.participants.filter((participant) => !branches.has(keyOf(participant))).sort(byKey)
    const children = [...reported, ...silent.map((participant) => drawSilent(participant, branch))]
    return { ...methodsOf(participants.get(branch.branchTxId)), ...drawBranch(branch, now), children }
  }
  return (below.get(undefined) ?? []).map(draw)
}

/** Whom each branch has below it, in order of begin; below nobody: the top. */
function childrenOf({ globalTxId, branches }: Transaction): ReadonlyMap<Branch | undefined, readonly Branch[]> {
  const sorted = [...branches].sort(byBegin)
  const root = sorted.find(({ role }) => role === 'ROOT')
  const parentOf = (branch: Branch): Branch | undefined => {
    const { parentTxId } = branch
    if (parentTxId !== '' && branches.has(parentTxId)) return branches.get(parentTxId)
    // The root is often known by the transaction's id only.
    return branch !== root && (parentTxId === '' || parentTxId === globalTxId) ? root : undefined
  }
  const children = new Map<Branch | undefined, Branch[]>()
  for (const branch of sorted) {
    const parent = isInCircle(branch, parentOf) ? undefined : parentOf(branch)
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [branch])
    else siblings.push(branch)
  }
  return children
}

/** Whether the way up from a branch comes back to it. */
function isInCircle(branch: Branch, parentOf: (branch: Branch) => Branch | undefined): boolean {
  const seen = new Set<Branch>()
  let at = parentOf(branch)
  while (at !== undefined && at !== branch && !seen.has(at)) {
    seen.add(at)
    at = parentOf(at)
  }
  return at === branch
}

function byBegin(one: Branch, other: Branch): number {
  return beginOf(one) - beginOf(other) || (one.branchTxId < other.branchTxId ? -1 : 1)
}

function byKey(one: Participant, other: Participant): number {
  return keyOf(one) < keyOf(other) ? -1 : 1
}

function methodsOf(participant: Participant | undefined): Partial<Participant> {
  if (participant === undefined) return {}
  const { tryMethod, confirmMethod, cancelMethod } = participant
  return { tryMethod, confirmMethod, cancelMethod }
}

function drawBranch(branch: Branch, now: number): Omit<BranchPicture, 'children'> {
  const { branchTxId, parentTxId, role, name, updateTime, timeoutMs, retriedCount, errorMessage } = branch
  return {
    branchTxId,
    parentTxId,
    role,
    name,
    status: statusOf(branch),
    reported: true,
    stuck: isStuck(branch, now),
    ...headOf(branch),
    beginTime: beginOf(branch),
    updateTime,
    timeoutMs,
    retriedCount,
    errorMessage,
  }
}

function drawSilent(participant: Participant, above: Branch): BranchPicture {
  return {
    ...participant,
    branchTxId: participant.branchTxId ?? '',
    parentTxId: above.branchTxId,
    role: 'BRANCH',
    name: '',
    reported: false,
    stuck: false,
    beginTime: 0,
    updateTime: 0,
    timeoutMs: 0,
    retriedCount: 0,
    errorMessage: '',
    children: [],
  }
}
