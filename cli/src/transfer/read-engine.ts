import type { Client, KnownService } from '@rollcall/client'
import { isRefusal } from '@rollcall/client'
import { pathOf } from '../select.ts'
import { type Bundle, isInScope, keyOf, type Scope } from './bundle.ts'
import { type Difference, differenceOf } from './difference.ts'
import { mapAhead } from './each.ts'

/** Services that are asked for at a time. */
const PARALLEL = 8
/** How the engine and Service Center are registered in themselves: each makes its own entry. */
const OWN_SERVICE = 'SERVICECENTER'

/** What is there and is meant, in the order of paths. */
export async function servicesIn(client: Client, scope: Scope): Promise<readonly KnownService[]> {
  const all = await client.services.list()
  return all
    .filter((service) => service.serviceName !== OWN_SERVICE && isInScope(scope, service))
    .sort((one, other) => (pathOf(one) < pathOf(other) ? -1 : 1))
}

/** What belongs to each service. Those that were deleted in the meantime are left out. */
export async function* bundlesOf(client: Client, services: readonly KnownService[]): AsyncGenerator<Bundle> {
  for await (const bundle of mapAhead(services, PARALLEL, (service) => bundleOf(client, service))) {
    if (bundle !== undefined) yield bundle
  }
}

/** What belongs to a service; undefined when it is not there any more. */
async function bundleOf(client: Client, service: KnownService): Promise<Bundle | undefined> {
  const { serviceId } = service
  const { contracts, relations, instances } = client
  try {
    const [kept, tags, providers, living] = await Promise.all([
      contracts.list(serviceId, { withContent: true }),
      relations.tagsOf(serviceId),
      relations.providersOf(serviceId),
      instances.list(serviceId),
    ])
    const withContent = kept.filter(({ schema }) => Boolean(schema))
    return { service, tags, contracts: withContent, providers: providers.map(keyOf), instances: living }
  } catch (error) {
    if (isRefusal(error, 'ServiceNotFound')) return undefined
    throw error
  }
}

/** What would have to be done so that a bundle is there. @param known the service there, if there is one of its path */
export async function compare(client: Client, wanted: Bundle, known: KnownService | undefined): Promise<Difference> {
  return differenceOf(wanted, known === undefined ? undefined : await bundleOf(client, known))
}
