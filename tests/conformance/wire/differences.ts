import type { Difference, Expectation, Place } from './expectation.ts'
import type { Answer } from './transcript.ts'

/** Texts of the product's own error list that replace Service Center's. */
const TEXTS: Readonly<Record<string, string>> = {
  'Micro-service has deployed instance(s)': 'Instance has been deployed',
  'Not allowed to modify schema': 'Modify schema is not allow',
  'Consumer(s) depends on this micro-service': 'Consumer(s) depend on this micro-service',
  'Registry service is unavailable': 'Backend service is unavailable',
}

/** The original's only words on some bodies that are not JSON or not of the right types. */
const UNREAD: ReadonlySet<unknown> = new Set(['Unmarshal error', 'json is invalid'])

/** Finer codes of credentials that do not hold. */
const CREDENTIAL = /^4012\d\d$/

/** Refusals of accounts and roles on which the original says nothing more. */
const SILENT: ReadonlySet<unknown> = new Set(['400201', '400205', '403201'])

const FIND_PATH = /^\/(?:v4\/[^/]+\/registry|registry\/v3)\/instances\?/

/** Intended differences that can show in any scenario. */
const GENERAL: readonly Difference[] = [
  {
    reason: 'texts of the error list that the product starts from',
    change: (expectation) => withAnswer(expectation, mapValues(expectation.answer, replaceText) as Answer),
  },
  {
    reason: 'a body that cannot be read is refused with the reason, not with a fixed text',
    change: (expectation) => {
      const { body } = expectation.answer
      const isUnread = typeof body === 'object' && body !== null && 'detail' in body && UNREAD.has(body.detail)
      return isUnread ? { ...expectation, free: [...expectation.free, 'body.detail'] } : expectation
    },
  },
  {
    reason: 'every credential that does not hold is 401002; the finer code is in the detail',
    change: (expectation) => withAnswer(expectation, mapValues(expectation.answer, withCredentialCode) as Answer),
  },
  {
    reason: 'a refusal says what it is about, also where the original is silent',
    change: (expectation) => {
      const { body } = expectation.answer
      const isSilent = typeof body === 'object' && body !== null && 'errorCode' in body && !('detail' in body)
      const isMeant = isSilent && SILENT.has(body.errorCode)
      return isMeant ? { ...expectation, free: [...expectation.free, 'body.detail'] } : expectation
    },
  },
  {
    reason: 'an error body has both spellings of code and text, and always a detail',
    change: (expectation) => {
      const answer = mapValues(expectation.answer, (value) => bothSpellings(value, false)) as Answer
      if (!expectation.free.includes('body.detail')) return withAnswer(expectation, answer)
      const free = expectation.free.filter((path) => path !== 'body.detail')
      return { ...expectation, free, answer: { ...answer, body: bothSpellings(answer.body, true) } }
    },
  },
  {
    reason: 'find always answers a list',
    change: (expectation, { played: { request } }) => {
      const { status, body } = expectation.answer
      const isEmptyFind =
        request.method === 'GET' && FIND_PATH.test(request.path ?? '') && status === 200 && isEmpty(body)
      return isEmptyFind ? withAnswer(expectation, { ...expectation.answer, body: { instances: [] } }) : expectation
    },
  },
  {
    reason: 'the product says its own name in the Server header',
    change: (expectation) => {
      const { headers = {} } = expectation.answer
      if (headers.server === undefined) return expectation
      return withAnswer(expectation, { ...expectation.answer, headers: { ...headers, server: 'Rollcall/<any>' } })
    },
  },
]

function withAnswer(expectation: Expectation, answer: Answer): Expectation {
  return { ...expectation, answer }
}

function isEmpty(body: unknown): boolean {
  return typeof body === 'object' && body !== null && !Array.isArray(body) && Object.keys(body).length === 0
}

/** Rebuilds a JSON value from the leaves up. */
function mapValues(value: unknown, change: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return change(value.map((element) => mapValues(element, change)))
  if (typeof value !== 'object' || value === null) return change(value)
  return change(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mapValues(member, change)])))
}

/** A fixed text stands alone, or before its detail in brackets. */
function replaceText(value: unknown): unknown {
  if (typeof value !== 'string') return value
  for (const [original, text] of Object.entries(TEXTS)) {
    if (value === original || value.startsWith(`${original}(`)) return text + value.slice(original.length)
  }
  return value
}

function withCredentialCode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('errorCode' in value && 'errorMessage' in value)) return value
  const { errorCode, errorMessage } = value
  if (!CREDENTIAL.test(String(errorCode))) return value
  const text = 'detail' in value && value.detail !== '' ? value.detail : errorMessage
  return { errorCode: '401002', errorMessage: 'Request unauthorized', detail: `${errorCode}: ${text}` }
}

