import { ConnectionError, isRefusal, RollcallError } from '@rollcall/client'
import type { ErrorRow } from '@rollcall/protocol/errors'
import { errorStatus } from '@rollcall/protocol/errors'
import { EXIT } from './exit-codes.ts'

/** Something that the user can put right; the message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What was named is not there; the message says where to look. */
export class MissingError extends Error {
  override readonly name = 'MissingError'
  /** The engine's error for it. */
  readonly row: ErrorRow

  constructor(message: string, row: ErrorRow) {
    super(message)
    this.row = row
  }
}

interface Explanation {
  /** One line for people, or one JSON document for programs; ends with a line feed. */
  readonly text: string
  readonly code: number
}

/** Says what went wrong and what to do about it. */
export function explain(error: unknown, { asJson }: { readonly asJson: boolean }): Explanation {
  const { code, message, facts } = classify(error)
  return { code, text: asJson ? `${JSON.stringify({ error: { ...facts, message } })}\n` : `${message}\n` }
}

interface Classified {
  readonly code: number
  readonly message: string
  readonly facts: object
}

function classify(error: unknown): Classified {
  if (error instanceof UsageError) return { code: EXIT.usage, message: error.message, facts: { kind: 'usage' } }
  if (error instanceof MissingError) {
    const { message, row } = error
    return { code: EXIT.refused, message, facts: { ...refusal(errorStatus(row), row.code), detail: '' } }
  }
  if (error instanceof ConnectionError) {
    const tried = error.attempts.map(({ url, reason }) => `${url} (${reason})`).join(', ')
    const message = `No engine answers at ${tried}. ${connectionAdvice(error.attempts)}`
    return { code: EXIT.unavailable, message, facts: { kind: 'unavailable', attempts: error.attempts } }
  }
  if (error instanceof RollcallError) {
    const { status, code, detail } = error
    const said = detail === '' ? error.message : `${error.message}: ${detail}`
    const message = `Refused by the engine: ${code === '' ? '' : `${code} `}${endSentence(said)}${advice(error)}`
    return { code: EXIT.refused, message, facts: { ...refusal(status, code), detail } }
  }
  const fileProblem = error instanceof Error ? explainFile(error) : undefined
  if (fileProblem !== undefined) return { code: EXIT.file, message: fileProblem, facts: { kind: 'file' } }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: EXIT.defect, message: `A defect of this command: ${message}`, facts: { kind: 'defect' } }
}

/** What OpenSSL and Node call a certificate that is not trusted, or not for this host. */
const UNTRUSTED = /CERT|ISSUER|VERIFY|SIGNATURE/
/** What comes when one side ends the connection or does not understand it, as with TLS on one side only. */
const NOT_UNDERSTOOD = /UND_ERR_SOCKET|ECONNRESET|EPROTO|ERR_SSL|HPE_/

function connectionAdvice(attempts: ConnectionError['attempts']): string {
  const says = (pattern: RegExp) => attempts.some(({ reason }) => pattern.test(reason))
  if (says(NOT_UNDERSTOOD)) {
    const isSecure = attempts.some(({ url }) => url.startsWith('https:'))
    return isSecure
      ? 'It may speak http:// only, or ask for a client certificate: name one with --cert and --key.'
      : 'It may speak https:// only.'
  }
  if (says(UNTRUSTED)) return 'Name the authority of its certificate with --ca, and a host that the certificate is for.'
  return 'Start one with "rollcall serve", or say where it is with --url or ROLLCALL_URL.'
}

/** What to do about what the system says of files; the folder of a store has errors of its own. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'It is not there.',
  EACCES: 'You may not use it: change its permissions, or run this as its owner.',
  EPERM: 'You may not use it: change its permissions, or run this as its owner.',
  ENOSPC: 'The disk is full: make room, or choose another place.',
  EROFS: 'It lies on a disk that is read only: choose another place.',
  EISDIR: 'It is a folder; name a file in it.',
  ENOTDIR: 'A part of its path is no folder.',
}
const FILE_ERRORS = new Set(['SealError', 'StoreUnavailableError', 'StoreInUseError'])

function explainFile({ name, message, ...error }: NodeJS.ErrnoException): string | undefined {
  if (FILE_ERRORS.has(name)) return endSentence(message)
  const { code = '', path } = error
  const remedy = REMEDIES[code]
  if (remedy === undefined) return undefined
  return `${path ?? 'A file'} cannot be used (${code}). ${remedy}`
}

function refusal(status: number, errorCode: string) {
  return { kind: 'refused', status, errorCode }
}

function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

function advice(error: RollcallError): string {
  if (isRefusal(error, 'InstancesDeployed', 'ConsumersDepend')) return ' Delete it all the same with --force.'
  if (isRefusal(error, 'ServiceNotFound')) return ' "rollcall services list" shows what there is.'
  if (isRefusal(error, 'InstanceNotFound')) return ' "rollcall instances list" shows what there is.'
  if (error.status === 401) return ' Sign in with --user, or set ROLLCALL_TOKEN to a valid token.'
  if (error.status === 404 && error.code === '') return ' Does the address lead to a registry?'
  return ''
}
