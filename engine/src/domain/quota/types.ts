import type { MaybePromise } from '../../storage/store.ts'

/**
 * What there may be only so many of. Schemas and tags are counted per service, accounts and roles over all tenants, the
 * others per tenant.
 */
export type QuotaResource = 'service' | 'instance' | 'schema' | 'tag' | 'account' | 'role'

export const QUOTA_RESOURCES: readonly QuotaResource[] = ['service', 'instance', 'schema', 'tag', 'account', 'role']

/** What all tenants share. */
export const SHARED_RESOURCES = ['account', 'role'] as const satisfies readonly QuotaResource[]

export type Limits = Readonly<Record<QuotaResource, number>>

/** Refusals of this module. */
export type QuotaFailure = 'QuotaExceeded' | 'QuotaUnavailable' | 'Forbidden'

/**
 * How much of a resource a tenant has; for resources counted per service, the most that one service has. Asked with
 * every write, so it must be a look at a number.
 */
export type Count = (tenant: string) => number

export type Counts = Readonly<Record<QuotaResource, Count>>

/** Says what tenants may have. Declared here; what asks over the network is provided by engine.ts. */
export interface LimitSource {
  /** At once when they are at hand. @throws QuotaUnavailable (or rejects with it) */
  limits(tenant: string): MaybePromise<Limits>
  /** The same, where they are the engine's own. */
  stored?(tenant: string): Limits
  /** Sets limits of one tenant for good; resources that are not named keep theirs. @throws Forbidden */
  set(tenant: string, limits: Partial<Limits>): Promise<void>
}

/** What a tenant may have at the moment. A writer asks for it once, and then decides without waiting. */
export interface Allowance {
  readonly tenant: string
  readonly limits: Limits
}

/** A resource's state, for operators. */
export interface QuotaState {
  readonly resource: QuotaResource
  readonly limit: number
  readonly used: number
  /** Whether 80 % are used, or more. */
  readonly warning: boolean
}
