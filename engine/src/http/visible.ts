import type { Target } from '../domain/auth/index.ts'
import { isWithin, reachOf } from '../domain/auth/index.ts'
import type { Sources } from '../domain/governance/index.ts'
import type { KnownService, Tenant } from '../domain/registry/index.ts'
import type { Call } from './call.ts'

/** A service, or a whole tenant, as labels see it. Outside all tenants there is nothing to see. */
export function targetOf(tenant: Tenant, service?: KnownService): Target {
  if (tenant === '') return {}
  const slash = tenant.lastIndexOf('/')
  const place = { domain: tenant.slice(0, slash), project: tenant.slice(slash + 1) }
  if (service === undefined) return place
  const { environment = '', appId = '', serviceName = '' } = service.record
  return { ...place, environment, appId, serviceName }
}

/** Those services that the caller may see. */
export function visible<Service extends KnownService>(
  { principal }: Call,
  services: readonly Service[],
): readonly Service[] {
  const reach = reachOf(principal, 'service', 'get')
  return reach === 'all' ? services : services.filter((service) => isWithin(reach, targetOf(service.tenant, service)))
}

/** What pictures are drawn from, as far as the caller may see it: relations and contracts need permissions of their own. */
export function visibleSources(call: Call, sources: Sources): Sources {
  const reach = reachOf(call.principal, 'service/schema', 'get')
  if (reach === 'all' && reachOf(call.principal, 'service', 'get') === 'all') return sources
  const { registry, contracts, dependencies } = sources
  return {
    registry,
    contracts: {
      list: async (tenant, id, withContent) => {
        const service = registry.service(tenant, id)
        const isShown = service !== undefined && isWithin(reach, targetOf(tenant, service))
        return isShown ? contracts.list(tenant, id, withContent) : []
      },
    },
    dependencies: {
      providersOf: (service) => [...visible(call, dependencies.providersOf(service))],
      consumersOf: (service) => [...visible(call, dependencies.consumersOf(service))],
    },
  }
}
