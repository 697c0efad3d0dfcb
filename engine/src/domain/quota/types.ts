/** What a tenant may have only so many of. Schemas and tags are counted per service, the others per tenant. */
export type QuotaResource = 'service' | 'instance' | 'schema' | 'tag'

export const QUOTA_RESOURCES: readonly QuotaResource[] = ['service', 'instance', 'schema', 'tag']

export type Limits = Readonly<Record<QuotaResource, number>>

/** Refusals of this module. */
export type QuotaFailure = 'QuotaExceeded'

/** How much of a resource a tenant has; for resources counted per service, the most that one service has. */
export type Count = (tenant: string) => number

/** A resource's state, for operators. */
export interface QuotaState {
  readonly resource: QuotaResource
  readonly limit: number
  readonly used: number
  /** Whether 80 % are used, or more. */
  readonly warning: boolean
}
