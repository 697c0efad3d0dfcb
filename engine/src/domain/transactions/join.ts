import type { TxParticipant, TxStatus } from '@rollcall/protocol/transactions'
import { TX_STATUSES } from '@rollcall/protocol/transactions'
import type { Branch, Said } from './types.ts'

const RANKS = Object.fromEntries(TX_STATUSES.map((status, rank) => [status, rank])) as Readonly<
  Record<TxStatus, number>
>

/** The one that is further on; so a status never goes back, whatever arrives later. */
function further(one: TxStatus, other: TxStatus): TxStatus {
  return RANKS[other] > RANKS[one] ? other : one
}

/** Of two texts for one thing the same one whoever comes first; in practice there is only one. */
const greater = (one: string, other: string) => (other > one ? other : one)
const largest = (one: number, other: number) => Math.max(one, other)
const either = (one: boolean, other: boolean) => one || other

/** The earliest; 0 stands for not known. */
export function earliest(one: number, other: number): number {
  return one === 0 || other === 0 ? one + other : Math.min(one, other)
}

/** How two values of a member become one. Each is associative, commutative and idempotent. */
const JOINS = {
  parentTxId: greater,
  model: greater,
  role: greater,
  name: greater,
  status: further,
  beginTime: earliest,
  updateTime: largest,
  timeoutMs: largest,
  retriedCount: largest,
  isFinished: either,
} as const

type Member = keyof typeof JOINS
const MEMBERS = Object.keys(JOINS) as readonly Member[]

/** Whether `said` tells anything that a branch does not have. */
export function adds(branch: Branch, said: Said): boolean {
  return MEMBERS.some((member) => joined(branch, said, member) !== branch[member]) || addsParts(branch, said)
}

/** Takes in what was said. */
export function join(branch: Branch, said: Said): void {
  const values = branch as unknown as Record<Member, unknown>
  for (const member of MEMBERS) if (said[member] !== undefined) values[member] = joined(branch, said, member)
  if (isNewerError(branch, said)) {
    branch.errorTime = said.errorTime ?? 0
    branch.errorMessage = said.errorMessage ?? ''
  }
  for (const [status, time] of stepsOf(said)) {
    branch.steps.set(status, earliest(branch.steps.get(status) ?? 0, time))
  }
  for (const participant of said.participants ?? []) {
    const key = keyOf(participant)
    branch.participants.set(key, joinParticipants(branch.participants.get(key), participant))
  }
}

function joined(branch: Branch, said: Said, member: Member): unknown {
  const value = said[member]
  if (value === undefined) return branch[member]
  return (JOINS[member] as (one: unknown, other: unknown) => unknown)(branch[member], value)
}

function addsParts(branch: Branch, said: Said): boolean {
  if (isNewerError(branch, said)) return true
  for (const [status, time] of stepsOf(said)) {
    const known = branch.steps.get(status) ?? 0
    if (earliest(known, time) !== known) return true
  }
  for (const participant of said.participants ?? []) {
    const known = branch.participants.get(keyOf(participant))
    if (known === undefined || !isSame(joinParticipants(known, participant), known)) return true
  }
  return false
}

/** The latest message counts. */
function isNewerError({ errorTime, errorMessage }: Branch, said: Said): boolean {
  if (said.errorMessage === undefined) return false
  const time = said.errorTime ?? 0
  return time > errorTime || (time === errorTime && said.errorMessage > errorMessage)
}

function stepsOf({ steps = {} }: Said): readonly (readonly [TxStatus, number])[] {
  return Object.entries(steps) as [TxStatus, number][]
}

/** A participant without an id is known by what it does. */
function keyOf({ branchTxId, serviceName = '', tryMethod = '' }: TxParticipant): string {
  return branchTxId ?? `${serviceName}/${tryMethod}`
}

const TEXTS = ['branchTxId', 'serviceName', 'tryMethod', 'confirmMethod', 'cancelMethod'] as const

/** Joins what two callers say of a participant. */
export function joinParticipants(one: TxParticipant = {}, other: TxParticipant): TxParticipant {
  const result: Record<string, string> = {}
  for (const member of TEXTS) {
    const text = greater(one[member] ?? '', other[member] ?? '')
    if (text !== '') result[member] = text
  }
  const status = one.status && other.status ? further(one.status, other.status) : (one.status ?? other.status)
  return status === undefined ? result : { ...result, status }
}

function isSame(one: TxParticipant, other: TxParticipant): boolean {
  return one.status === other.status && TEXTS.every((member) => one[member] === other[member])
}
