import type { Group } from './description.ts'
import { DONE } from './description.ts'
import { parameter } from './parameters.ts'
import { RETRY, STAGING } from './scene.ts'
import { listOf, record, ref, text } from './schema.ts'

const ALL = '/v4/:project/registry/environments'
const ONE = `${ALL}/:environmentId`
const NOWHERE = {
  name: 'unknown environment',
  params: { environmentId: 'nowhere' },
  refused: 'EnvironmentNotFound',
} as const

export const ENVIRONMENTS: Group = {
  name: 'environments',
  title: ['Environments', '环境'],
  rows: {
    [`GET ${ALL}`]: {
      id: 'listEnvironments',
      summary: ['Where services may run', '微服务可以所在的环境'],
      answers: { 200: record({ environments: listOf(ref('Environment')) }) },
      examples: [{ name: 'all' }],
    },
    [`POST ${ALL}`]: {
      id: 'createEnvironment',
      summary: ['Makes an environment (environments.free)', '创建环境（需 environments.free）'],
      answers: { 200: record({ envId: text }) },
      refusals: ['EnvironmentAlreadyExists', 'Forbidden', 'QuotaExceeded'],
      examples: [
        { name: 'blue', body: { name: 'blue' } },
        { name: 'same id, other name', body: { ...STAGING, name: 'stage' }, refused: 'EnvironmentAlreadyExists' },
        { name: 'no name', body: {}, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${ONE}`]: {
      id: 'getEnvironment',
      summary: ['One environment', '查询一个环境'],
      answers: { 200: record({ environment: ref('Environment') }) },
      refusals: ['EnvironmentNotFound'],
      examples: [{ name: 'by id' }, NOWHERE],
    },
    [`PUT ${ONE}`]: {
      id: 'changeEnvironment',
      summary: ['Changes name and description of an environment', '修改环境的名称和描述'],
      answers: DONE,
      refusals: ['EnvironmentNotFound', 'EnvironmentAlreadyExists', 'Forbidden'],
      examples: [
        { name: 'description', body: { description: 'before production' } },
        { name: 'a preset one', params: { environmentId: 'production' }, body: { name: 'prod' }, refused: 'Forbidden' },
      ],
    },
    [`DELETE ${ONE}`]: {
      id: 'deleteEnvironment',
      summary: ['Removes an environment without services', '删除没有微服务的环境'],
      answers: DONE,
      refusals: ['EnvironmentNotFound', 'EnvironmentInUse', 'Forbidden'],
      examples: [{ name: 'by id' }, NOWHERE],
    },
  },
}

const KIND = '/v1/:project/gov/:kind'
const POLICY = `${KIND}/:id`
const NO_KIND = {
  name: 'unknown kind',
  params: { kind: 'weather' },
  body: RETRY,
  refused: 'InvalidParameters',
} as const

export const POLICIES: Group = {
  name: 'policies',
  title: ['Policies of governance', '治理策略'],
  rows: {
    [`GET ${KIND}`]: {
      id: 'listPolicies',
      summary: ['Policies of a kind, as the configuration server keeps them', '配置中心保存的某类治理策略'],
      query: {
        app: parameter(['Only for this application', '仅此应用']),
        environment: parameter(['Of this environment; all: of any', '此环境；all 表示任意环境']),
      },
      answers: {
        200: listOf({
          anyOf: [ref('Policy'), record({ policies: listOf(ref('Policy')), matchGroup: ref('Policy') })],
        }),
      },
      examples: [
        { name: 'of one kind', query: { environment: 'all' } },
        { name: 'groups', params: { kind: 'display' }, query: { environment: 'all' } },
      ],
    },
    [`POST ${KIND}`]: {
      id: 'createPolicy',
      summary: ['Makes a policy', '创建治理策略'],
      answers: { 200: record({ id: text }) },
      examples: [{ name: 'retry', body: { ...RETRY, name: 'till' } }, NO_KIND],
    },
    [`GET ${POLICY}`]: {
      id: 'getPolicy',
      summary: ['One policy', '查询治理策略'],
      answers: { 200: ref('Policy') },
      examples: [{ name: 'by id' }],
    },
    [`PUT ${POLICY}`]: {
      id: 'changePolicy',
      summary: ['Changes what a policy says, and whether it holds', '修改策略内容与状态'],
      answers: DONE,
      examples: [{ name: 'five attempts', body: { spec: { maxAttempts: 5 } } }, NO_KIND],
    },
    [`DELETE ${POLICY}`]: {
      id: 'deletePolicy',
      summary: [
        'Removes a policy; with a match-group all policies of its name',
        '删除策略；删除 match-group 时一并删除同名策略',
      ],
      answers: DONE,
      examples: [{ name: 'by id' }],
    },
  },
}

export const AUDIT: Group = {
  name: 'audit',
  title: ['Audit log', '审计日志'],
  rows: {
    'GET /v4/:project/admin/audit': {
      id: 'readAudit',
      summary: ['Who changed what, the latest first', '谁修改了什么，最新的在前'],
      query: {
        tenant: parameter([
          'domain/project; others than the own only from default/default',
          '域/项目；仅 default/default 可查询其他租户',
        ]),
        since: parameter(['Milliseconds or ISO 8601', '毫秒或 ISO 8601']),
        until: parameter(['Milliseconds or ISO 8601', '毫秒或 ISO 8601']),
        account: parameter(['Who', '账号']),
        address: parameter(['From where', '来源地址']),
        action: parameter(['noun.verb', '名词.动词']),
        resource: parameter(['Of what', '资源']),
        result: parameter(['ok, or the code of an error', 'ok 或错误码']),
        text: parameter(['Anywhere in the entry', '条目中任意位置的文本']),
        limit: parameter(['How many, 1 to 1000', '个数，1 到 1000']),
        cursor: parameter(['nextCursor of the page before', '上一页的 nextCursor']),
      },
      answers: { 200: record({ entries: listOf(ref('AuditEntry')), 'nextCursor?': text }) },
      refusals: ['Forbidden', 'StoreUnavailable'],
      examples: [
        { name: 'latest', query: { limit: '5' } },
        { name: 'refused ones', query: { result: '400001' } },
        { name: 'of others', query: { tenant: 'else/where' }, refused: 'Forbidden' },
        { name: 'no time', query: { since: 'yesterday' }, refused: 'InvalidParameters' },
      ],
    },
  },
}
