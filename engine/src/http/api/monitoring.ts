import { TX_STATUSES } from '@rollcall/protocol/transactions'
import type { Group } from './description.ts'
import { DONE } from './description.ts'
import { parameter, required } from './parameters.ts'
import { METRICS, THRESHOLD, TRANSACTIONS } from './scene.ts'
import type { Schema } from './schema.ts'
import { listOf, mapOf, number, oneOf, orNull, record, ref, text } from './schema.ts'

const NUMERIC: Schema = { anyOf: [number, { ...text, pattern: '^[+-]?[0-9]+([.][0-9]+)?$' }] }
const NAMED: Schema = { ...text, minLength: 1, maxLength: 512, pattern: '\\S' }
const INTERFACE: Schema = {
  type: 'object',
  properties: {
    name: NAMED,
    ...Object.fromEntries(
      ['qps', 'total', 'failure', 'failureRate', 'latency', 'l995', 'l99', 'l90', 'l75', 'l50', 'l25', 'l5'].map(
        (name) => [name, NUMERIC],
      ),
    ),
    circuitBreakerOpen: { type: 'boolean' },
  },
  required: ['name'],
}
const METRIC_BODY: Schema = {
  type: 'object',
  properties: {
    appId: NAMED,
    name: NAMED,
    version: NAMED,
    instance: NAMED,
    environment: { ...text, maxLength: 512 },
    serviceId: { ...text, maxLength: 512 },
    instanceId: { ...text, maxLength: 512 },
    timestamp: NUMERIC,
    thread: NUMERIC,
    cpu: NUMERIC,
    loadAverage: NUMERIC,
    uptime: NUMERIC,
    memory: mapOf(NUMERIC),
    interfaces: listOf(INTERFACE),
  },
  required: ['appId', 'name', 'version', 'instance'],
  dependentRequired: { serviceId: ['instanceId'], instanceId: ['serviceId'] },
}
const TX_ID: Schema = { ...text, minLength: 1, maxLength: 256 }
const COUNT: Schema = { type: 'integer', minimum: 0 }
const TX_INFO: Schema = {
  type: 'object',
  properties: {
    globalTxId: TX_ID,
    branchTxId: text,
    parentTxId: text,
    model: oneOf('TCC', 'SAGA'),
    role: oneOf('ROOT', 'BRANCH'),
    name: text,
    status: oneOf(...TX_STATUSES),
    beginTime: COUNT,
    updateTime: COUNT,
    timeoutMs: COUNT,
    retriedCount: COUNT,
    participants: listOf({
      type: 'object',
      properties: { branchTxId: text, serviceName: text, status: oneOf(...TX_STATUSES) },
    }),
    errorMessage: text,
  },
  required: ['globalTxId', 'status'],
}
const TX_BODY: Schema = {
  type: 'object',
  properties: {
    head: {
      type: 'object',
      properties: {
        appId: TX_ID,
        serviceName: TX_ID,
        version: text,
        environment: text,
        instanceId: text,
        timestamp: COUNT,
      },
      required: ['appId', 'serviceName'],
    },
    activeTxList: { ...listOf(TX_INFO), maxItems: 1000 },
    finishedTxList: { ...listOf(TX_INFO), maxItems: 1000 },
    txInfo: TX_INFO,
  },
  required: ['head'],
}
const THRESHOLD_BODY: Schema = {
  type: 'object',
  properties: {
    appId: NAMED,
    environment: { ...text, maxLength: 512 },
    serviceName: NAMED,
    avgDelay: { ...number, minimum: 0 },
    failureRate: { ...number, minimum: 0, maximum: 100 },
    throughput: { ...number, minimum: 0 },
  },
  required: ['appId', 'serviceName'],
}