function bothSpellings(value: unknown, anyDetail: boolean): unknown {
  if (typeof value !== 'object' || value === null || !('errorCode' in value && 'errorMessage' in value)) return value
  const { errorCode, errorMessage } = value
  const detail = 'detail' in value ? value.detail : ''
  return { errorCode, errorMessage, errCode: errorCode, errMsg: errorMessage, detail: anyDetail ? '<text>' : detail }
}

/** Intended differences that show in one case. */
interface CaseDifference {
  readonly reason: string
  readonly answer?: Partial<Answer>
  readonly free?: readonly string[]
}

const JSON_TYPE = { 'content-type': 'application/json; charset=UTF-8' }

/** The answer to a request without a credential. */
const NO_CREDENTIAL: Partial<Answer> = {
  status: 401,
  headers: JSON_TYPE,
  body: { errorCode: '401204', errorMessage: 'No authorization header' },
}

const GATE_FIRST: CaseDifference = {
  reason: 'without a credential nothing is told about paths, not even that they do not exist',
  answer: NO_CREDENTIAL,
}

const OLD_PASSWORD: CaseDifference = {
  reason: 'a new password ends the tokens that were given for the old one',
  answer: { status: 401, headers: JSON_TYPE, body: { errorCode: '401205', errorMessage: 'Token is expired' } },
  free: ['body.detail'],
}

const OF_SERVICE = 'dependencies and the older prefix need the same permissions as all that is about services'

const READY: Partial<Answer> = {
  status: 200,
  headers: JSON_TYPE,
  body: { status: 'READY' },
}

const READINESS = 'readiness is answered, so that clients which probe it need not open a bare connection instead'

const OWN_VERSION: CaseDifference = { reason: 'the product has its own version', free: ['body.instances[].version'] }

const CASES: Readonly<Record<string, CaseDifference>> = {
  'http-unknown-routes: listwatcher is gone': {
    reason: 'listwatcher is back: it shows the full set first',
    answer: {
      status: 400,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'sec-websocket-version': '13',
        'x-content-type-options': 'nosniff',
      },
      body: 'Bad Request\n',
    },
  },
  'http-version-and-health: there is no readiness route': { reason: READINESS, answer: READY },
  'go-sc-client: GET /v4/default/registry/health/readiness': { reason: READINESS, answer: READY },
  'go-sc-client: GET /v4/default/registry/health': OWN_VERSION,
  'java-service-center-client: GET /v4/default/registry/health': OWN_VERSION,
  'rbac-authentication: readiness': { reason: READINESS, answer: READY },
  'rbac-authentication: unknown route without a token': GATE_FIRST,
  'rbac-authentication: wrong method without a token': GATE_FIRST,
  'rbac-developer: dependencies': {
    reason: OF_SERVICE,
    answer: {
      status: 200,
      headers: { 'content-type': 'text/plain; charset=UTF-8', deprecation: 'version="v4"' },
      body: '',
    },
  },
  'rbac-developer: v3': { reason: OF_SERVICE, answer: { status: 200, headers: JSON_TYPE }, free: ['body'] },
  'rbac-password: the old token still works': OLD_PASSWORD,
  'rbac-password: of an unknown account, not admin': OLD_PASSWORD,
  'rbac-password: not JSON': OLD_PASSWORD,
  'rbac-permissions: dependencies: only admin': {
    reason: OF_SERVICE,
    answer: {
      body: {
        errorCode: '403205',
        errorMessage: 'No permission(s)',
        detail: 'role has no permissions[service:create]',
      },
    },
  },
  'rbac-permissions: v3 list: only admin': {
    reason: OF_SERVICE,
    answer: { status: 200, headers: JSON_TYPE },
    free: ['body'],
  },
  'rbac-permissions: unknown service as reader': {
    reason: 'a service that does not exist is told so to whoever may read services',
    answer: {
      status: 400,
      headers: JSON_TYPE,
      body: {
        errorCode: '400012',
        errorMessage: 'Micro-service does not exist',
        detail: 'Service does not exist.',
      },
    },
  },
  'rbac-permissions: broken body': {
    reason: 'a missing permission is told before the body is read',
    answer: {
      status: 403,
      headers: JSON_TYPE,
      body: {
        errorCode: '403205',
        errorMessage: 'No permission(s)',
        detail: 'role has no permissions[service:create]',
      },
    },
  },
}

const BY_CASE: Difference = {
  reason: 'see the case',
  change: (expectation, { scenario, played }: Place) => {
    const difference = CASES[`${scenario}: ${played.name}`]
    if (difference === undefined) return expectation
    const { answer = {}, free = [] } = difference
    return { ...expectation, answer: { ...expectation.answer, ...answer }, free: [...expectation.free, ...free] }
  },
}

/** All intended differences between the recorded Service Center and the engine. */
export const DIFFERENCES: readonly Difference[] = [BY_CASE, ...GENERAL]

/** Keys of single-case differences that no recorded case has: leftovers. */
export function unusedCases(known: ReadonlySet<string>): string[] {
  return Object.keys(CASES).filter((key) => !known.has(key))
}
