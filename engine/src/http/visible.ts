import type { Target } from '../domain/auth/index.ts'
import { isWithin, reachOf } from '../domain/auth/index.ts'
import type { Sources } from '../domain/governance/index.ts'
import type { KnownService, Tenant } from '../domain/registry/index.ts'
import { Pace } from '../kernel/pace.ts'
import type { MaybePromise } from '../storage/store.ts'
import type { Call, Touched } from './call.ts'

/** A service, or a whole tenant, as labels see it. Outside all tenants there is nothing to see. */
export function targetOf(tenant: Tenant, service?: KnownService): Target {
  if (tenant === '') return {}
  const slash = tenant.lastIndexOf('/')
  const place = { domain: tenant.slice(0, slash), project: tenant.slice(slash + 1) }
  if (service === undefined) return place
  const { environment = '', appId = '', serviceName = '' } = service.record
  return { ...place, environment, appId, serviceName }
}

/** Which services of a tenant somebody may see who may not see all. */
export interface Sight {
  readonly sees: (service: Touched) => boolean
  /** The same for everybody who sees the same. */
  readonly key: string
}

/** What the caller may see of his tenant; undefined: everything. */
export function sightOf({ principal, tenant }: Pick<Call, 'principal' | 'tenant'>): Sight | undefined {
  const reach = reachOf(principal, 'service', 'get')
  if (reach === 'all') return undefined
  const place = targetOf(tenant)
  return {
    sees: ({ environment = '', appId = '', serviceName = '' }) =>
      isWithin(reach, { ...place, environment, appId, serviceName }),
    key: JSON.stringify([tenant, reach]),
  }
}

/** Those of a whole tenant's services that the caller may see; looks at many of them in turns, so that nobody waits. */
export function visibleOfTenant<Service extends KnownService>(
  call: Call,
  services: readonly Service[],
): MaybePromise<readonly Service[]> {
  const reach = reachOf(call.principal, 'service', 'get')
  if (reach === 'all' || reach === undefined) return reach === 'all' ? services : []
  return pacedFilter(services, (service) => isWithin(reach, targetOf(service.tenant, service)))
}

async function pacedFilter<Item>(items: readonly Item[], isWanted: (item: Item) => boolean): Promise<readonly Item[]> {
  const pace = new Pace()
  const found: Item[] = []
  for (const item of items) {
    const pause = pace.step()
    if (pause !== undefined) await pause
    if (isWanted(item)) found.push(item)
  }
  return found
}

/** Those of a few services that the caller may see. */
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
