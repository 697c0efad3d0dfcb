import { readTxReport } from '@rollcall/protocol/transactions'
import type { ReceivedReport, Search, ShownStatus, Transactions } from '../../domain/transactions/index.ts'
import { parseCursor, SHOWN_STATUSES } from '../../domain/transactions/index.ts'
import { fail } from '../../kernel/failure.ts'
import { TX_REPORT_BYTES_MAX } from '../../kernel/limits.ts'
import { EMPTY, json } from '../answers.ts'
import type { Answer, Call, Query, ReaderSpec, Route } from '../call.ts'
import { may } from '../permission.ts'
import { ofTransactions } from '../scopes.ts'
import { sightOf } from '../visible.ts'

const READ = '/v3/:project/csemonitor/transactions'
const BODY: ReaderSpec = { read: readReport, bytesMax: TX_REPORT_BYTES_MAX, invalid: 'TransactionHeadInvalid' }
const LIMIT = { default: 100, max: 1000 }

/** Distributed transactions: what instances report, and what is read of it. */
export function transactionRoutes(transactions: Transactions): Route[] {
  const upload = {
    family: 'monitoring',
    method: 'POST',
    permission: may('update', 'service', ofTransactions),
    audit: 'report',
    body: BODY,
  } as const
  const read = { family: 'monitoring-v3', method: 'GET', permission: may('get', 'service', 'shown') } as const
  const take = (call: Call) => report(transactions, call)
  return [
    { ...upload, path: '/v2/:project/csemonitor/transaction', handle: take },
    { ...upload, path: '/csemonitor/v1/transaction', handle: take },
    { ...read, path: READ, handle: (call) => json(transactions.list(call.tenant, searchOf(call))) },
    {
      ...read,
      path: `${READ}/statistics`,
      handle: async (call) => json(await transactions.statistics(call.tenant, sightOf(call))),
    },
    {
      ...read,
      path: `${READ}/:globalTxId`,
      handle: (call) => json(transactions.detail(call.tenant, call.params.globalTxId ?? '', sightOf(call))),
    },
  ]
}

function readReport(value: unknown, text: string): ReceivedReport {
  return { report: readTxReport(value, Buffer.byteLength(text)), text }
}

async function report(transactions: Transactions, { tenant, body }: Call): Promise<Answer> {
  await transactions.report(tenant, body as ReceivedReport)
  return EMPTY
}

/** @throws Failure InvalidParameters naming parameter and rule */
function searchOf(call: Call): Search {
  const { query } = call
  return {
    statuses: statusesOf(query),
    model: choice(query, 'model', ['', 'TCC', 'SAGA']),
    service: query.get('service'),
    app: query.get('app'),
    stuck: { '': undefined, true: true, false: false }[choice(query, 'stuck', ['', 'true', 'false'])],
    from: whole(query, 'from', { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER }),
    to: whole(query, 'to', { fallback: Number.POSITIVE_INFINITY, min: 0, max: Number.MAX_SAFE_INTEGER }),
    name: query.get('name'),
    limit: whole(query, 'limit', { fallback: LIMIT.default, min: 1, max: LIMIT.max }),
    after: parseCursor(query.get('cursor')),
    eyes: sightOf(call),
  }
}

function statusesOf(query: Query): ReadonlySet<ShownStatus> {
  const asked = query.get('status')
  const statuses = asked === '' ? [] : asked.split(',')
  const unknown = statuses.find((status) => !(SHOWN_STATUSES as readonly string[]).includes(status))
  if (unknown !== undefined) fail('InvalidParameters', `status: ${unknown} is not one of ${SHOWN_STATUSES.join(', ')}`)
  return new Set(statuses as ShownStatus[])
}

function choice<Choice extends string>(query: Query, name: string, choices: readonly Choice[]): Choice {
  const value = query.get(name)
  const known = choices.find((one) => one === value)
  return known ?? fail('InvalidParameters', `${name}: must be ${choices.filter((one) => one !== '').join(' or ')}`)
}

interface Whole {
  readonly fallback: number
  readonly min: number
  readonly max: number
}

function whole(query: Query, name: string, { fallback, min, max }: Whole): number {
  const text = query.get(name)
  if (text === '') return fallback
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return value >= min && value <= max
    ? value
    : fail('InvalidParameters', `${name}: must be a whole number from ${min} to ${max}`)
}
