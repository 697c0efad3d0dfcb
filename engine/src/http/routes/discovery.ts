import { ERRORS, errorBody, errorText } from '@rollcall/protocol/errors'
import { PATTERNS } from '@rollcall/protocol/patterns'
import type { FindBatch } from '@rollcall/protocol/requests'
import { FIND_BATCH, FIND_INSTANCES, findVersion, GET_INSTANCE, LIST_INSTANCES } from '@rollcall/protocol/requests'
import type { ObjectShape, Pattern } from '@rollcall/protocol/shape'
import type { Discovery, InstanceList } from '../../domain/registry/index.ts'
import { fail } from '../../kernel/failure.ts'
import { BATCH_ANSWER_LENGTH_MAX } from '../../kernel/limits.ts'
import type { MaybePromise } from '../../storage/store.ts'
import { instanceList, jsonText, revised } from '../answers.ts'
import type { Answer, Call, Route } from '../call.ts'
import { check, checkedBody, knownRevision, queryTags, type Ruled, type Rules } from '../checked.ts'
import { isExpected, toWire } from '../errors.ts'
import { may } from '../permission.ts'
import { ofFind, ofFindBatch, ofProvider } from '../scopes.ts'

const BASE = '/v4/:project/registry'

/** How consumers find providers: by name, by id, and many at once. */
export function discoveryRoutes(
  discovery: Discovery,
  { ruled, versionRules }: { readonly ruled: Ruled; readonly versionRules: 'ignore' | 'apply' },
): Route[] {
  const at = { family: 'v4' } as const
  const appliesVersions = versionRules === 'apply'
  const batchRules = { all: ruled(FIND_BATCH), appliesVersions }
  const rules = findRules(ruled(FIND_INSTANCES), appliesVersions)
  return [
    {
      ...at,
      method: 'GET',
      path: `${BASE}/instances`,
      permission: may('get', 'service', ofFind),
      handle: (call) => find(discovery, rules, call),
    },
    {
      ...at,
      method: 'POST',
      path: `${BASE}/instances/action`,
      urgency: 'low',
      permission: may('get', 'service', ofFindBatch),
      audit: 'read',
      body: { shape: FIND_BATCH },
      admit: ({ query }) => {
        if (query.get('type') !== 'query') fail('InvalidParameters', `Invalid action: ${query.get('type')}`)
      },
      handle: (call) => findBatch(discovery, batchRules, call),
    },
    {
      ...at,
      method: 'GET',
      path: `${BASE}/microservices/:serviceId/instances`,
      permission: may('get', 'service', ofProvider),
      handle: (call) => list(discovery, call),
    },
    {
      ...at,
      method: 'GET',
      path: `${BASE}/microservices/:serviceId/instances/:instanceId`,
      permission: may('get', 'service', ofProvider),
      handle: (call) => get(discovery, call),
    },
  ]
}

interface BatchRules {
  readonly all: Rules
  /** Whether the version that is asked for is looked at. */
  readonly appliesVersions: boolean
}

/** Rules of a find, and the one that every find is held to. */
interface FindRules extends BatchRules {
  readonly environment: Pattern
}

function findRules(all: Rules, appliesVersions: boolean): FindRules {
  return { all, appliesVersions, environment: all.byName.get('environment')?.rule?.pattern ?? PATTERNS.environment }
}

const FIND_VERSION = findVersion('FindInstancesRequest')
const FIND_VERSION_OF_BATCH = findVersion('MicroServiceKey')

/** The version rule of a find, checked. Some callers encode its plus themselves, and it is encoded once more. */
function versionRuleOf(version: string, shape: ObjectShape): string {
  const versionRule = version.replace(/%2b/i, '+')
  check(shape, { versionRule })
  return versionRule
}

/**
 * What is found was named soundly, so the rules (except those for tags, environment and version, which need not name
 * anything) are only looked at when nothing is found.
 */
function find(discovery: Discovery, rules: FindRules, call: Call): MaybePromise<Answer> {
  const { query, consumerId } = call
  const tags = queryTags(call)
  const question = {
    environment: query.get('env'),
    appId: query.get('appId'),
    serviceName: query.get('serviceName'),
    tags,
    versionRule: rules.appliesVersions ? versionRuleOf(query.get('version'), FIND_VERSION) : '',
    consumerId,
  }
  const checked = () => check(rules.all, { ...question, consumerServiceId: consumerId })
  if (tags.length > 0 || !rules.environment.test(question.environment)) checked()
  const rev = knownRevision(call)
  try {
    const found = discovery.find(call.tenant, question)
    return found instanceof Promise ? found.then((list) => instanceList(list, rev)) : instanceList(found, rev)
  } catch (refusal) {
    checked()
    throw refusal
  }
}

