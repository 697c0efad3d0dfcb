import type { Group } from './description.ts'
import { DONE } from './description.ts'
import { parameter } from './parameters.ts'
import { count, flag, listOf, mapOf, oneOf, record, ref, text, whole } from './schema.ts'

const VERSION = { 200: ref('Version') }
const HEALTH = { 200: record({ instances: listOf(ref('Instance')) }) }
const ADMIN = '/v4/:project/admin'
const RECORDS = listOf(record({ key: text, rev: whole, cluster: text, value: { anyOf: [{ type: 'object' }, text] } }))
const SERVICES_SHOWN = listOf(
  record({ serviceId: text, environment: text, appId: text, serviceName: text, version: text, 'reason?': text }),
)
const CATALOGUE_ROW = record({
  code: text,
  status: whole,
  text,
  meaning: record({ en: text, zh: text }),
  causes: record({ en: listOf(text), zh: listOf(text) }),
  remedy: record({ en: text, zh: text }),
  requests: listOf(text),
})
const WORD = record({ code: text, text: record({ en: text, zh: text }) })

const SCRAPE = ['How the engine is doing, for Prometheus', '供 Prometheus 抓取的引擎指标'] as const
const TEXT = { 200: { mediaType: 'text/plain' } } as const

export const SYSTEM: Group = {
  name: 'system',
  title: ['The engine', '引擎'],
  rows: {
    'GET /version': {
      id: 'engineVersion',
      summary: ['Version of the engine', '引擎版本'],
      answers: VERSION,
      examples: [{ name: 'ask' }],
    },
    'GET /v4/:project/registry/version': {
      id: 'registryVersion',
      summary: ['Version of the engine and of the registry API', '引擎与注册中心 API 的版本'],
      answers: VERSION,
      examples: [{ name: 'ask' }],
    },
    'GET /health': {
      id: 'engineHealth',
      summary: ["The engine's own instances", '引擎自身的实例'],
      answers: HEALTH,
      examples: [{ name: 'ask' }],
    },
    'GET /v4/:project/registry/health': {
      id: 'registryHealth',
      summary: [
        "The engine's own instances, which clients take as its addresses",
        '引擎自身的实例，客户端将其作为地址列表',
      ],
      answers: HEALTH,
      examples: [{ name: 'ask' }],
    },
    'GET /v4/:project/registry/health/readiness': {
      id: 'readiness',
      summary: ['Whether the engine takes requests', '引擎是否就绪'],
      answers: { 200: record({ status: oneOf('READY') }), 503: record({ status: oneOf('STOPPING') }) },
      examples: [{ name: 'ask' }],
    },
    'GET /v1/syncer/health': {
      id: 'syncerHealth',
      summary: ['Clusters that this one is synchronised with: none', '与本集群同步的集群：无'],
      answers: { 200: record({ peers: listOf(text) }) },
      examples: [{ name: 'ask' }],
    },
    'GET /metrics': { id: 'engineExposition', summary: SCRAPE, answers: TEXT, examples: [{ name: 'ask' }] },
    'GET /openapi.json': {
      id: 'apiDocument',
      summary: ['This document', '本文档'],
      answers: { 200: { type: 'object' } },
      examples: [{ name: 'ask' }],
    },
    'GET /docs': {
      id: 'apiPage',
      summary: ['This document as a page', '本文档的网页'],
      answers: { 200: { mediaType: 'text/html' } },
      examples: [{ name: 'ask' }],
    },
    'GET /docs/page.css': {
      id: 'apiPageStyle',
      summary: ['How the page looks', '网页样式'],
      answers: { 200: { mediaType: 'text/css' } },
      examples: [{ name: 'ask' }],
    },
    'GET /docs/page.js': {
      id: 'apiPageScript',
      summary: ['How the page behaves', '网页脚本'],
      answers: { 200: { mediaType: 'text/javascript' } },
      examples: [{ name: 'ask' }],
    },
    'GET /v4/errors': {
      id: 'errorCatalogue',
      summary: ['Every error code: what it means and what to do', '全部错误码：含义与处理方法'],
      answers: { 200: record({ errors: listOf(CATALOGUE_ROW), credentialReasons: listOf(WORD) }) },
      examples: [{ name: 'ask' }],
    },
  },
}

