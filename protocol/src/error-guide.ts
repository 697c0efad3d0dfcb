import { ACCESS_GUIDE } from './error-guide-access.ts'
import { REGISTRY_GUIDE } from './error-guide-registry.ts'
import type { ErrorName, ErrorRow, MonitoringErrorName } from './errors.ts'
import { ERRORS, MONITORING_ERRORS } from './errors.ts'
import type { ErrorGuide } from './words.ts'

const MONITORING_GUIDE = {
  MetricInvalid: {
    meaning: ['A report of metrics breaks a rule; nothing of it was taken.', '监控数据不符合规则，全部未被接收。'],
    causes: [
      ['name, appId, version or instance is missing', '缺少 name、appId、version 或 instance'],
      ['a number is none, or the body is larger than 1 MiB', '数值有误，或请求体超过 1 MiB'],
    ],
    remedy: ['Read `detail`: it names the member and the rule.', '查看 `detail`：其中写明成员与规则。'],
  },
  TransactionHeadInvalid: {
    meaning: [
      'A report of transactions has no sound head, or too many entries; nothing of it was taken.',
      '事务上报的头部有误或条目过多，全部未被接收。',
    ],
    causes: [
      ['head, head.appId or head.serviceName is missing', '缺少 head、head.appId 或 head.serviceName'],
      ['more than 1000 entries in one list', '一个列表超过 1000 条'],
    ],
    remedy: ['Read `detail`; send long lists in parts.', '查看 `detail`；长列表请分批上报。'],
  },
  TransactionInfoInvalid: {
    meaning: [
      'An entry of a report of transactions is not sound; nothing of the report was taken.',
      '事务条目有误，整个上报未被接收。',
    ],
    causes: [
      ['globalTxId or status is missing, or the entry is null', '缺少 globalTxId 或 status，或条目为 null'],
      ['an entry is larger than 64 KiB', '条目超过 64 KiB'],
      ['what is in flight fills the room (transactions.maxBytes)', '进行中的事务占满空间（transactions.maxBytes）'],
    ],
    remedy: ['Read `detail`: it names the entry.', '查看 `detail`：其中写明条目。'],
  },
  TransactionNotExists: {
    meaning: ['No transaction with this id is known.', '没有此 ID 的事务。'],
    causes: [
      [
        'it ended longer ago than transactions.retentionHours, or was never reported',
        '已超过 transactions.retentionHours，或从未上报',
      ],
    ],
    remedy: ['Look for it in the list of transactions.', '在事务列表中查找。'],
  },
  BodyUndecodable: {
    meaning: ['The body is not JSON.', '请求体不是 JSON。'],
    causes: [['an empty body, or one that was cut off', '请求体为空或被截断']],
    remedy: ['The text names line and column of the fault.', '错误文本写明行和列。'],
  },
} as const satisfies Readonly<Record<MonitoringErrorName, ErrorGuide>>

/** Any error, by name. */
export type AnyErrorName = ErrorName | MonitoringErrorName

const ROWS: Readonly<Record<AnyErrorName, ErrorRow>> = { ...ERRORS, ...MONITORING_ERRORS }

const ACCESS_AND_REGISTRY = { ...REGISTRY_GUIDE, ...ACCESS_GUIDE } satisfies Readonly<Record<ErrorName, ErrorGuide>>

/** What each error means and what to do about it. An error without a guide does not compile. */
const GUIDE: Readonly<Record<AnyErrorName, ErrorGuide>> = { ...ACCESS_AND_REGISTRY, ...MONITORING_GUIDE }

/** One error with everything that is known of it. */
export interface CatalogueEntry extends ErrorRow, ErrorGuide {
  readonly name: AnyErrorName
}

/** All errors, in the order of their codes as declared. */
export const CATALOGUE: readonly CatalogueEntry[] = (Object.keys(ROWS) as AnyErrorName[]).map((name) => {
  return { name, ...ROWS[name], ...GUIDE[name] }
})
