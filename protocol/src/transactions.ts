import { DecodeError } from './decode.ts'

/** What a transaction or one of its branches can be reported as, from the beginning to the better ends. */
export const TX_STATUSES = [
  'TRYING',
  'CONFIRMING',
  'CANCELLING',
  'TIMED_OUT',
  'CONFIRM_FAILED',
  'CANCEL_FAILED',
  'CANCELLED',
  'CONFIRMED',
] as const

export type TxStatus = (typeof TX_STATUSES)[number]

/** Someone who takes part, as the one who called it knows it. */
export interface TxParticipant {
  readonly branchTxId?: string
  readonly serviceName?: string
  readonly tryMethod?: string
  readonly confirmMethod?: string
  readonly cancelMethod?: string
  readonly status?: TxStatus
}

/** One transaction, or one branch of it, as a process sees it now. Times are milliseconds since the epoch. */
export interface TxInfo {
  readonly globalTxId: string
  readonly branchTxId?: string
  readonly parentTxId?: string
  readonly model?: 'TCC' | 'SAGA'
  readonly role?: 'ROOT' | 'BRANCH'
  readonly name?: string
  readonly status: TxStatus
  readonly beginTime?: number
  readonly updateTime?: number
  readonly timeoutMs?: number
  readonly retriedCount?: number
  readonly participants?: readonly TxParticipant[]
  readonly errorMessage?: string
}

/** Who reports, and when. */
export interface TxHead {
  readonly appId: string
  readonly serviceName: string
  readonly version?: string
  readonly environment?: string
  readonly serviceId?: string
  readonly instanceId?: string
  readonly hostName?: string
  readonly timestamp?: number
}

/** Body of POST csemonitor/transaction. */
export interface TxReport {
  readonly head: TxHead
  /** All that are in flight in this instance now; absent: the report does not say. */
  readonly activeTxList?: readonly TxInfo[]
  /** Those that ended since the last report. */
  readonly finishedTxList?: readonly TxInfo[]
  readonly txInfo?: TxInfo
}

/** Entries of one list of a report. */
const TX_LIST_MAX = 1000
/** Bytes of one entry as JSON. */
const TX_INFO_BYTES_MAX = 65_536
export const TX_PARTICIPANTS_MAX = 1000
const ID_LENGTH_MAX = 256

/** A report that is refused; `code` is the name of its row in the error catalogue. */
export class TxReportError extends DecodeError {
  readonly code: 'TransactionHeadInvalid' | 'TransactionInfoInvalid'

  constructor(code: TxReportError['code'], message: string) {
    super(message)
    this.code = code
  }
}

type Json = Record<string, unknown>
type Refuse = (message: string) => never

const refuseHead: Refuse = (message) => {
  throw new TxReportError('TransactionHeadInvalid', message)
}
const refuseInfo: Refuse = (message) => {
  throw new TxReportError('TransactionInfoInvalid', message)
}

/**
 * Reads a report, which it may change: null counts as absent. Unknown members of entries stay and mean nothing.
 * @param bytes of the whole report as JSON, if that is known: where it is small, so is each entry
 * @throws TxReportError that names the member and the rule
 */
export function readTxReport(value: unknown, bytes = Number.POSITIVE_INFINITY): TxReport {
  if (!isObject(value)) return refuseHead('body: not an object')
  const head = readHead(value.head)
  const isLarge = bytes > TX_INFO_BYTES_MAX
  const active = readList(value.activeTxList, 'activeTxList', isLarge)
  const finished = readList(value.finishedTxList, 'finishedTxList', isLarge)
  const single = isAbsent(value.txInfo) ? undefined : readTxInfo(value.txInfo, 'txInfo', isLarge)
  return {
    head,
    ...(active && { activeTxList: active }),
    ...(finished && { finishedTxList: finished }),
    ...(single && { txInfo: single }),
  }
}

function readHead(value: unknown): TxHead {
  if (!isObject(value)) return refuseHead(`head: ${isAbsent(value) ? 'missing' : 'not an object'}`)
  const fault = faultIn(value, HEAD_CHECKS)
  if (fault !== undefined) return refuseHead(`head${fault}`)
  // Copied member by member, for it is kept as long as the instance reports.
  const head: Record<string, unknown> = {}
  for (const member of HEAD_CHECKS.keys()) {
    if (Object.hasOwn(value, member)) head[member] = value[member]
  }
  requireText(head, 'appId')
  requireText(head, 'serviceName')
  return head as unknown as TxHead
}

function requireText(head: Json, member: keyof TxHead): void {
  const value = head[member]
  if (typeof value !== 'string') refuseHead(`head.${member}: missing`)
  else if (value.trim() === '') refuseHead(`head.${member}: empty`)
}

