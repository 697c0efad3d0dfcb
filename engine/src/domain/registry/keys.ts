import type { Microservice } from '@rollcall/protocol/documents'
import type { InstanceId, ServiceId, Tenant } from './types.ts'

/** Where services and instances live in the store: Service Center's etcd layout (its datasource/etcd/path). */
export const PREFIXES = {
  services: '/cse-sr/ms/files/',
  tags: '/cse-sr/ms/tags/',
  instances: '/cse-sr/inst/files/',
  environments: '/cse-sr/envs/',
} as const

/** Below the environments themselves; a domain of this name would be mistaken for it. */
export const ENVIRONMENT_NAMES = `${PREFIXES.environments}indexes/`

export const keys = {
  domain: (tenant: Tenant) => `/cse-sr/domains/${tenant.slice(0, tenant.lastIndexOf('/'))}`,
  project: (tenant: Tenant) => `/cse-sr/projects/${tenant}`,
  environment: (tenant: Tenant, id: string) => `${PREFIXES.environments}${tenant}/${id}`,
  environmentsOf: (tenant: Tenant) => `${PREFIXES.environments}${tenant}/`,
  environmentName: (tenant: Tenant, name: string, id: string) => `${ENVIRONMENT_NAMES}${tenant}/${name}/${id}`,
  servicesOf: (tenant: Tenant) => `${PREFIXES.services}${tenant}/`,
  service: (tenant: Tenant, id: ServiceId) => `${PREFIXES.services}${tenant}/${id}`,
  index: (tenant: Tenant, service: Microservice) =>
    `/cse-sr/ms/indexes/${tenant}/${versionPath(service, service.serviceName)}`,
  alias: (tenant: Tenant, service: Microservice) => `/cse-sr/ms/alias/${tenant}/${versionPath(service, service.alias)}`,
  tags: (tenant: Tenant, id: ServiceId) => `${PREFIXES.tags}${tenant}/${id}`,
  instance: (tenant: Tenant, id: ServiceId, instance: InstanceId) => `${PREFIXES.instances}${tenant}/${id}/${instance}`,
  instancesOf: (tenant: Tenant, id: ServiceId) => `${PREFIXES.instances}${tenant}/${id}/`,
  lease: (tenant: Tenant, id: ServiceId, instance: InstanceId) => `/cse-sr/inst/leases/${tenant}/${id}/${instance}`,
} as const

function versionPath(service: Microservice, name: string | undefined): string {
  return `${service.environment ?? ''}/${service.appId ?? ''}/${name ?? ''}/${service.version ?? ''}`
}

/** Splits `tenant/id`. A domain may hold slashes, an id never does, so the last slash parts them. */
export function splitLast(path: string): readonly [head: string, tail: string] {
  const at = path.lastIndexOf('/')
  return [path.slice(0, at), path.slice(at + 1)]
}
