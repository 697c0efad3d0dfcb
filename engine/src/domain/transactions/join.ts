import type { TxParticipant, TxStatus } from '@rollcall/protocol/transactions'
import { TX_STATUSES } from '@rollcall/protocol/transactions'
import type { Branch, Participant, Said } from './types.ts'

const RANKS = Object.fromEntries(TX_STATUSES.map((status, rank) => [status, rank])) as Readonly<
  Record<TxStatus, number>
>

/** The one that is further on; so a status never goes back, whatever arrives later. */
function further(one: TxStatus, other: TxStatus): TxStatus {
  return RANKS[other] > RANKS[one] ? other : one
}

/** Of two texts for one thing the same one whoever comes first; in practice there is only one. */
const greater = (one: string, other: string) => (other > one ? other : one)

/** The earliest; 0 stands for not known. */
export function earliest(one: number, other: number): number {
  return one === 0 || other === 0 ? one + other : Math.min(one, other)
}

/** Of a text and one that was said; each is associative, commutative and idempotent, as are those of the other members. */
const text = (one: string, said: string | undefined) => (said === undefined ? one : greater(one, said))
const count = (one: number, said: number | undefined) => (said === undefined ? one : Math.max(one, said))
const state = (one: TxStatus, said: TxStatus | undefined) => (said === undefined ? one : further(one, said))

/** Whether `said` tells anything that a branch does not have. Written out like `join`: both are done for each entry of a report. */
export function adds(branch: Branch, said: Said): boolean {
  return (
    text(branch.parentTxId, said.parentTxId) !== branch.parentTxId ||
    text(branch.model, said.model) !== branch.model ||
    text(branch.role, said.role) !== branch.role ||
    text(branch.name, said.name) !== branch.name ||
    state(branch.status, said.status) !== branch.status ||
    earliest(branch.beginTime, said.beginTime ?? 0) !== branch.beginTime ||
    count(branch.updateTime, said.updateTime) !== branch.updateTime ||
    count(branch.timeoutMs, said.timeoutMs) !== branch.timeoutMs ||
    count(branch.retriedCount, said.retriedCount) !== branch.retriedCount ||
    (said.isFinished === true && !branch.isFinished) ||
    addsParts(branch, said)
  )
}

/** Takes in what was said. */
export function join(branch: Branch, said: Said): void {
  joinSteps(branch, said)
  branch.parentTxId = text(branch.parentTxId, said.parentTxId)
  branch.model = text(branch.model, said.model)
  branch.role = text(branch.role, said.role)
  branch.name = text(branch.name, said.name)
  branch.status = state(branch.status, said.status)
  branch.beginTime = earliest(branch.beginTime, said.beginTime ?? 0)
  branch.updateTime = count(branch.updateTime, said.updateTime)
  branch.timeoutMs = count(branch.timeoutMs, said.timeoutMs)
  branch.retriedCount = count(branch.retriedCount, said.retriedCount)
  branch.isFinished ||= said.isFinished === true
  if (isNewerError(branch, said)) {
    branch.errorTime = errorTimeOf(said)
    branch.errorMessage = said.errorMessage ?? ''
  }
  if (said.participants !== undefined) branch.participants = joinAll(branch.participants, said.participants)
}

/** Comes before all else: as long as one report spoke of a branch, its status and time tell the only step. */
function joinSteps(branch: Branch, said: Said): void {
  const isFirst = branch.updateTime === 0 && branch.steps === undefined
  if (isFirst && said.steps === undefined) return
  const steps = branch.steps ?? TX_STATUSES.map((_, rank) => stepOf(branch, rank))
  eachStep(said, (rank, time) => {
    steps[rank] = earliest(steps[rank] ?? 0, time)
    return false
  })
  branch.steps = steps
}

/** When a branch first came to the status of a rank; 0: not known. */
export function stepOf({ steps, status, updateTime }: Branch, rank: number): number {
  if (steps !== undefined) return steps[rank] ?? 0
  return RANKS[status] === rank ? updateTime : 0
}

function addsParts(branch: Branch, said: Said): boolean {
  if (isNewerError(branch, said)) return true
  const addsStep = eachStep(said, (rank, time) => {
    const known = stepOf(branch, rank)
    return earliest(known, time) !== known
  })
  if (addsStep || said.participants === undefined) return addsStep
  const all = joinAll(branch.participants, said.participants)
  return all.length > branch.participants.length || all.some((one, at) => !isSame(one, branch.participants[at]))
}

/** The latest message counts. */
function isNewerError({ errorTime, errorMessage }: Branch, said: Said): boolean {
  if (said.errorMessage === undefined) return false
  const time = errorTimeOf(said)
  return time > errorTime || (time === errorTime && said.errorMessage > errorMessage)
}

function errorTimeOf({ errorTime, updateTime }: Said): number {
  return errorTime ?? updateTime ?? 0
}

/** Goes through what is said of statuses. @returns whether `isIt` held for any; the rest is left then */
function eachStep(said: Said, isIt: (rank: number, time: number) => boolean): boolean {
  const { steps, status, updateTime } = said
  if (steps === undefined) return status !== undefined && updateTime !== undefined && isIt(RANKS[status], updateTime)
  return TX_STATUSES.some((reached, rank) => {
    const time = steps[reached]
    return time !== undefined && isIt(rank, time)
  })
}

/** A participant without an id is known by what it does. The length keeps `a/b` with `c` and `a` with `b/c` apart. */
export function keyOf({ branchTxId, serviceName = '', tryMethod = '' }: TxParticipant | Participant): string {
  return branchTxId || `${serviceName}/${tryMethod}/${serviceName.length}`
}

/** Joins what is said of participants to what is known: known ones stay in their places, new ones follow. */
function joinAll(known: readonly Participant[], said: readonly TxParticipant[]): readonly Participant[] {
  if (said.length === 0) return known
  const [only] = said
  if (known.length === 0 && said.length === 1 && only !== undefined) return [joinParticipants(undefined, only)]
  const byKey = new Map(known.map((participant) => [keyOf(participant), participant]))
  for (const participant of said) {
    const key = keyOf(participant)
    byKey.set(key, joinParticipants(byKey.get(key), participant))
  }
  return [...byKey.values()]
}

/** Joins what two callers say of a participant. */
export function joinParticipants(one: Participant | undefined, other: TxParticipant | Participant): Participant {
  return {
    branchTxId: greaterText(one?.branchTxId, other.branchTxId),
    serviceName: greaterText(one?.serviceName, other.serviceName),
    tryMethod: greaterText(one?.tryMethod, other.tryMethod),
    confirmMethod: greaterText(one?.confirmMethod, other.confirmMethod),
    cancelMethod: greaterText(one?.cancelMethod, other.cancelMethod),
    status: one?.status && other.status ? further(one.status, other.status) : (one?.status ?? other.status),
  }
}

function greaterText(one: string | undefined, other: string | undefined): string | undefined {
  if (other === undefined || other === '') return one
  return one === undefined ? other : greater(one, other)
}

function isSame(one: Participant, other: Participant | undefined): boolean {
  return (
    other !== undefined &&
    one.status === other.status &&
    one.branchTxId === other.branchTxId &&
    one.serviceName === other.serviceName &&
    one.tryMethod === other.tryMethod &&
    one.confirmMethod === other.confirmMethod &&
    one.cancelMethod === other.cancelMethod
  )
}
