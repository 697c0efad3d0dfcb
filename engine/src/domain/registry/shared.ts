import type { Microservice } from '@rollcall/protocol/documents'
import type { Tenant } from './types.ts'

/** The tenant in which the engine's own services live. */
export const OWN_TENANT: Tenant = 'default/default'
export const OWN_APP = 'default'
/** The environment they are registered in; finds from any other reach them all the same. */
export const OWN_ENVIRONMENT = 'development'

/** Names under which clients look for engines (java-chassis, Spring Cloud Huawei, go-chassis, Sermant). */
const OWN_NAMES: ReadonlySet<string> = new Set(['SERVICECENTER', 'CseMonitoring'])

/** Whether this name is looked up among the engine's own services first, whatever the environment of who asks. */
export function isOwnName(tenant: Tenant, appId: string | undefined, serviceName: string | undefined): boolean {
  return tenant === OWN_TENANT && appId === OWN_APP && serviceName !== undefined && OWN_NAMES.has(serviceName)
}

/** Whether this is one of the engine's own services: visible from every environment, not listed, not removable. */
export function isOwnService(
  tenant: Tenant,
  { environment, appId, serviceName }: Pick<Microservice, 'environment' | 'appId' | 'serviceName'>,
): boolean {
  return environment === OWN_ENVIRONMENT && isOwnName(tenant, appId, serviceName)
}
