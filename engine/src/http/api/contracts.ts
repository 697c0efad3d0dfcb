import type { Group } from './description.ts'
import { DONE } from './description.ts'
import { parameter, required } from './parameters.ts'
import { CONTRACT, USES } from './scene.ts'
import { count, flag, listOf, oneOf, record, ref, text } from './schema.ts'

const BASE = '/v4/:project/registry'
const SERVICE = `${BASE}/microservices/:serviceId`
const ALL = `${SERVICE}/schemas`
const ONE = `${ALL}/:schemaId`

const NOBODY = { name: 'unknown service', params: { serviceId: 'nobody' }, refused: 'ServiceNotFound' } as const
const NOTHING = { name: 'unknown contract', params: { schemaId: 'nothing' }, refused: 'SchemaNotFound' } as const
const SUMMARY = { 'X-Schema-Summary': ['Summary of the contract', '契约摘要'] } as const

export const CONTRACTS: Group = {
  name: 'contracts',
  title: ['Contracts', '契约'],
  rows: {
    [`GET ${ALL}`]: {
      id: 'listContracts',
      summary: ['Contracts of a service', '查询微服务的契约'],
      query: { withSchema: parameter(['1: with their contents', '1：同时返回内容'], oneOf('', '0', '1')) },
      answers: { 200: record({ 'schemas?': listOf(ref('Contract')) }) },
      refusals: ['ServiceNotFound', 'StoreUnavailable'],
      examples: [{ name: 'names' }, { name: 'with contents', query: { withSchema: '1' } }, NOBODY],
    },
    [`POST ${ALL}`]: {
      id: 'putContracts',
      summary: ['Stores several contracts', '批量上传契约'],
      answers: DONE,
      refusals: ['ServiceNotFound', 'SchemaUndefined', 'QuotaExceeded', 'QuotaUnavailable'],
      examples: [
        { name: 'one', body: { schemas: [{ schemaId: 'cart.api', summary: 'cartapi2', schema: CONTRACT }] } },
        { name: 'none', body: { schemas: [] }, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${ONE}`]: {
      id: 'getContract',
      summary: ['Content of a contract', '查询契约内容'],
      answers: { 200: record({ schema: text }) },
      answerHeaders: SUMMARY,
      refusals: ['ServiceNotFound', 'SchemaNotFound', 'StoreUnavailable'],
      examples: [{ name: 'by id' }, NOTHING],
    },
    [`PUT ${ONE}`]: {
      id: 'putContract',
      summary: ['Stores a contract', '上传契约'],
      answers: DONE,
      refusals: [
        'ServiceNotFound',
        'SchemaUndefined',
        'SchemaReadOnly',
        'Forbidden',
        'QuotaExceeded',
        'QuotaUnavailable',
      ],
      examples: [
        { name: 'new content', body: { schema: `${CONTRACT}# second\n`, summary: 'cartapi2' } },
        { name: 'empty', body: { schema: '' }, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${ONE}/diff`]: {
      id: 'compareContract',
      summary: ['What a contract changes compared with another', '比较契约与另一契约的差异'],
      query: {
        with: required(['Service to compare with', '要比较的微服务 ID']),
        withSchema: parameter(['Its contract; absent: the same id', '要比较的契约 ID；缺省为同名']),
      },
      answers: {
        200: record({
          identical: flag,
          comparedAs: oneOf('interface', 'text'),
          breaking: count,
          compatible: count,
          neutral: count,
          isCut: flag,
          changes: listOf(ref('Change')),
        }),
      },
      refusals: ['ServiceNotFound', 'SchemaNotFound', 'StoreUnavailable'],
      examples: [
        { name: 'with itself', query: { with: 'cart-1' } },
        { name: 'with nothing', refused: 'InvalidParameters' },
      ],
    },
    [`DELETE ${ONE}`]: {
      id: 'deleteContract',
      summary: ['Removes a contract', '删除契约'],
      answers: DONE,
      refusals: ['ServiceNotFound', 'SchemaNotFound'],
      examples: [{ name: 'by id' }, NOTHING],
    },
  },
}

const RELATED = parameter(['1: without the service itself', '1：不含微服务自身'])
const DECLARED = {
  Deprecation: ['Service Center asks clients to leave this request', 'Service Center 建议客户端不再使用此请求'],
} as const

export const DEPENDENCIES: Group = {
  name: 'dependencies',
  title: ['Dependencies', '依赖关系'],
  rows: {
    [`POST ${BASE}/dependencies`]: {
      id: 'addDependencies',
      summary: ['Adds to what consumers use', '追加消费者的依赖'],
      answers: DONE,
      answerHeaders: DECLARED,
      refusals: ['ServiceNotFound'],
      examples: [
        { name: 'one', body: USES },
        { name: 'none', body: { dependencies: [] }, refused: 'InvalidParameters' },
      ],
    },
    [`PUT ${BASE}/dependencies`]: {
      id: 'replaceDependencies',
      summary: ['Replaces what consumers use', '覆盖消费者的依赖'],
      answers: DONE,
      answerHeaders: DECLARED,
      refusals: ['ServiceNotFound'],
      examples: [
        { name: 'one', body: USES },
        {
          name: 'unknown consumer',
          body: {
            dependencies: [{ consumer: { appId: 'shop', serviceName: 'nobody', version: '1.0.0' }, providers: [] }],
          },
          refused: 'ServiceNotFound',
        },
      ],
    },
    [`GET ${SERVICE}/providers`]: {
      id: 'listProviders',
      summary: ['Whom a service uses', '查询微服务的提供者'],
      query: { noSelf: RELATED },
      answers: { 200: record({ 'providers?': listOf(ref('Microservice')) }) },
      refusals: ['ServiceNotFound'],
      examples: [{ name: 'of web', params: { serviceId: 'web-1' } }, NOBODY],
    },
    [`GET ${SERVICE}/consumers`]: {
      id: 'listConsumers',
      summary: ['Who uses a service', '查询微服务的消费者'],
      query: { noSelf: RELATED },
      answers: { 200: record({ 'consumers?': listOf(ref('Microservice')) }) },
      refusals: ['ServiceNotFound'],
      examples: [{ name: 'of cart' }, NOBODY],
    },
    [`GET ${SERVICE}/subscribers`]: {
      id: 'listSubscribers',
      summary: [
        'Who finds or watches a service, and what he was told last',
        '谁在发现或监听微服务，以及最近得到的版本',
      ],
      answers: { 200: record({ subscribers: listOf(ref('Subscriber')) }) },
      refusals: ['ServiceNotFound'],
      examples: [{ name: 'of cart' }, NOBODY],
    },
  },
}
