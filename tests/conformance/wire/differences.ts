import type { Difference, Expectation, Place, Statement } from './expectation.ts'
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
    original: '400013, 400015, 400023 and 500011 have texts of their own',
    ours: 'these four have the texts of the published CSE error list',
    reason: 'the product starts from that list; clients look at the code',
    change: (expectation) => withAnswer(expectation, mapValues(expectation.answer, replaceText) as Answer),
  },
  {
    original: 'an unreadable body of an instance request gets the detail "Unmarshal error"',
    ours: 'the detail says where and why the body cannot be read',
    reason: 'whoever reads it wants to repair the request',
    change: (expectation) => {
      const { body } = expectation.answer
      const isUnread = typeof body === 'object' && body !== null && 'detail' in body && UNREAD.has(body.detail)
      return isUnread ? { ...expectation, free: [...expectation.free, 'body.detail'] } : expectation
    },
  },
  {
    original: 'a credential that does not hold gets one of the codes 4012xx',
    ours: 'it gets 401002; the finer code stands in the detail',
    reason: 'the published list knows one code for it, and clients look at the status',
    change: (expectation) => withAnswer(expectation, mapValues(expectation.answer, withCredentialCode) as Answer),
  },
  {
    original: 'some refusals of accounts and roles (400201, 400205, 403201) have no detail',
    ours: 'they say what they are about',
    reason: 'a refusal can be understood without the source code',
    change: (expectation) => {
      const { body } = expectation.answer
      const isSilent = typeof body === 'object' && body !== null && 'errorCode' in body && !('detail' in body)
      const isMeant = isSilent && SILENT.has(body.errorCode)
      return isMeant ? { ...expectation, free: [...expectation.free, 'body.detail'] } : expectation
    },
  },
  {
    original: 'errors have `errorCode` and `errorMessage`, and `detail` when there is one',
    ours: 'errors have `errCode` and `errMsg` as well, with the same values, and always a `detail`',
    reason: 'the published list writes the short names, live clients read the long ones',
    change: (expectation) => {
      const answer = mapValues(expectation.answer, (value) => bothSpellings(value, false)) as Answer
      if (!expectation.free.includes('body.detail')) return withAnswer(expectation, answer)
      const free = expectation.free.filter((path) => path !== 'body.detail')
      return { ...expectation, free, answer: { ...answer, body: bothSpellings(answer.body, true) } }
    },
  },
  {
    original: 'a find without a match answers `{}`',
    ours: 'a find without a match answers `{"instances":[]}`',
    reason: 'a list is a list; clients that read an absent one read an empty one too',
    change: (expectation, { played: { request } }) => {
      const { status, body } = expectation.answer
      const isEmptyFind =
        request.method === 'GET' && FIND_PATH.test(request.path ?? '') && status === 200 && isEmpty(body)
      return isEmptyFind ? withAnswer(expectation, { ...expectation.answer, body: { instances: [] } }) : expectation
    },
  },
  {
    original: 'the header `Server` says `SERVICECENTER/…`',
    ours: 'it says `Rollcall/…`',
    reason: 'the product says its own name',
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
  return {
    ...value,
    errorCode,
    errorMessage,
    errCode: errorCode,
    errMsg: errorMessage,
    detail: anyDetail ? '<text>' : detail,
  }
}

/** Intended differences that show in one case. */
interface CaseDifference extends Statement {
  readonly answer?: Partial<Answer>
  readonly free?: readonly string[]
}

const JSON_TYPE = { 'content-type': 'application/json; charset=UTF-8' }

const READINESS: CaseDifference = {
  original: '`GET …/health/readiness` is not there (404)',
  ours: 'it answers 200 with `{"status":"READY"}`, and 503 while the engine stops',
  reason: 'clients that probe it need not open a bare connection instead',
  answer: { status: 200, headers: JSON_TYPE, body: { status: 'READY' } },
}

const OWN_VERSION: CaseDifference = {
  original: '`GET …/health` shows instances with the version of Service Center',
  ours: 'it shows instances with the version of Rollcall',
  reason: 'the product has its own version',
  free: ['body.instances[].version'],
}

