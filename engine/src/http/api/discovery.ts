import type { Group } from './description.ts'
import {
  APP_REQUIRED,
  CONSUMER,
  ENVIRONMENT,
  NAME_REQUIRED,
  parameter,
  REV,
  REVISION_HEADER,
  required,
  TAGS,
} from './parameters.ts'
import { listOf, oneOf, record, ref } from './schema.ts'

const BASE = '/v4/:project/registry'
const ALL = `${BASE}/microservices/:serviceId/instances`
const SOCKET = { 101: 'nothing', 400: { mediaType: 'text/plain' } } as const
const PLAIN = { name: 'without an upgrade', status: 400 } as const

export const DISCOVERY: Group = {
  name: 'discovery',
  title: ['Discovery and watches', '发现与监听'],
  rows: {
    [`GET ${BASE}/instances`]: {
      id: 'findInstances',
      summary: ['Instances of a service by name', '按名称发现实例'],
      query: {
        appId: APP_REQUIRED,
        serviceName: NAME_REQUIRED,
        env: ENVIRONMENT,
        version: parameter([
          '1.0, 1.0+, 1.0-2.0 or latest; filters with discovery.versionRules only',
          '1.0、1.0+、1.0-2.0 或 latest；仅在 discovery.versionRules 启用时过滤',
        ]),
        tags: TAGS,
        rev: REV,
      },
      headers: CONSUMER,
      answers: { 200: record({ instances: listOf(ref('Instance')) }), 304: 'nothing' },
      answerHeaders: REVISION_HEADER,
      refusals: ['ServiceNotFound'],
      examples: [
        { name: 'by name', query: { appId: 'shop', serviceName: 'cart' } },
        { name: 'as a consumer', query: { appId: 'shop', serviceName: 'cart' }, headers: { 'X-ConsumerId': 'web-1' } },
        { name: 'unknown service', query: { appId: 'shop', serviceName: 'nobody' }, refused: 'ServiceNotFound' },
        { name: 'no application', query: { serviceName: 'cart' }, refused: 'InvalidParameters' },
      ],
    },
    [`POST ${BASE}/instances/action`]: {
      id: 'findMany',
      summary: ['Instances of many services at once', '批量发现实例'],
      query: { type: required(['Always query', '固定为 query'], oneOf('query')) },
      headers: CONSUMER,
      answers: { 200: record({ 'services?': ref('BatchHalf'), 'instances?': ref('BatchHalf') }) },
      examples: [
        {
          name: 'two services',
          query: { type: 'query' },
          body: {
            services: [
              { service: { appId: 'shop', serviceName: 'cart' } },
              { service: { appId: 'shop', serviceName: 'nobody' } },
            ],
            instances: [{ instance: { serviceId: 'cart-1', instanceId: 'cart-1-a' } }],
          },
        },
        { name: 'other action', query: { type: 'dance' }, body: {}, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${ALL}`]: {
      id: 'listInstances',
      summary: ['Instances of a service by its id', '按微服务 ID 查询实例'],
      query: { tags: TAGS, rev: REV },
      headers: CONSUMER,
      answers: { 200: record({ 'instances?': listOf(ref('Instance')) }), 304: 'nothing' },
      answerHeaders: REVISION_HEADER,
      refusals: ['ServiceNotFound'],
      examples: [
        { name: 'all' },
        { name: 'unknown service', params: { serviceId: 'nobody' }, refused: 'ServiceNotFound' },
      ],
    },
    [`GET ${ALL}/:instanceId`]: {
      id: 'getInstance',
      summary: ['One instance', '查询一个实例'],
      query: { tags: TAGS, rev: REV },
      headers: CONSUMER,
      answers: { 200: record({ instance: ref('Instance') }), 304: 'nothing' },
      answerHeaders: REVISION_HEADER,
      refusals: ['ServiceNotFound', 'InstanceNotFound'],
      examples: [
        { name: 'by id' },
        { name: 'unknown instance', params: { instanceId: 'nobody' }, refused: 'InstanceNotFound' },
      ],
    },
    [`GET ${BASE}/microservices/:serviceId/watcher`]: {
      id: 'watch',
      summary: ['WebSocket: changes of the providers of a consumer', 'WebSocket：消费者的提供者变化'],
      answers: SOCKET,
      examples: [PLAIN],
    },
    [`GET ${BASE}/microservices/:serviceId/listwatcher`]: {
      id: 'listAndWatch',
      summary: ['WebSocket: all instances first, then changes', 'WebSocket：先给出全部实例，再推送变化'],
      answers: SOCKET,
      examples: [PLAIN],
    },
    [`GET ${ALL}/:instanceId/heartbeat`]: {
      id: 'heartbeatChannel',
      summary: ['WebSocket: heartbeats of an instance', 'WebSocket：实例心跳通道'],
      answers: SOCKET,
      examples: [PLAIN],
    },
  },
}