const SELECTION = {
  service: parameter(['Names of services, with commas', '微服务名，逗号分隔']),
  environment: parameter(['Environment', '环境']),
  appId: parameter(['Application', '应用']),
  version: parameter(['Version', '版本']),
  instance: parameter(['Id or host name of an instance', '实例 ID 或主机名']),
  function: parameter(['Interface; a star at its end stands for any end', '接口名；末尾的星号表示任意结尾']),
}
const LEVEL = parameter(
  ['What one element stands for', '一个元素代表什么'],
  oneOf('application', 'service', 'version', 'instance', 'interface'),
)
const READ = '/v3/:project/csemonitor'
const WHOLE: Schema = { ...text, pattern: '^[0-9]{1,15}$' }
const METRIC_UPLOAD = {
  summary: ['An instance reports its metrics', '实例上报监控数据'],
  query: { service: parameter(['Ignored; clients send it', '忽略；客户端会带上']) },
  body: METRIC_BODY,
  answers: DONE,
  examples: [
    { name: 'one interface', body: METRICS },
    { name: 'no application', body: { name: 'cart' }, refused: 'MetricInvalid' },
    { name: 'empty', refused: 'BodyUndecodable' },
  ],
} as const
const COLUMN = listOf(orNull({ anyOf: [number, { type: 'boolean' }] }))