export const OPERATIONS: Group = {
  name: 'operations',
  title: ['Running it', '运维'],
  rows: {
    [`GET ${ADMIN}/self-preservation`]: {
      id: 'listPreserved',
      summary: ['Services whose silent instances are kept for now', '处于自我保护中的微服务'],
      answers: { 200: record({ services: listOf(ref('Preserved')) }) },
      examples: [{ name: 'ask' }],
    },
    [`DELETE ${ADMIN}/self-preservation/:serviceId`]: {
      id: 'endPreservation',
      summary: ['Lets the silent instances of a service go', '结束一个微服务的自我保护'],
      answers: DONE,
      refusals: ['ServiceNotFound'],
      examples: [{ name: 'not preserved', refused: 'ServiceNotFound' }],
    },
    [`GET ${ADMIN}/alarms`]: {
      id: 'listAlarms',
      summary: ['What operators should look at', '查询告警'],
      answers: { 200: record({ 'alarms?': listOf(ref('Alarm')) }) },
      examples: [{ name: 'ask' }],
    },
    [`DELETE ${ADMIN}/alarms`]: {
      id: 'forgetAlarms',
      summary: ['Forgets the alarms', '清除告警'],
      answers: DONE,
      examples: [{ name: 'all' }],
    },
    [`GET ${ADMIN}/clusters`]: {
      id: 'listClusters',
      summary: ['Where the engines are', '引擎地址'],
      answers: { 200: record({ clusters: mapOf(listOf(text)) }) },
      examples: [{ name: 'ask' }],
    },
    [`GET ${ADMIN}/dump`]: {
      id: 'dump',
      summary: [
        'What is stored of all tenants; only for tenant default/default',
        '全部租户的存储内容；仅限租户 default/default',
      ],
      query: { options: parameter(['cache, info or all, with commas', 'cache、info 或 all，逗号分隔']) },
      answers: {
        200: record({
          'info?': record({ version: text, buildTag: text, goVersion: text, os: text, arch: text }),
          'cache?': mapOf(RECORDS),
        }),
      },
      refusals: ['Forbidden', 'StoreUnavailable'],
      examples: [
        { name: 'everything', query: { options: 'all' }, headers: { 'X-Domain-Name': 'default' } },
        { name: 'other tenant', headers: { 'X-Domain-Name': 'elsewhere' }, refused: 'Forbidden' },
      ],
    },
    [`GET ${ADMIN}/backup`]: {
      id: 'backup',
      summary: [
        'Everything that the engine keeps, as of this moment, in sealed lines; for administrators in tenant default/default',
        '引擎此刻保存的全部内容（带校验的逐行格式）；仅限租户 default/default 的管理员',
      ],
      query: {
        journal: parameter(['1: metrics, transactions and the audit log too', '1：同时包含监控、事务与审计日志']),
      },
      answers: { 200: { mediaType: 'application/x-ndjson' } },
      refusals: ['Forbidden', 'QuotaExceeded', 'StoreUnavailable'],
      examples: [
        { name: 'of an engine that keeps nothing on a disk', refused: 'Forbidden' },
        { name: 'other tenant', headers: { 'X-Domain-Name': 'elsewhere' }, refused: 'Forbidden' },
      ],
    },
    [`GET ${ADMIN}/diagnosis`]: {
      id: 'diagnosis',
      summary: [
        'What the engine finds when it looks at itself, and what to do about it; only for tenant default/default',
        '引擎自检结果与处理建议；仅限租户 default/default',
      ],
      answers: {
        200: record({
          time: whole,
          findings: listOf(
            record({ check: text, level: oneOf('ok', 'warning', 'problem'), message: text, 'remedy?': text }),
          ),
        }),
      },
      refusals: ['Forbidden', 'StoreUnavailable'],
      examples: [
        { name: 'ask', headers: { 'X-Domain-Name': 'default' } },
        { name: 'other tenant', headers: { 'X-Domain-Name': 'elsewhere' }, refused: 'Forbidden' },
      ],
    },
    [`GET ${ADMIN}/quotas`]: {
      id: 'getQuotas',
      summary: ['What the tenant may have, and has', '租户的配额与用量'],
      answers: { 200: record({ quotas: listOf(ref('Quota')) }) },
      refusals: ['QuotaUnavailable'],
      examples: [{ name: 'ask' }],
    },
    [`PUT ${ADMIN}/quotas`]: {
      id: 'setQuotas',
      summary: ['Sets what the tenant may have', '设置租户配额'],
      answers: DONE,
      refusals: ['Forbidden'],
      examples: [
        { name: 'services', body: { quotas: [{ resource: 'service', limit: 500 }] } },
        { name: 'unknown resource', body: { quotas: [{ resource: 'cake', limit: 1 }] }, refused: 'InvalidParameters' },
      ],
    },
    [`POST ${ADMIN}/retire`]: {
      id: 'retire',
      summary: ['Removes old versions without instances, or shows which', '清理没有实例的旧版本，或仅预览'],
      answers: {
        200: record({
          dryRun: flag,
          keep: count,
          minAgeHours: count,
          services: record({ retiredCount: count, keptCount: count, retired: SERVICES_SHOWN, kept: SERVICES_SHOWN }),
          contents: record({ retiredCount: count, characters: count }),
        }),
      },
      examples: [
        { name: 'show', body: {} },
        { name: 'keep none', body: { keep: 0 }, refused: 'InvalidParameters' },
      ],
    },
  },
}

