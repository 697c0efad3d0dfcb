import type { AuditEntry, AuditPage } from '@rollcall/protocol/audit'
import type { Transport } from './transport.ts'

/** What entries of the audit log are wanted; see docs/audit.md. */
export interface AuditFilters {
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly account?: string | undefined
  readonly address?: string | undefined
  readonly action?: string | undefined
  readonly resource?: string | undefined
  readonly result?: string | undefined
  readonly text?: string | undefined
}

/** How much of a resource a tenant has and may have. */
export interface Quota {
  readonly resource: string
  readonly limit: number
  readonly used: number
}

/** Something that was looked at, for operators. */
export interface Finding {
  /** What was looked at, for example `disk space`. */
  readonly check: string
  readonly level: 'ok' | 'warning' | 'problem'
  /** What was seen. */
  readonly message: string
  /** What to do about it; absent when there is nothing to do. */
  readonly remedy?: string
}

export interface Diagnosis {
  readonly time: number
  readonly findings: readonly Finding[]
}

/** Calls of operators. All reject with RollcallError or ConnectionError; a Service Center has few of them. */
export interface Operations {
  quotas(): Promise<readonly Quota[]>
  /** Sets limits by resource; what is not named stays. */
  setQuotas(limits: Readonly<Record<string, number>>): Promise<void>
  /**
   * Everything that the engine keeps, as sealed lines (`@rollcall/protocol/sealed-lines`).
   * @param options journal: with metrics and transactions of the past
   */
  backup(options?: { readonly journal?: boolean }): Promise<AsyncIterable<Uint8Array>>
  /** What the engine finds when it looks at itself, and what time it is there, ms since the epoch. */
  diagnosis(): Promise<Diagnosis>
  /** Entries of the audit log, the latest first, asked for page by page as they are taken. */
  audit(filters?: AuditFilters): AsyncIterable<AuditEntry>
}

export function operationCalls(transport: Transport): Operations {
  const api = 'admin'
  return {
    async quotas() {
      const { body } = await transport.send({ method: 'GET', api, path: ['quotas'] })
      return (body as { quotas?: readonly Quota[] }).quotas ?? []
    },
    async setQuotas(limits) {
      const quotas = Object.entries(limits).map(([resource, limit]) => ({ resource, limit }))
      await transport.send({ method: 'PUT', api, path: ['quotas'], body: { quotas } })
    },
    async backup({ journal = false } = {}) {
      return transport.open({ method: 'GET', api, path: ['backup'], query: journal ? { journal: '1' } : {} })
    },
    async diagnosis() {
      const { body } = await transport.send({ method: 'GET', api, path: ['diagnosis'] })
      return body as Diagnosis
    },
    async *audit(filters = {}) {
      let cursor: string | undefined
      do {
        const { body } = await transport.send({ method: 'GET', api, path: ['audit'], query: { ...filters, cursor } })
        const page = body as AuditPage
        yield* page.entries
        cursor = page.nextCursor
      } while (cursor !== undefined)
    },
  }
}
