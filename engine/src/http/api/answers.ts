import { INSTANCE, MICROSERVICE } from '@rollcall/protocol/documents'
import { ENVIRONMENT } from '@rollcall/protocol/environments'
import { TX_STATUSES } from '@rollcall/protocol/transactions'
import type { Schema } from './schema.ts'
import { count, flag, listOf, mapOf, number, oneOf, orNull, record, ref, shownAs, text, timeText } from './schema.ts'

const KEY = { serviceId: text, environment: text, appId: text, serviceName: text, version: text }
const PERCENTILES = { l995: number, l99: number, l90: number, l75: number, l50: number, l25: number, l5: number }
const MEMORY = mapOf(number)
const GAUGES = {
  'thread?': number,
  'cpu?': number,
  'loadAverage?': number,
  'uptime?': number,
  'memory?': MEMORY,
}
const STATISTICS = record({
  services: record({ 'count?': count, 'onlineCount?': count }),
  instances: record({ 'count?': count, 'countByDomain?': count }),
  apps: record({ 'count?': count }),
})
const NODE = record({ id: text, name: text, appId: text, version: text, type: text, color: text, position: text })
const SHOWN_STATUS = oneOf(...TX_STATUSES, 'LOST')
const TX_HEAD = {
  'appId?': text,
  'serviceName?': text,
  'version?': text,
  'environment?': text,
  'serviceId?': text,
  'instanceId?': text,
  'hostName?': text,
}
const TX_SUMMARY = {
  ...TX_HEAD,
  globalTxId: text,
  name: text,
  model: text,
  status: SHOWN_STATUS,
  inFlight: flag,
  stuck: flag,
  beginTime: number,
  updateTime: number,
  durationMs: number,
  timeoutMs: number,
  retriedCount: number,
  branchCount: count,
  errorMessage: text,
}
const TX_COUNTS = { total: count, inFlight: count, stuck: count, failed: count }
const BATCH_HALF = record({
  'failed?': listOf(record({ indexes: listOf(count), error: ref('Error') })),
  'notModified?': listOf(count),
  'updated?': listOf(record({ index: count, rev: text, 'instances?': listOf(ref('Instance')) })),
})

/** Members of a document about one service, as consoles read it. */
const DETAIL = {
  'microService?': ref('Microservice'),
  'instances?': listOf(ref('Instance')),
  'schemaInfos?': listOf(ref('Contract')),
  'providers?': listOf(ref('Microservice')),
  'consumers?': listOf(ref('Microservice')),
  'tags?': mapOf(text),
}

