import type { Words } from '@rollcall/protocol/words'
import type { Parameter } from './description.ts'
import type { Schema } from './schema.ts'
import { oneOf, text } from './schema.ts'

/** What the parts of paths mean. */
export const PATH_PARTS: Readonly<Record<string, Words>> = {
  project: [
    'Project of the tenant; its domain is in the header X-Domain-Name',
    '租户的项目；域名在请求头 X-Domain-Name 中',
  ],
  serviceId: ['Id of a service', '微服务 ID'],
  instanceId: ['Id of an instance', '实例 ID'],
  schemaId: ['Id of a contract', '契约 ID'],
  key: ['Key of a tag', '标签的键'],
  name: ['Name of an account or role', '账号或角色名'],
  environmentId: ['Id of an environment', '环境 ID'],
  kind: [
    'Kind of policies; GET with display shows groups with all of theirs',
    '策略类型；GET display 返回各分组及其全部策略',
  ],
  id: ['Id of a policy', '策略 ID'],
  globalTxId: ['Id of a transaction', '全局事务 ID'],
}

export const parameter = (about: Words, schema: Schema = text): Parameter => ({ about, schema })
export const required = (about: Words, schema: Schema = text): Parameter => ({ about, schema, isRequired: true })

export const ENVIRONMENT = parameter(['Environment; empty is one as well', '环境；空也是一个环境'], {
  ...text,
  pattern: '^(development|testing|acceptance|production)*$',
})
export const APP_REQUIRED = required(['Application', '应用'])
export const NAME_REQUIRED = required(['Name of the service', '微服务名'])
export const WITH_SHARED = parameter(
  ["1: the engine's own services too", '1：同时列出引擎自身的服务'],
  oneOf('', '0', '1', 'true', 'false'),
)
const PAGE_NUMBER: Schema = { ...text, pattern: '^([0-9]{1,9})?$' }
export const PAGE = {
  offset: parameter(['Number of elements to leave out', '跳过的元素个数'], PAGE_NUMBER),
  limit: parameter(['Number of elements to show', '返回的元素个数'], PAGE_NUMBER),
} as const
export const PAGE_HEADER = {
  'X-Total-Count': ['Number of all elements, when a part was asked for', '请求分页时的总数'],
} as const
export const REV = parameter([
  'Revision that the caller has: 304 when nothing changed',
  '调用方已有的版本号：未变化时返回 304',
])
export const REVISION_HEADER = {
  'X-Resource-Revision': ['Changes exactly when the answer does', '仅当结果变化时变化的版本号'],
} as const
export const TAGS = parameter([
  'Only providers with all these tags, with commas',
  '仅返回带有全部这些标签的提供者，逗号分隔',
])
export const CONSUMER = {
  'X-ConsumerId': parameter(['Service id of the caller', '调用方的微服务 ID']),
} as const