function readList(value: unknown, name: string, isLarge: boolean): readonly TxInfo[] | undefined {
  if (isAbsent(value)) return undefined
  if (!Array.isArray(value)) return refuseHead(`${name}: not a list`)
  if (value.length > TX_LIST_MAX) return refuseHead(`${name}: ${value.length} entries, more than ${TX_LIST_MAX}`)
  return value.map((entry, index) => readTxInfo(entry, `${name}[${index}]`, isLarge))
}

function readTxInfo(value: unknown, path: string, mayBeTooLarge: boolean): TxInfo {
  if (!isObject(value)) return refuseInfo(`${path}: ${isAbsent(value) ? 'null' : 'not an object'}`)
  if (mayBeTooLarge && isTooLarge(value)) return refuseInfo(`${path}: larger than ${TX_INFO_BYTES_MAX} bytes`)
  const fault = faultIn(value, INFO_CHECKS)
  if (fault !== undefined) return refuseInfo(`${path}${fault}`)
  // Handed back as it is: to copy the many entries of a report would take longer than to check them.
  const info = value as unknown as TxInfo
  if (isAbsent(info.globalTxId)) return refuseInfo(`${path}.globalTxId: missing`)
  if (info.globalTxId.trim() === '') return refuseInfo(`${path}.globalTxId: empty`)
  return isAbsent(info.status) ? refuseInfo(`${path}.status: missing`) : info
}

/** What is wrong with a value that is not null, as it follows the value's place; undefined: nothing. */
type Check = (value: unknown) => string | undefined

const checkText: Check = (value) => (typeof value === 'string' ? undefined : ': not a text')
const checkId: Check = (value) => {
  if (typeof value !== 'string') return ': not a text'
  return value.length > ID_LENGTH_MAX ? `: longer than ${ID_LENGTH_MAX} characters` : undefined
}
const checkCount: Check = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? undefined
    : `: not a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`

function checkChoice(choices: readonly string[]): Check {
  const known = new Set<unknown>(choices)
  return (value) => (known.has(value) ? undefined : `: not one of ${choices.join(', ')}`)
}

const PARTICIPANT_CHECKS: ReadonlyMap<string, Check> = new Map([
  ['branchTxId', checkId],
  ['serviceName', checkId],
  ['tryMethod', checkText],
  ['confirmMethod', checkText],
  ['cancelMethod', checkText],
  ['status', checkChoice(TX_STATUSES)],
])

const checkParticipants: Check = (value) => {
  if (!Array.isArray(value)) return ': not a list'
  if (value.length > TX_PARTICIPANTS_MAX) return `: more than ${TX_PARTICIPANTS_MAX}`
  for (let index = 0; index < value.length; index++) {
    const entry: unknown = value[index]
    if (!isObject(entry)) return `[${index}]: not an object`
    const fault = faultIn(entry, PARTICIPANT_CHECKS)
    if (fault !== undefined) return `[${index}]${fault}`
  }
  return undefined
}

const INFO_CHECKS: ReadonlyMap<string, Check> = new Map([
  ['globalTxId', checkId],
  ['branchTxId', checkId],
  ['parentTxId', checkId],
  ['model', checkChoice(['TCC', 'SAGA'])],
  ['role', checkChoice(['ROOT', 'BRANCH'])],
  ['name', checkText],
  ['status', checkChoice(TX_STATUSES)],
  ['beginTime', checkCount],
  ['updateTime', checkCount],
  ['timeoutMs', checkCount],
  ['retriedCount', checkCount],
  ['participants', checkParticipants],
  ['errorMessage', checkText],
])

const HEAD_CHECKS: ReadonlyMap<string, Check> = new Map([
  ['appId', checkId],
  ['serviceName', checkId],
  ['version', checkId],
  ['environment', checkId],
  ['serviceId', checkId],
  ['instanceId', checkId],
  ['hostName', checkId],
  ['timestamp', checkCount],
])

/** Checks the members that are known, and takes those out that are null. @returns what is wrong, with its place */
function faultIn(value: Json, checks: ReadonlyMap<string, Check>): string | undefined {
  for (const member in value) {
    if (value[member] === null) delete value[member]
    else {
      const fault = checks.get(member)?.(value[member])
      if (fault !== undefined) return `.${member}${fault}`
    }
  }
  return undefined
}

/** A character is at most so many bytes of JSON: `\u0000`. */
const JSON_BYTES_PER_CHARACTER = 6

/** Writes a value out only when it could be too large. */
function isTooLarge(value: Json): boolean {
  if (atMost(value) <= TX_INFO_BYTES_MAX) return false
  return new TextEncoder().encode(JSON.stringify(value)).length > TX_INFO_BYTES_MAX
}

/** No value is longer than this as JSON. */
function atMost(value: unknown): number {
  if (typeof value === 'string') return value.length * JSON_BYTES_PER_CHARACTER + 3
  if (typeof value !== 'object' || value === null) return 26
  let bytes = 2
  for (const key in value) {
    bytes += key.length * JSON_BYTES_PER_CHARACTER + 4 + atMost((value as Json)[key])
    if (bytes > TX_INFO_BYTES_MAX) break
  }
  return bytes
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
