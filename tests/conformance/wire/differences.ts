import type { Difference, Expectation, Place } from './expectation.ts'
import type { Answer } from './transcript.ts'

/** Texts of the product's own error list that replace Service Center's. */
const TEXTS: Readonly<Record<string, string>> = {
  'Micro-service has deployed instance(s)': 'Instance has been deployed',
  'Not allowed to modify schema': 'Modify schema is not allow',
  'Consumer(s) depends on this micro-service': 'Consumer(s) depend on this micro-service',
  'Registry service is unavailable': 'Backend service is unavailable',
}

/** The original's only word on bodies of instance endpoints that are not JSON or not of the right types. */
const UNREAD = 'Unmarshal error'

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
      const isUnread = typeof body === 'object' && body !== null && 'detail' in body && body.detail === UNREAD
      return isUnread ? { ...expectation, free: [...expectation.free, 'body.detail'] } : expectation
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

const READY: Partial<Answer> = {
  status: 200,
  headers: { 'content-type': 'application/json; charset=UTF-8' },
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
