import { TX_STATUSES } from '@rollcall/protocol/transactions'
import { fail } from '../../kernel/failure.ts'
import { TX_SEARCH_STEPS_MAX } from '../../kernel/limits.ts'
import { headOf, judge, seenBy } from './judge.ts'
import type { Place } from './order.ts'
import type { TransactionSummary } from './pictures.ts'
import { summarize } from './pictures.ts'
import type { Eyes, ShownStatus, Transaction, TransactionFailure } from './types.ts'
import type { TenantTransactions } from './view.ts'

/** What is looked for; empty and undefined members do not filter. */
export interface Search {
  readonly statuses: ReadonlySet<ShownStatus>
  readonly model: string
  /** Name of a service that reported any of its branches. */
  readonly service: string
  readonly app: string
  readonly stuck: boolean | undefined
  /** Times of begin, ms: from the first, before the second. */
  readonly from: number
  readonly to: number
  /** Part of the name, in any case. */
  readonly name: string
  readonly limit: number
  readonly after: Place | undefined
  /** Whose eyes look; undefined: they see everything. */
  readonly eyes?: Eyes | undefined
}

export interface Page {
  readonly transactions: readonly TransactionSummary[]
  /** Where the next page begins; absent at the end. A page may be short, even empty, and still have one. */
  readonly nextCursor?: string
}

export const SHOWN_STATUSES: readonly ShownStatus[] = [...TX_STATUSES, 'LOST']

/** The latest to begin first. One page looks at a bounded number of transactions. */
export function search({ order }: TenantTransactions, asked: Search, now: number): Page {
  const found: TransactionSummary[] = []
  let steps = 0
  let last: Transaction | undefined
  for (const transaction of order.backwards(firstPlace(asked))) {
    if (transaction.begin < asked.from) break
    if (found.length === asked.limit || steps === TX_SEARCH_STEPS_MAX) {
      return { transactions: found, ...(last && { nextCursor: toCursor(last) }) }
    }
    steps += 1
    last = transaction
    const seen = seenBy(asked.eyes, transaction)
    if (seen !== undefined && fits(seen, asked, now)) found.push(summarize(seen, now))
  }
  return { transactions: found }
}

function firstPlace({ to, after }: Search): Place | undefined {
  const end = Number.isFinite(to) ? { begin: to, globalTxId: '' } : undefined
  return after !== undefined && (end === undefined || after.begin < end.begin) ? after : end
}

function fits(transaction: Transaction, asked: Search, now: number): boolean {
  const { main, status, isStuck } = judge(transaction, now)
  if (asked.statuses.size > 0 && !asked.statuses.has(status)) return false
  if (asked.stuck !== undefined && asked.stuck !== isStuck) return false
  if (asked.model !== '' && asked.model !== main.model) return false
  if (asked.name !== '' && !main.name.toLowerCase().includes(asked.name.toLowerCase())) return false
  if (asked.service === '' && asked.app === '') return true
  for (const branch of transaction.branches) {
    const { serviceName, appId } = headOf(branch)
    const isService = asked.service === '' || asked.service === serviceName
    if (isService && (asked.app === '' || asked.app === appId)) return true
  }
  return false
}

function toCursor({ begin, globalTxId }: Place): string {
  return Buffer.from(`${begin} ${globalTxId}`).toString('base64url')
}

/** @throws TransactionFailure InvalidParameters when no search gave this cursor */
export function parseCursor(cursor: string): Place | undefined {
  if (cursor === '') return undefined
  const match = /^(\d{1,16}) (.+)$/s.exec(Buffer.from(cursor, 'base64url').toString())
  if (match === null) return fail<TransactionFailure>('InvalidParameters', 'cursor: not one that a search gave')
  return { begin: Number(match[1]), globalTxId: match[2] ?? '' }
}
