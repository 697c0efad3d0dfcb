import type { Transport } from './transport.ts'

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
  }
}