const GOVERN = '/v4/:project/govern'
const SHARED = parameter(["1: the engine's own services too", '1：同时包含引擎自身的服务'])

export const GOVERNANCE: Group = {
  name: 'governance',
  title: ['Pictures for consoles', '控制台视图'],
  rows: {
    [`GET ${GOVERN}/microservices/:serviceId`]: {
      id: 'serviceDetail',
      summary: ['Everything about a service', '微服务的全部信息'],
      answers: { 200: record({ service: ref('ServiceDetail') }) },
      refusals: ['ServiceNotFound', 'StoreUnavailable'],
      examples: [
        { name: 'of cart' },
        { name: 'unknown service', params: { serviceId: 'nobody' }, refused: 'ServiceNotFound' },
      ],
    },
    [`GET ${GOVERN}/microservices`]: {
      id: 'serviceDetails',
      summary: ['Services with what is asked of them', '带所选信息的微服务列表'],
      query: {
        options: parameter([
          'tags, instances, schemas, dependencies, statistics or all, with commas',
          'tags、instances、schemas、dependencies、statistics 或 all，逗号分隔',
        ]),
        countOnly: parameter(['1: only numbers of instances', '1：仅返回实例数'], oneOf('', '0', '1')),
        appId: parameter(['Only of this application', '仅此应用']),
        serviceName: parameter(['Only of this name', '仅此名称']),
        env: parameter(['Only of this environment', '仅此环境']),
        property: parameter(['Only with this property, as key:value', '仅具有此属性，格式为 键:值']),
        withShared: SHARED,
        offset: parameter(['Number of elements to leave out', '跳过的元素个数']),
        limit: parameter(['Number of elements to show', '返回的元素个数']),
      },
      answers: {
        200: record({ 'allServicesDetail?': listOf(ref('ServiceDetail')), 'statistics?': ref('Statistics') }),
      },
      answerHeaders: { 'X-Total-Count': ['Number of all elements, when a part was asked for', '请求分页时的总数'] },
      refusals: ['StoreUnavailable'],
      examples: [
        { name: 'everything', query: { options: 'all' } },
        { name: 'numbers', query: { options: 'instances', countOnly: '1' } },
        { name: 'half a number', query: { countOnly: '0.5' }, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${GOVERN}/apps`]: {
      id: 'listApps',
      summary: ['Applications of an environment', '一个环境的应用'],
      query: { env: parameter(['Environment', '环境']), withShared: SHARED },
      answers: { 200: record({ 'appIds?': listOf(text) }) },
      examples: [
        { name: 'ask' },
        { name: 'no environment', query: { env: 'outer space' }, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${GOVERN}/relations`]: {
      id: 'relations',
      summary: ['Who uses whom, as a graph', '依赖关系图'],
      query: { withShared: SHARED },
      answers: { 200: ref('Relations') },
      examples: [{ name: 'ask' }],
    },
    [`GET ${GOVERN}/statistics`]: {
      id: 'statistics',
      summary: ['How much there is', '统计'],
      answers: { 200: record({ statistics: ref('Statistics') }) },
      examples: [{ name: 'ask' }],
    },
  },
}
