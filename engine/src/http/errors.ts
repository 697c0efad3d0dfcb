import type { ErrorRow } from '@rollcall/protocol/errors'
import {
  ERRORS,
  errorBody,
  errorStatus,
  errorText,
  MONITORING_ERRORS,
  monitoringErrorBody,
} from '@rollcall/protocol/errors'
import type { AuditFailure } from '../domain/audit/index.ts'
import type { AuthFailure } from '../domain/auth/index.ts'
import type { ContractFailure } from '../domain/contracts/index.ts'
import type { DependencyFailure } from '../domain/dependency/index.ts'
import type { MetricFailure } from '../domain/metrics/index.ts'
import type { PolicyFailure } from '../domain/policies/index.ts'
import type { QuotaFailure } from '../domain/quota/index.ts'
import type { RegistryFailure } from '../domain/registry/index.ts'
import type { TransactionFailure } from '../domain/transactions/index.ts'
import { Failure } from '../kernel/failure.ts'
import { LeaseNotFoundError, StoreUnavailableError } from '../storage/store.ts'
import type { Answer, Family } from './call.ts'

/** Statuses from here on say that the server failed. */
const INTERNAL = 500

const TOO_MANY = 429
const RETRY_AFTER_SECONDS = '1'

/** Refusals of the edge itself. */
type EdgeFailure = 'InvalidParameters' | 'TooManyRequests' | 'Forbidden' | 'MetricInvalid' | 'BodyUndecodable'

type DomainFailure =
  | AuditFailure
  | AuthFailure
  | RegistryFailure
  | ContractFailure
  | QuotaFailure
  | DependencyFailure
  | MetricFailure
  | PolicyFailure
  | TransactionFailure

const WIRE: Record<DomainFailure | EdgeFailure, ErrorRow> = {
  ...ERRORS,
  ...MONITORING_ERRORS,
}

/** The wire form of anything that was thrown. */
interface WireError {
  readonly row: ErrorRow
  readonly detail: string
}

/** Looks up what a thrown value means to clients; anything unforeseen is an internal error without details. */
export function toWire(thrown: unknown): WireError {
  if (isKnown(thrown)) return { row: WIRE[thrown.code as keyof typeof WIRE], detail: thrown.detail }
  if (thrown instanceof StoreUnavailableError) return { row: ERRORS.StoreUnavailable, detail: thrown.message }
  if (thrown instanceof LeaseNotFoundError) return { row: ERRORS.StoreUnavailable, detail: thrown.message }
  return { row: ERRORS.Internal, detail: 'see the log of the engine' }
}

function isKnown(thrown: unknown): thrown is Failure {
  return thrown instanceof Failure && Object.hasOwn(WIRE, thrown.code)
}

/** Whether it was thrown on purpose, by a rule. */
export function isRefusal(thrown: unknown): boolean {
  return thrown instanceof Failure
}

/** Whether a thrown value is an expected refusal, not a defect. */
export function isExpected(thrown: unknown): boolean {
  return isKnown(thrown) || toWire(thrown).row !== ERRORS.Internal
}

/** Whether an operator should know of it: it is the engine that failed, not the request. */
export function isAlarming(thrown: unknown): boolean {
  const { row } = toWire(thrown)
  return errorStatus(row) >= INTERNAL && row !== MONITORING_ERRORS.BodyUndecodable
}

/** The answer for anything that was thrown while a route of this family was asked for. */
export function errorAnswer(thrown: unknown, family: Family = 'v4'): Answer {
  const { row, detail } = toWire(thrown)
  return refusal(row, refusalBody(row, detail, family))
}

/**
 * The body of a refusal. Codes of the registry keep its form everywhere, except for the newer monitoring API, which has
 * one form for all.
 */
export function refusalBody(row: ErrorRow, detail: string, family: Family): object {
  if (family === 'monitoring-v3') {
    const { error_code, error_message, ...rest } = monitoringErrorBody(row, detail)
    return { error_code, error_message, error_msg: error_message, ...rest }
  }
  return Object.values<ErrorRow>(MONITORING_ERRORS).includes(row)
    ? monitoringErrorBody(row, detail)
    : errorBody(row, detail)
}

function refusal(row: ErrorRow, content: object): Answer {
  const body = Buffer.from(JSON.stringify(content))
  const headers = ['Content-Type', 'application/json; charset=UTF-8']
  if (row === ERRORS.Unauthorized) headers.push('WWW-Authenticate', 'Bearer')
  const status = errorStatus(row)
  if (status === TOO_MANY) headers.push('Retry-After', RETRY_AFTER_SECONDS)
  return { status, headers, body }
}

/** A refusal inside a longer answer: `text(detail)`. */
export function failureText(failure: Failure): string {
  const { row, detail } = toWire(failure)
  return errorText(row, detail)
}

const PLAIN_TEXT = ['Content-Type', 'text/plain; charset=utf-8', 'X-Content-Type-Options', 'nosniff']

/** The answer for a path that no route has; plain text, as Service Center gives it. */
export const NOT_FOUND: Answer = { status: 404, headers: PLAIN_TEXT, body: Buffer.from('404 page not found\n') }

/** The answer for a path that exists under other methods only. */
export function methodNotAllowed(methods: readonly string[]): Answer {
  return {
    status: 405,
    headers: [...PLAIN_TEXT, 'Allow', methods.join(', ')],
    body: Buffer.from('Method Not Allowed\n'),
  }
}

/** The answer for a plain request to a route that only serves WebSockets. */
export const UPGRADE_REQUIRED: Answer = {
  status: 400,
  headers: [...PLAIN_TEXT, 'Sec-WebSocket-Version', '13'],
  body: Buffer.from('Bad Request\n'),
}
