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

type Json = Readonly<Record<string, unknown>>
type Refuse = (message: string) => never

const refuseHead: Refuse = (message) => {
  throw new TxReportError('TransactionHeadInvalid', message)
}
const refuseInfo: Refuse = (message) => {
  throw new TxReportError('TransactionInfoInvalid', message)
}

/**
 * Reads a report: null counts as absent, unknown members are ignored.
 * @throws TxReportError that names the member and the rule
 */
export function readTxReport(value: unknown): TxReport {
  if (!isObject(value)) return refuseHead('body: not an object')
  const head = readHead(value.head)
  const active = readList(value.activeTxList, 'activeTxList')
  const finished = readList(value.finishedTxList, 'finishedTxList')
  const single = isAbsent(value.txInfo) ? undefined : readTxInfo(value.txInfo, 'txInfo')
  return {
    head,
    ...(active && { activeTxList: active }),
    ...(finished && { finishedTxList: finished }),
    ...(single && { txInfo: single }),
  }
}

function readHead(value: unknown): TxHead {
  if (!isObject(value)) return refuseHead(`head: ${isAbsent(value) ? 'missing' : 'not an object'}`)
  const at = { path: 'head', refuse: refuseHead }
  return compact<TxHead>({
    appId: required(value, 'appId', at),
    serviceName: required(value, 'serviceName', at),
    version: id(value, 'version', at),
    environment: id(value, 'environment', at),
    serviceId: id(value, 'serviceId', at),
    instanceId: id(value, 'instanceId', at),
    hostName: id(value, 'hostName', at),
    timestamp: count(value, 'timestamp', at),
  })
}

function readList(value: unknown, name: string): readonly TxInfo[] | undefined {
  if (isAbsent(value)) return undefined
  if (!Array.isArray(value)) return refuseHead(`${name}: not a list`)
  if (value.length > TX_LIST_MAX) return refuseHead(`${name}: ${value.length} entries, more than ${TX_LIST_MAX}`)
  return value.map((entry, index) => readTxInfo(entry, `${name}[${index}]`))
}

function readTxInfo(value: unknown, path: string): TxInfo {
  if (!isObject(value)) return refuseInfo(`${path}: ${isAbsent(value) ? 'null' : 'not an object'}`)
  if (isTooLarge(value)) return refuseInfo(`${path}: larger than ${TX_INFO_BYTES_MAX} bytes`)
  const at = { path, refuse: refuseInfo }
  return compact<TxInfo>({
    globalTxId: required(value, 'globalTxId', at),
    branchTxId: id(value, 'branchTxId', at),
    parentTxId: id(value, 'parentTxId', at),
    model: choice(value, 'model', { ...at, choices: ['TCC', 'SAGA'] }),
    role: choice(value, 'role', { ...at, choices: ['ROOT', 'BRANCH'] }),
    name: text(value, 'name', at),
    status: choice(value, 'status', { ...at, choices: TX_STATUSES }) ?? refuseInfo(`${path}.status: missing`),
    beginTime: count(value, 'beginTime', at),
    updateTime: count(value, 'updateTime', at),
    timeoutMs: count(value, 'timeoutMs', at),
    retriedCount: count(value, 'retriedCount', at),
    participants: readParticipants(value.participants, `${path}.participants`),
    errorMessage: text(value, 'errorMessage', at),
  })
}

function readParticipants(value: unknown, path: string): readonly TxParticipant[] | undefined {
  if (isAbsent(value)) return undefined
  if (!Array.isArray(value)) return refuseInfo(`${path}: not a list`)
  if (value.length > TX_PARTICIPANTS_MAX) return refuseInfo(`${path}: more than ${TX_PARTICIPANTS_MAX}`)
  return value.map((entry: unknown, index) => {
    const at = { path: `${path}[${index}]`, refuse: refuseInfo }
    if (!isObject(entry)) return refuseInfo(`${at.path}: not an object`)
    return compact<TxParticipant>({
      branchTxId: id(entry, 'branchTxId', at),
      serviceName: id(entry, 'serviceName', at),
      tryMethod: text(entry, 'tryMethod', at),
      confirmMethod: text(entry, 'confirmMethod', at),
      cancelMethod: text(entry, 'cancelMethod', at),
      status: choice(entry, 'status', { ...at, choices: TX_STATUSES }),
    })
  })
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
  for (const [key, element] of Object.entries(value)) {
    bytes += key.length * JSON_BYTES_PER_CHARACTER + 4 + atMost(element)
    if (bytes > TX_INFO_BYTES_MAX) break
  }
  return bytes
}

interface At {
  readonly path: string
  readonly refuse: Refuse
}

function required(body: Json, member: string, at: At): string {
  const value = id(body, member, at)
  if (value === undefined || value.trim() === '') {
    return at.refuse(`${at.path}.${member}: ${value === undefined ? 'missing' : 'empty'}`)
  }
  return value
}

function id(body: Json, member: string, at: At): string | undefined {
  const value = text(body, member, at)
  if (value !== undefined && value.length > ID_LENGTH_MAX) {
    return at.refuse(`${at.path}.${member}: longer than ${ID_LENGTH_MAX} characters`)
  }
  return value
}

function text(body: Json, member: string, at: At): string | undefined {
  const value = body[member]
  if (isAbsent(value)) return undefined
  return typeof value === 'string' ? value : at.refuse(`${at.path}.${member}: not a text`)
}

function count(body: Json, member: string, at: At): number | undefined {
  const value = body[member]
  if (isAbsent(value)) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  return at.refuse(`${at.path}.${member}: not a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`)
}

function choice<Choice extends string>(
  body: Json,
  member: string,
  { choices, ...at }: At & { readonly choices: readonly Choice[] },
): Choice | undefined {
  const value = body[member]
  if (isAbsent(value)) return undefined
  if ((choices as readonly unknown[]).includes(value)) return value as Choice
  return at.refuse(`${at.path}.${member}: not one of ${choices.join(', ')}`)
}

/** Without the members that were not given. */
function compact<Given extends object>(
  value: { readonly [Member in keyof Given]-?: Given[Member] | undefined },
): Given {
  const given: Record<string, unknown> = {}
  for (const name in value) if (value[name] !== undefined) given[name] = value[name]
  return given as Given
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
