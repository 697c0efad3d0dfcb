/** One entry of the audit log: a request that was to change something, and what came of it. */
export interface AuditEntry {
  /** Its place in the log. */
  readonly id: string
  /** When it was answered, ISO 8601 in UTC with milliseconds. */
  readonly time: string
  /** Who asked; for sign-ins the name that was given. Empty: nobody who is known. */
  readonly account: string
  /** Where the request came from. */
  readonly address: string
  /** `User-Agent`, as sent. */
  readonly agent: string
  /** What was to be done, `noun.verb`. */
  readonly action: string
  /** `domain/project`; empty outside all tenants. */
  readonly tenant: string
  /** Id or name of what was to be changed; several with commas. */
  readonly resource: string
  /** `ok`, or the code of the error. */
  readonly result: string
  /** Why it was refused. */
  readonly detail?: string
  /** How it was before and after, secrets masked; absent where there is nothing to show. */
  readonly before?: unknown
  readonly after?: unknown
}

/** Some entries, the latest first. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[]
  /** Where the next page begins; absent at the end. A page may be short, even empty, and still have one. */
  readonly nextCursor?: string
}
