import type { ErrorName } from '@rollcall/protocol/errors'
import { ERRORS } from '@rollcall/protocol/errors'

/** The engine has answered, and said no. `message` is the fixed text of the code. */
export class RollcallError extends Error {
  override readonly name = 'RollcallError'
  /** HTTP status. */
  readonly status: number
  /** For example `400012`, or `SVCSTG.CSE.4001000` from the monitoring API; empty when the answer was not the registry's, for example a proxy's page. */
  readonly code: string
  /** Which field, rule or thing it is about; empty when there is nothing to add. */
  readonly detail: string

  constructor({ status, code, message, detail }: Omit<RollcallError, 'name' | 'stack' | 'cause'>) {
    super(message)
    this.status = status
    this.code = code
    this.detail = detail
  }
}

/** What happened at one address. */
export interface FailedAttempt {
  readonly url: string
  /** For example `ECONNREFUSED`, or `no answer within 10000 ms`. */
  readonly reason: string
}

/** No engine has answered; whether the request took effect is not known. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  /** One for each address that was tried, in order. */
  readonly attempts: readonly FailedAttempt[]

  constructor(attempts: readonly FailedAttempt[], cause: unknown) {
    super(`no engine answers: ${attempts.map(({ url, reason }) => `${url} (${reason})`).join(', ')}`, { cause })
    this.attempts = attempts
  }
}

type Refusal = RollcallError & { readonly code: (typeof ERRORS)[ErrorName]['code'] }

/** Whether the engine refused with one of these errors of the catalogue. */
export function isRefusal(error: unknown, ...names: readonly ErrorName[]): error is Refusal {
  return error instanceof RollcallError && names.some((name) => ERRORS[name].code === error.code)
}

/** Whether it may go better a little later without anybody doing anything: nobody answers, overload, internal error. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof RollcallError) || error.status >= 500 || error.status === 429
}