/** When the recordings with a token were made, a second server was there. */
const ONE_ENGINE: CaseDifference = {
  ...OWN_VERSION,
  answer: {
    body: {
      instances: [
        {
          instanceId: '<instance-id-1>',
          serviceId: '<service-id-1>',
          endpoints: ['rest://<server>/'],
          hostName: '<host>',
          status: 'UP',
          healthCheck: { mode: 'push', interval: 30, times: 3 },
          timestamp: '<seconds>',
          modTimestamp: '<seconds>',
          version: '<any>',
        },
      ],
    },
  },
}

const SOCKET_REFUSED: CaseDifference = {
  original: 'a WebSocket without a good token gets an empty 200 and is not opened',
  ours: 'it gets 401 (or 403) with the error',
  reason: 'a refusal that looks like a success hides why nothing is told',
  answer: { status: 401, body: '' },
}

const NO_PEERS: CaseDifference = {
  original: '`GET /v1/syncer/health` without peers is an error (500003)',
  ours: 'it is an empty list of peers',
  reason: 'that nothing is synchronised is no failure, and whoever probes it would take it for one',
  answer: { status: 200, headers: JSON_TYPE, body: { peers: [] } },
}

const GATE_FIRST: CaseDifference = {
  original: 'with access control, unknown paths and methods get 404 and 405 without a token too',
  ours: 'without a token they get 401',
  reason: 'without a credential nothing is told about paths, not even that they do not exist',
  answer: {
    status: 401,
    headers: JSON_TYPE,
    body: { errorCode: '401204', errorMessage: 'No authorization header' },
  },
}

const OLD_PASSWORD: CaseDifference = {
  original: 'a token stays good after the password of its account was changed',
  ours: 'a new password ends the tokens that were given for the old one',
  reason: 'whoever changes a password wants those who knew the old one to be out',
  answer: { status: 401, headers: JSON_TYPE, body: { errorCode: '401205', errorMessage: 'Token is expired' } },
  free: ['body.detail'],
}

/** Dependencies and the older prefix have no permissions of their own. */
const OF_SERVICE: Statement = {
  original: 'declaring dependencies, and the prefix `/registry/v3`, are for admins only',
  ours: 'they need the same permissions as all that is about services',
  reason: 'the same data has the same rules, whatever the path',
}

const NOT_ALLOWED = {
  errorCode: '403205',
  errorMessage: 'No permission(s)',
  detail: 'role has no permissions[service:create]',
}

const DEPENDENCIES_OF_DEVELOPER: CaseDifference = {
  ...OF_SERVICE,
  answer: {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=UTF-8', deprecation: 'version="v4"' },
    body: '',
  },
}

const DEPENDENCIES_OF_READER: CaseDifference = { ...OF_SERVICE, answer: { body: NOT_ALLOWED } }

const OLDER_PREFIX: CaseDifference = { ...OF_SERVICE, answer: { status: 200, headers: JSON_TYPE }, free: ['body'] }