export const METRIC_ROWS: Group = {
  name: 'metrics',
  title: ['Metrics', '监控指标'],
  rows: {
    'POST /v2/:project/csemonitor/metric': { id: 'reportMetrics', ...METRIC_UPLOAD },
    'POST /csemonitor/v1/metric': { id: 'reportMetricsV1', ...METRIC_UPLOAD },
    [`GET ${READ}/metric`]: {
      id: 'currentMetrics',
      summary: ['How calls are going now', '当前调用情况'],
      query: { ...SELECTION, service: required(['Names of services, with commas', '微服务名，逗号分隔']), by: LEVEL },
      answers: { 200: listOf(ref('Metric')) },
      examples: [
        { name: 'of cart', query: { service: 'cart' } },
        { name: 'by interface', query: { service: 'cart', by: 'interface' } },
        { name: 'no service', refused: 'InvalidParameters' },
      ],
    },
    [`GET ${READ}/series`]: {
      id: 'metricSeries',
      summary: ['How calls went over time', '一段时间内的调用情况'],
      query: {
        ...SELECTION,
        by: LEVEL,
        from: parameter(
          ['Milliseconds since the epoch; absent: five minutes before the end', '毫秒时间戳；缺省为结束前五分钟'],
          WHOLE,
        ),
        to: parameter(['Milliseconds since the epoch; absent: now', '毫秒时间戳；缺省为现在'], WHOLE),
        step: parameter(['Seconds between two points', '两点之间的秒数'], WHOLE),
      },
      answers: {
        200: record({
          resolution: { anyOf: [number, text] },
          step: number,
          times: listOf(number),
          series: listOf({ type: 'object', properties: { qps: COLUMN, latency: COLUMN } }),
        }),
      },
      examples: [
        { name: 'of cart', query: { service: 'cart' } },
        { name: 'backwards', query: { from: '2', to: '1' }, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${READ}/top`]: {
      id: 'topMetrics',
      summary: ['Those with the most of something', '排行'],
      query: {
        ...SELECTION,
        by: LEVEL,
        order: parameter(['Of what', '排序依据'], oneOf('qps', 'latency', 'failureRate')),
        limit: parameter(['How many', '个数'], WHOLE),
      },
      answers: { 200: listOf(ref('Metric')) },
      examples: [
        { name: 'busiest' },
        { name: 'unknown order', query: { order: 'beauty' }, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${READ}/services`]: {
      id: 'reportingServices',
      summary: ['Who reports, and when last', '谁在上报，以及最近一次的时间'],
      query: SELECTION,
      answers: { 200: record({ services: listOf(ref('ReportingService')) }) },
      examples: [{ name: 'all' }],
    },
    [`GET ${READ}/stream`]: {
      id: 'metricStream',
      summary: ['Current numbers as server-sent events', '以服务器推送事件给出的当前数据'],
      query: { ...SELECTION, by: LEVEL, lastEventId: parameter(['Id of the last event', '上一个事件的 ID']) },
      headers: { 'Last-Event-ID': parameter(['Id of the last event', '上一个事件的 ID']) },
      answers: { 200: { mediaType: 'text/event-stream' } },
      refusals: ['QuotaExceeded'],
      examples: [
        { name: 'of cart', query: { service: 'cart' } },
        { name: 'unknown level', query: { by: 'colour' }, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${READ}/thresholds`]: {
      id: 'listThresholds',
      summary: ['From where on calls are worth an alarm', '查询告警阈值'],
      query: { services: required(['Names of services, with commas', '微服务名，逗号分隔']) },
      answers: { 200: listOf(ref('Threshold')) },
      examples: [
        { name: 'of cart', query: { services: 'cart' } },
        { name: 'no service', refused: 'InvalidParameters' },
      ],
    },
    [`PUT ${READ}/thresholds`]: {
      id: 'setThresholds',
      summary: ['Sets from where on calls are worth an alarm', '设置告警阈值'],
      body: { anyOf: [THRESHOLD_BODY, { ...listOf(THRESHOLD_BODY), minItems: 1, maxItems: 1000 }] },
      answers: DONE,
      examples: [
        { name: 'one', body: THRESHOLD },
        { name: 'more than all', body: { ...THRESHOLD, failureRate: 101 }, refused: 'InvalidParameters' },
      ],
    },
    'GET /metrics/services': {
      id: 'serviceExposition',
      summary: ['What services reported, for Prometheus', '供 Prometheus 抓取的服务指标'],
      answers: { 200: { mediaType: 'text/plain' } },
      examples: [{ name: 'ask' }],
    },
  },
}

const TX_UPLOAD = {
  summary: ['An instance reports its distributed transactions', '实例上报分布式事务'],
  body: TX_BODY,
  answers: DONE,
  refusals: ['TransactionInfoInvalid'],
  examples: [
    { name: 'in flight', body: TRANSACTIONS },
    { name: 'no head', body: { txInfo: { globalTxId: 'tx-2', status: 'TRYING' } }, refused: 'TransactionHeadInvalid' },
    {
      name: 'no status',
      body: { ...TRANSACTIONS, activeTxList: [{ globalTxId: 'tx-2' }] },
      refused: 'TransactionInfoInvalid',
    },
  ],
} as const

export const TRANSACTION_ROWS: Group = {
  name: 'transactions',
  title: ['Transactions', '分布式事务'],
  rows: {
    'POST /v2/:project/csemonitor/transaction': { id: 'reportTransactions', ...TX_UPLOAD },
    'POST /csemonitor/v1/transaction': { id: 'reportTransactionsV1', ...TX_UPLOAD },
    [`GET ${READ}/transactions`]: {
      id: 'listTransactions',
      summary: ['Transactions, the latest first', '事务列表，最新的在前'],
      query: {
        status: parameter(['With commas', '逗号分隔的状态']),
        model: parameter(['Kind', '模型'], oneOf('TCC', 'SAGA')),
        service: parameter(['Name of a service that took part', '参与的微服务名']),
        app: parameter(['Application that took part', '参与的应用']),
        stuck: parameter(
          ['Only those that need a person, or only others', '是否仅列出卡住的事务'],
          oneOf('true', 'false'),
        ),
        from: parameter(['Begun at this time or later, ms', '开始时间不早于（毫秒）'], WHOLE),
        to: parameter(['Begun before this time, ms', '开始时间早于（毫秒）'], WHOLE),
        name: parameter(['Part of the name', '名称的一部分']),
        limit: parameter(['How many, 1 to 1000', '个数，1 到 1000'], WHOLE),
        cursor: parameter(['nextCursor of the page before', '上一页的 nextCursor']),
      },
      answers: { 200: record({ transactions: listOf(ref('Transaction')), 'nextCursor?': text }) },
      examples: [
        { name: 'all' },
        { name: 'stuck ones', query: { stuck: 'true', model: 'TCC' } },
        { name: 'unknown status', query: { status: 'TIRED' }, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${READ}/transactions/statistics`]: {
      id: 'transactionStatistics',
      summary: ['How transactions are going', '事务统计'],
      answers: { 200: ref('TransactionStatistics') },
      examples: [{ name: 'ask' }],
    },
    [`GET ${READ}/transactions/:globalTxId`]: {
      id: 'getTransaction',
      summary: ['One transaction as tree and time line', '单个事务的树与时间线'],
      answers: { 200: ref('TransactionDetail') },
      refusals: ['TransactionNotExists'],
      examples: [
        { name: 'by id' },
        { name: 'unknown', params: { globalTxId: 'nothing' }, refused: 'TransactionNotExists' },
      ],
    },
  },
}
