export type { AuditSearch } from './search.ts'
export { AuditTrail, auditCursor } from './trail.ts'
export type { AuditFailure, AuditRecord } from './types.ts'
