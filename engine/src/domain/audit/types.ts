/** What came of one request that was to change something. */
export interface AuditRecord {
  readonly account: string
  readonly address: string
  readonly agent: string
  readonly action: string
  readonly tenant: string
  readonly resource: string
  /** `ok`, or the code of the error. */
  readonly result: string
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
