import type { Contract, KnownInstance, KnownService, ServiceKey } from '@rollcall/client'

/** One version of a service with everything that belongs to it: what is exported and imported. */
export interface Bundle {
  readonly service: KnownService
  readonly tags: Readonly<Record<string, string>>
  readonly contracts: readonly Contract[]
  /** The services that it uses. */
  readonly providers: readonly ServiceKey[]
  readonly instances: readonly KnownInstance[]
}

/** Which services are meant; absent: all of the tenant. */
export interface Scope {
  readonly app?: string
  readonly environment?: string
}

/** Whether a service is meant. */
export function isInScope({ app, environment }: Scope, service: KnownService): boolean {
  return (
    (app === undefined || service.appId === app) &&
    (environment === undefined || (service.environment ?? '') === environment)
  )
}

/** How a service is named by others. */
export function keyOf({ environment, appId, serviceName, version }: KnownService): ServiceKey {
  return { ...(environment ? { environment } : {}), appId, serviceName, version }
}
