import type { AuditEntry } from '@rollcall/protocol/audit'

/** What came of one request that was to change something, before it has a place in the log. */
export interface AuditRecord extends Omit<AuditEntry, 'id' | 'time' | 'detail' | 'before' | 'after'> {
  readonly detail?: string | undefined
  /** JSON texts, secrets and all: the trail masks them. */
  readonly before?: string | undefined
  readonly after?: string | undefined
}

/** How long the trail is kept. */
export interface AuditLimits {
  readonly retentionDays: number
  /** Of what was changed; of refused requests a quarter of it is kept besides. */
  readonly maxMegabytes: number
}

/** Refusals of this module. */
export type AuditFailure = 'InvalidParameters'