/** Documents of answers that have a name, for `ref`. */
export const COMPONENTS: Readonly<Record<string, Schema>> = {
  Microservice: shownAs(MICROSERVICE, ['serviceId', 'appId', 'serviceName', 'version']),
  Instance: shownAs(INSTANCE, ['instanceId', 'serviceId', 'hostName', 'status']),
  ServiceKey: record(KEY),
  Environment: shownAs(ENVIRONMENT, ['id', 'name']),
  Policy: record({
    id: text,
    name: text,
    status: text,
    'creatTime?': number,
    'updateTime?': number,
    selector: mapOf(text),
    kind: text,
    spec: { type: 'object' },
  }),
  AuditEntry: record({
    id: text,
    time: text,
    account: text,
    address: text,
    agent: text,
    action: text,
    tenant: text,
    resource: text,
    result: text,
    'detail?': text,
    'before?': {},
    'after?': {},
  }),
  Contract: record({ schemaId: text, 'summary?': text, 'schema?': text }),
  Change: record({
    kind: oneOf('added', 'removed', 'changed'),
    path: text,
    effect: oneOf('breaking', 'compatible', 'neutral'),
    sentence: text,
    breaking: flag,
  }),
  Subscriber: record({ ...KEY, 'revision?': text, 'isCurrent?': flag, 'foundAt?': timeText, watches: count }),
  BatchHalf: BATCH_HALF,
  ServiceDetail: record({
    ...DETAIL,
    'microServiceVersions?': listOf(text),
    'statics?': record({ 'instances?': record({ 'count?': count }) }),
  }),
  Statistics: STATISTICS,
  Relations: record({
    nodes: orNull(listOf(NODE)),
    lines: orNull(listOf(record({ from: NODE, to: NODE, type: text, color: text, descriptor: text }))),
    circles: { type: 'null' },
  }),
  Version: record({ version: text, buildTag: text, goVersion: text, os: text, arch: text, apiVersion: text }),
  Preserved: record({ ...KEY, instances: count, silent: count, since: timeText, until: timeText }),
  Alarm: record({ id: text, status: oneOf('ACTIVATED', 'CLEARED'), fields: record({ detail: text }) }),
  Quota: record({ resource: text, limit: count, used: count, warning: flag }),
  Account: record({
    id: text,
    name: text,
    roles: listOf(text),
    'tokenExpirationTime?': text,
    status: text,
    createTime: timeText,
    updateTime: timeText,
  }),
  Permission: record({
    'resources?': listOf(record({ 'type?': text, 'labels?': mapOf(text) })),
    'verbs?': listOf(text),
  }),
  Role: record({
    id: text,
    name: text,
    'perms?': listOf(ref('Permission')),
    createTime: timeText,
    updateTime: timeText,
  }),
  Metric: record({
    time: number,
    environment: text,
    appId: text,
    'serviceName?': text,
    'version?': text,
    'instanceId?': text,
    'instance?': text,
    'functionName?': text,
    qps: number,
    latency: number,
    rate: number,
    failureRate: number,
    total: number,
    failure: number,
    breakerRateAgg: number,
    circuitBreakerOpen: flag,
    shortCircuited: number,
    semaphoreRejected: number,
    threadPoolRejected: number,
    countTimeout: number,
    ...PERCENTILES,
    worst: record(PERCENTILES),
    functionCount: count,
    instances: count,
    silentInstances: count,
    silent: flag,
    ...GAUGES,
  }),
  ReportingService: record({
    environment: text,
    appId: text,
    serviceName: text,
    version: text,
    lastReport: number,
    silent: flag,
    instances: listOf(
      record({
        instanceId: text,
        instance: text,
        serviceId: text,
        interfaces: count,
        lastReport: number,
        silent: flag,
        ...GAUGES,
      }),
    ),
  }),
  Threshold: record({
    $timestamp: number,
    environment: text,
    appId: text,
    serviceName: text,
    'avgDelay?': number,
    'failureRate?': number,
    'throughput?': number,
  }),
  Transaction: record(TX_SUMMARY),
  Branch: record({
    ...TX_HEAD,
    branchTxId: text,
    parentTxId: text,
    role: text,
    name: text,
    'status?': SHOWN_STATUS,
    reported: flag,
    stuck: flag,
    beginTime: number,
    updateTime: number,
    timeoutMs: number,
    retriedCount: number,
    errorMessage: text,
    'tryMethod?': text,
    'confirmMethod?': text,
    'cancelMethod?': text,
    children: listOf(ref('Branch')),
  }),
  TransactionDetail: record({
    ...TX_SUMMARY,
    tree: listOf(ref('Branch')),
    timeline: listOf(record({ time: number, branchTxId: text, status: SHOWN_STATUS, serviceName: text })),
  }),
  TransactionStatistics: record({
    ...TX_COUNTS,
    byStatus: mapOf(count),
    byModel: mapOf(count),
    byService: listOf(record({ ...TX_COUNTS, appId: text, serviceName: text })),
    averageDurationMs: number,
  }),
  Error: record({ errorCode: text, errorMessage: text, errCode: text, errMsg: text, detail: text }),
  MonitoringError: record({ error_code: text, error_message: text, detail: text }),
  MonitoringReadError: record({ error_code: text, error_message: text, error_msg: text, detail: text }),
}
