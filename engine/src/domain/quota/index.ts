export type { Hold } from './quotas.ts'
export { Quotas } from './quotas.ts'
export type { QuotaFailure } from './types.ts'
export { QuotaView } from './view.ts'