function list(discovery: Discovery, call: Call): Answer {
  const { serviceId = '' } = call.params
  const tags = queryTags(call)
  check(LIST_INSTANCES, { consumerServiceId: call.consumerId, providerServiceId: serviceId, tags })
  const found = discovery.list(call.tenant, serviceId, { tags, consumerId: call.consumerId })
  const text = found.count === 0 ? '{}' : `{"instances":${found.text}}`
  return revised(text, found.revision, knownRevision(call))
}

function get(discovery: Discovery, call: Call): Answer {
  const { serviceId = '', instanceId = '' } = call.params
  const { consumerId } = call
  const tags = queryTags(call)
  check(GET_INSTANCE, {
    consumerServiceId: consumerId,
    providerServiceId: serviceId,
    providerInstanceId: instanceId,
    tags,
  })
  const { instance, revision } = discovery.get(call.tenant, { serviceId, instanceId }, { tags, consumerId })
  return revised(`{"instance":${instance.text}}`, revision, knownRevision(call))
}

/** What one element of a batch came to. */
type Found = { readonly list: InstanceList } | { readonly thrown: unknown }

async function findBatch(discovery: Discovery, rules: BatchRules, call: Call): Promise<Answer> {
  const { services = [], instances = [] } = checkedBody<FindBatch>(call, rules.all)
  if (services.length === 0 && instances.length === 0) fail('InvalidParameters', 'Required services or instances')
  const { tenant, consumerId } = call
  const parts: string[] = []
  if (services.length > 0) {
    const versionRules = services.map(({ service: { version = '' } }) =>
      rules.appliesVersions ? versionRuleOf(version, FIND_VERSION_OF_BATCH) : '',
    )
    const lists = services.map(({ service }, index) =>
      settle(() => {
        const { environment = '', appId = '', serviceName = '' } = service
        const versionRule = versionRules[index]
        return discovery.find(tenant, { environment, appId, serviceName, tags: [], versionRule, consumerId })
      }),
    )
    parts.push(`"services":${batchResult(await Promise.all(lists), services)}`)
  }
  if (instances.length > 0) {
    const lists = instances.map(({ instance: ids }) =>
      settle(() => {
        const { instance, revision } = discovery.get(tenant, ids, { tags: [], consumerId })
        return { revision, text: `[${instance.text}]`, count: 1, hidden: 0, bytes: Buffer.alloc(0) }
      }),
    )
    parts.push(`"instances":${batchResult(await Promise.all(lists), instances)}`)
  }
  return jsonText(`{${parts.join(',')}}`)
}

async function settle(find: () => MaybePromise<InstanceList>): Promise<Found> {
  try {
    return { list: await find() }
  } catch (thrown) {
    if (isExpected(thrown)) return { thrown }
    throw thrown
  }
}

/**
 * One half of a batch answer: failures joined by code, indexes of unchanged elements, and the changed ones.
 * @throws Failure InvalidParameters when it would become too long
 */
function batchResult(results: readonly Found[], asked: readonly { readonly rev?: string }[]): string {
  const failed = new Map<string, { indexes: number[]; error: object }>()
  const notModified: number[] = []
  const updated: string[] = []
  let length = 0
  results.forEach((result, index) => {
    if ('thrown' in result) addFailure(failed, result.thrown, index)
    else if (asked[index]?.rev === result.list.revision) notModified.push(index)
    else {
      const { revision, text, count } = result.list
      length += text.length
      if (length > BATCH_ANSWER_LENGTH_MAX) {
        fail(
          'InvalidParameters',
          `the answer would be longer than ${BATCH_ANSWER_LENGTH_MAX} characters; ask for fewer`,
        )
      }
      updated.push(`{"index":${index},"rev":"${revision}"${count === 0 ? '' : `,"instances":${text}`}}`)
    }
  })
  const parts: string[] = []
  if (failed.size > 0) parts.push(`"failed":${JSON.stringify([...failed.values()])}`)
  if (notModified.length > 0) parts.push(`"notModified":${JSON.stringify(notModified)}`)
  if (updated.length > 0) parts.push(`"updated":[${updated.join(',')}]`)
  return `{${parts.join(',')}}`
}

function addFailure(failed: Map<string, { indexes: number[]; error: object }>, thrown: unknown, index: number): void {
  const { row, detail } = toWire(thrown)
  if (row === ERRORS.StoreUnavailable) throw thrown
  const known = failed.get(row.code)
  if (known !== undefined) known.indexes.push(index)
  else failed.set(row.code, { indexes: [index], error: errorBody(row, errorText(row, detail)) })
}