const CASES: Readonly<Record<string, CaseDifference>> = {
  'http-unknown-routes: listwatcher is gone': {
    original: 'the WebSocket `…/listwatcher` of version 1 is gone (404)',
    ours: 'it is there: it shows the full set first, then every change; a plain request to it gets 400',
    reason: 'a watcher that begins with the full set cannot miss what happened before it was there',
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
  'http-unknown-routes: syncer health without peers': NO_PEERS,
  'rbac-authentication: syncer health needs none': NO_PEERS,
  'http-version-and-health: there is no readiness route': READINESS,
  'go-sc-client: GET /v4/default/registry/health/readiness': READINESS,
  'go-sc-client: GET /v4/default/registry/health': OWN_VERSION,
  'java-service-center-client: GET /v4/default/registry/health': OWN_VERSION,
  'java-service-center-client-with-token: GET /v4/default/registry/health': ONE_ENGINE,
  'go-sc-client-with-token: GET /v4/default/registry/health': ONE_ENGINE,
  'go-sc-client-with-token: GET /v4/default/registry/microservices/<service-id-3>/watcher': SOCKET_REFUSED,
  'go-sc-client-with-token: GET /v4/default/registry/microservices/<service-id-2>/instances/<instance-id-4>/heartbeat':
    SOCKET_REFUSED,
  'rbac-authentication: readiness': READINESS,
  'rbac-authentication: unknown route without a token': GATE_FIRST,
  'rbac-authentication: wrong method without a token': GATE_FIRST,
  'rbac-developer: dependencies': DEPENDENCIES_OF_DEVELOPER,
  'rbac-developer: v3': OLDER_PREFIX,
  'rbac-password: the old token still works': OLD_PASSWORD,
  'rbac-password: of an unknown account, not admin': OLD_PASSWORD,
  'rbac-password: not JSON': OLD_PASSWORD,
  'rbac-permissions: dependencies: only admin': DEPENDENCIES_OF_READER,
  'rbac-permissions: v3 list: only admin': OLDER_PREFIX,
  'rbac-permissions: unknown service as reader': {
    original: 'a service that does not exist gets 403 from whoever has permissions with labels',
    ours: 'it gets 400012',
    reason: 'who may read services is told that one is not there',
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
    original: 'an unreadable body is told before a missing permission',
    ours: 'a missing permission is told first (403), and the body is not read',
    reason: 'nothing is done for whoever may not ask',
    answer: { status: 403, headers: JSON_TYPE, body: NOT_ALLOWED },
  },
}

const BY_CASE: Difference = {
  original: 'see the case',
  ours: 'see the case',
  reason: 'see the case',
  change: (expectation, { scenario, played }: Place) => {
    const difference = CASES[`${scenario}: ${played.name}`]
    if (difference === undefined) return expectation
    const { answer = {}, free = [] } = difference
    return { ...expectation, answer: { ...expectation.answer, ...answer }, free: [...expectation.free, ...free] }
  },
}

/** An intended difference that no recording shows. */
interface PromisedDifference extends Statement {
  /** The test in `decisions.test.ts`, or the file of tests or scenario, that holds it. */
  readonly test: string
}

/** Whether what holds a difference is named as a file. */
export function isFile(test: string): boolean {
  return /^(tests|engine)\/\S+\.(test\.ts|json)$/.test(test)
}

/** Accidents of the original that are fixed, and promises that go beyond it. */
const PROMISES: readonly PromisedDifference[] = [
  {
    original: 'an unclean path is answered with 301 and the clean one',
    ours: '`//` is refused (400), and `.` and `..` are names like others (404)',
    reason: 'a path means what it says, to whoever checks it too',
    test: 'an unclean path is not taken for another one',
  },
  {
    original: 'beside `tags`, a member that is no object of texts refuses the tags of a service',
    ours: 'it is passed over',
    reason: 'unknown members are passed over everywhere else',
    test: 'members beside the tags of a service are passed over',
  },
  {
    original: '`PUT …/instances/status` takes any word for a state, and fails beyond 128 instances',
    ours: 'it takes the states that instances have, for any number of them',
    reason: 'a state that no client knows hides an instance from all',
    test: 'tests/conformance/wire/own/own-bulk-status.json',
  },
  {
    original: 'one instance is found by how its id begins',
    ours: 'it is found by its whole id',
    reason: 'an accident of a range read',
    test: 'one instance is found by its whole id, not by how it begins',
  },
  {
    original: '`serviceId` and `instanceId` in the body of a properties update win over the path',
    ours: 'the path wins',
    reason: 'the path is what a caller is allowed to change',
    test: 'ids in the body do not turn an update away from the path',
  },
  {
    original: 'a batch find does not look at aliases',
    ours: 'it does, as a single find',
    reason: 'two ways of the same question have one answer',
    test: 'a batch finds by alias as a single find does',
  },
  {
    original: 'a batch find tells failures in no order',
    ours: 'in the order of the questions',
    reason: 'answers can be compared',
    test: 'a batch tells failures in the order of the questions',
  },
  {
    original: 'a new service with `rules` is never answered',
    ours: '`rules` are passed over',
    reason: 'rules are gone since version 2',
    test: 'rules in a new service are passed over, and the request is answered',
  },
  {
    original: 'of several `instances` of a new service some are lost',
    ours: 'all are registered, together with the service',
    reason: 'one request is one change',
    test: 'all instances that come with a new service are registered',
  },
  {
    original: 'a null among the heartbeats of a batch gets an empty 200',
    ours: '400001',
    reason: 'a success that says nothing hides a mistake',
    test: 'a null among heartbeats is an error of its own, not an empty success',
  },
  {
    original: 'a refused target (`?a=1&`) is executed all the same',
    ours: 'it is refused only',
    reason: 'a refusal changes nothing',
    test: 'a refused target is not executed',
  },
  {
    original: 'instances in a find have no order, and its revision moves with the order of changes',
    ours: 'they are ordered by id; the revision changes exactly when the answer does, and is the same on all nodes',
    reason: 'unchanged answers can be recognised',
    test: 'changes its revision exactly when its answer changes',
  },
  {
    original: 'a write may be seen seconds later by reads and watchers',
    ours: 'it is seen by the next read, and told to watchers at once',
    reason: 'what is acknowledged is true',
    test: 'by find and list, whatever the write',
  },
  {
    original: 'watchers are not told when a provider is removed by force',
    ours: 'they hear of the end of each of its instances',
    reason: 'nobody keeps calling what is gone',
    test: 'a provider that is removed by force takes its instances with it',
  },
  {
    original:
      'the `version` of a find is taken and without effect; the rules of version 1 (`1.0`, `1.0+`, `1.0-2.0`, `latest`) are gone',
    ours: 'the same, unless `discovery.versionRules` is `apply`; then `latest` is the newest version that has an instance to show, and one that does not match is no error but an empty list',
    reason: "old clients rely on the rules; a version that is known before it has started takes nobody's provider away",
    test: 'tests/conformance/wire/own/own-version-rules.json',
  },
  {
    original: 'contracts may change in every environment',
    ours: 'in `production` a listed set and stored contents are fixed (400014, 400015), unless `contracts.editable` is set',
    reason: 'the published list has these errors, and what others build on must not change under them',
    test: 'tests/conformance/wire/seed-errors.test.ts',
  },
  {
    original: 'quotas are not checked together with the write, and limits are read at the start',
    ours: 'they hold exactly under parallel writers; limits change at run time, per tenant',
    reason: 'a quota that can be overrun is none',
    test: 'tests/robustness/quota.test.ts',
  },
  {
    original: 'a new service that exists already is refused when the quota of services is used up',
    ours: 'it is answered with its id',
    reason: 'nothing new is made',
    test: 'tests/robustness/quota.test.ts',
  },
  {
    original: 'with free environments, an id may hold a slash, and one that is not given is made up',
    ours: 'it holds none (it is part of keys in the store), and an id that is not given is the name',
    reason: 'services name their environment by id, so people want to know it',
    test: 'engine/src/domain/registry/environments.test.ts',
  },
  {
    original: 'there is no paging of services',
    ours: '`offset` and `limit` of `GET …/registry/microservices` show a part, ordered by id; without them nothing changes',
    reason: 'ten thousand services are more than a page shows',
    test: 'engine/src/http/routes/services.test.ts',
  },
]

/** All intended differences between the recorded Service Center and the engine. */
export const DIFFERENCES: readonly Difference[] = [BY_CASE, ...GENERAL]

/** Everything that differs, for people. */
export const STATEMENTS: { readonly recorded: readonly Statement[]; readonly promised: readonly PromisedDifference[] } =
  {
    recorded: [...GENERAL, ...oncePerText(Object.values(CASES))],
    promised: PROMISES,
  }

/** Several cases may show the same difference. */
function oncePerText(statements: readonly Statement[]): Statement[] {
  return [...new Map(statements.map((statement) => [statement.ours, statement])).values()]
}

/** Keys of single-case differences that no recorded case has: leftovers. */
export function unusedCases(known: ReadonlySet<string>): string[] {
  return Object.keys(CASES).filter((key) => !known.has(key))
}
