import type { Group } from './description.ts'
import { DONE } from './description.ts'
import { ENVIRONMENT, PAGE, PAGE_HEADER, parameter, required, WITH_SHARED } from './parameters.ts'
import { CART } from './scene.ts'
import { listOf, mapOf, oneOf, record, ref, text } from './schema.ts'

const BASE = '/v4/:project/registry'
const ONE = `${BASE}/microservices/:serviceId`
const TAGS = `${ONE}/tags`

const NOBODY = { name: 'unknown service', params: { serviceId: 'nobody' }, refused: 'ServiceNotFound' } as const

const FORCE = parameter(
  ['1: although it has instances or consumers', '1：即使仍有实例或消费者也删除'],
  oneOf('', '0', '1', 'false', 'true'),
)

export const SERVICES: Group = {
  name: 'services',
  title: ['Services', '微服务'],
  rows: {
    [`GET ${BASE}/existence`]: {
      id: 'findServiceId',
      summary: ['Id of a service by name, or whether a contract is there', '按名称查询微服务 ID，或查询契约是否存在'],
      query: {
        type: required(['What is looked for', '查询的种类'], oneOf('microservice', 'schema')),
        env: ENVIRONMENT,
        appId: parameter(['Application, for type microservice', '应用（type 为 microservice 时）']),
        serviceName: parameter(['Name or alias, for type microservice', '名称或别名（type 为 microservice 时）']),
        version: parameter([
          'Version or version rule, for type microservice',
          '版本或版本规则（type 为 microservice 时）',
        ]),
        serviceId: parameter(['Service, for type schema', '微服务 ID（type 为 schema 时）']),
        schemaId: parameter(['Contract, for type schema', '契约 ID（type 为 schema 时）']),
      },
      answers: { 200: record({ serviceId: text, 'schemaId?': text }) },
      answerHeaders: { 'X-Schema-Summary': ['Summary of the contract', '契约摘要'] },
      refusals: ['ServiceNotFound', 'ServiceVersionNotFound', 'SchemaNotFound'],
      examples: [
        { name: 'service', query: { type: 'microservice', appId: 'shop', serviceName: 'cart', version: '1.0.0' } },
        { name: 'contract', query: { type: 'schema', serviceId: 'cart-1', schemaId: 'cart.api' } },
        {
          name: 'other version',
          query: { type: 'microservice', appId: 'shop', serviceName: 'cart', version: '2.0.0' },
          refused: 'ServiceVersionNotFound',
        },
        { name: 'unknown type', query: { type: 'weather' }, refused: 'InvalidParameters' },
      ],
    },
    [`POST ${BASE}/microservices`]: {
      id: 'createService',
      summary: [
        'Creates a version of a service, with tags and instances if wished',
        '创建一个微服务版本，可同时带标签和实例',
      ],
      answers: { 200: record({ serviceId: text }) },
      refusals: ['ServiceAlreadyExists', 'QuotaExceeded', 'QuotaUnavailable'],
      examples: [
        { name: 'smallest', body: { service: { serviceName: 'hello', version: '1.0.0' } } },
        {
          name: 'with instance',
          body: {
            service: { appId: 'shop', serviceName: 'till', version: '2.0.0', environment: 'testing' },
            tags: { zone: 'west' },
            instances: [{ hostName: 'host-b', endpoints: ['rest://10.0.0.2:8080'] }],
          },
        },
        {
          name: 'same name, other id',
          body: { service: { ...CART, serviceId: 'cart-2' } },
          refused: 'ServiceAlreadyExists',
        },
        { name: 'no name', body: { service: { version: '1.0.0' } }, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${BASE}/microservices`]: {
      id: 'listServices',
      summary: ['All services of the tenant', '租户的全部微服务'],
      query: { withShared: WITH_SHARED, ...PAGE },
      answers: { 200: record({ 'services?': listOf(ref('Microservice')) }) },
      answerHeaders: PAGE_HEADER,
      examples: [
        { name: 'all' },
        { name: 'first one', query: { offset: '0', limit: '1' } },
        { name: 'limit is no number', query: { limit: 'many' }, refused: 'InvalidParameters' },
      ],
    },
    [`DELETE ${BASE}/microservices`]: {
      id: 'deleteServices',
      summary: ['Deletes services, each on its own', '批量删除微服务，逐个处理'],
      query: { force: FORCE },
      answers: { 200: record({ services: listOf(record({ serviceId: text, 'errMessage?': text })) }) },
      examples: [
        { name: 'some fail', body: { serviceIds: ['web-1', 'nobody'], force: true } },
        { name: 'by force', query: { force: 'true' }, body: { serviceIds: ['web-1'] } },
        { name: 'none named', body: { serviceIds: [] }, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${ONE}`]: {
      id: 'getService',
      summary: ['One service', '查询一个微服务'],
      answers: { 200: record({ service: ref('Microservice') }) },
      refusals: ['ServiceNotFound'],
      examples: [{ name: 'by id' }, NOBODY],
    },
    [`DELETE ${ONE}`]: {
      id: 'deleteService',
      summary: ['Deletes a service', '删除一个微服务'],
      query: { force: FORCE },
      answers: DONE,
      refusals: ['ServiceNotFound', 'InstancesDeployed', 'ConsumersDepend'],
      examples: [{ name: 'by force', query: { force: '1' } }, { name: 'in use', refused: 'ConsumersDepend' }, NOBODY],
    },
    [`PUT ${ONE}/properties`]: {
      id: 'setServiceProperties',
      summary: ['Replaces the properties of a service', '替换微服务的属性'],
      answers: DONE,
      refusals: ['ServiceNotFound'],
      examples: [
        { name: 'one property', body: { properties: { team: 'till' } } },
        { name: 'no text', body: { properties: { team: 4 } }, refused: 'InvalidParameters' },
      ],
    },
    [`POST ${TAGS}`]: {
      id: 'addTags',
      summary: ['Adds tags to a service', '为微服务添加标签'],
      answers: DONE,
      refusals: ['ServiceNotFound', 'QuotaUnavailable'],
      examples: [
        { name: 'one tag', body: { tags: { color: 'green' } } },
        { name: 'begins with a digit', body: { tags: { '1st': 'green' } }, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${TAGS}`]: {
      id: 'getTags',
      summary: ['Tags of a service', '查询微服务的标签'],
      answers: { 200: record({ 'tags?': mapOf(text) }) },
      refusals: ['ServiceNotFound'],
      examples: [{ name: 'all' }, NOBODY],
    },
    [`PUT ${TAGS}/:key`]: {
      id: 'changeTag',
      summary: ['Changes the value of a tag', '修改一个标签的值'],
      query: { value: required(['The new value', '新的值']) },
      answers: DONE,
      refusals: ['ServiceNotFound', 'TagNotFound'],
      examples: [
        { name: 'new value', query: { value: 'west' } },
        { name: 'unknown tag', params: { key: 'weather' }, query: { value: 'fine' }, refused: 'TagNotFound' },
      ],
    },
    [`DELETE ${TAGS}/:key`]: {
      id: 'deleteTags',
      summary: ['Removes a tag, or several with commas', '删除一个或多个（逗号分隔）标签'],
      answers: DONE,
      refusals: ['ServiceNotFound', 'TagNotFound'],
      examples: [{ name: 'one tag' }, { name: 'unknown tag', params: { key: 'weather' }, refused: 'TagNotFound' }],
    },
  },
}
