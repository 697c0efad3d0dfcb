import type { MetricReport } from '@rollcall/protocol/metrics'
import type { BeatBatch, CreateService, DependencyBody, FindBatch, RemoveServices } from '@rollcall/protocol/requests'
import type { RegistryView } from '../domain/registry/index.ts'
import { isOwnName, namePath, OWN_APP } from '../domain/registry/index.ts'
import type { ReceivedReport } from '../domain/transactions/index.ts'
import type { Call, Touched } from './call.ts'

/** The services that requests touch, read from paths, queries and bodies. */

/** The service of the path. */
export function ofService({ tenant, params }: Call, registry: RegistryView): Touched[] {
  return byIds(registry, tenant, [params.serviceId])
}

/** The service of the path, and the one that it is compared with. */
export function ofComparison({ tenant, params, query }: Call, registry: RegistryView): Touched[] {
  return byIds(registry, tenant, [params.serviceId, query.get('with')])
}

/** The service of the path, and the consumer in whose name it is asked for. */
export function ofProvider({ tenant, params, consumerId }: Call, registry: RegistryView): Touched[] {
  return byIds(registry, tenant, [params.serviceId, consumerId])
}

/** The services found by name, and the consumer in whose name they are asked for. */
export function ofFind(call: Call, registry: RegistryView): Touched[] {
  const { query } = call
  const name = { environment: query.get('env'), appId: query.get('appId'), serviceName: query.get('serviceName') }
  return [...byIds(registry, call.tenant, [call.consumerId]), ...byName(call, registry, name)]
}

/** What existence asks for: by name, or for a contract by id. */
export function ofExistence(call: Call, registry: RegistryView): Touched[] {
  if (call.query.get('type') === 'schema') return byIds(registry, call.tenant, [call.query.get('serviceId')])
  return ofFind({ ...call, consumerId: '' }, registry)
}

export function ofFindBatch(call: Call, registry: RegistryView): Touched[] {
  const { services = [], instances = [] } = call.body as Partial<FindBatch>
  const ids = instances.map((element) => element?.instance?.serviceId)
  const named = services.flatMap((element) => {
    const { environment = '', appId = '', serviceName = '' } = element?.service ?? {}
    return byName(call, registry, { environment, appId, serviceName })
  })
  return [...byIds(registry, call.tenant, [call.consumerId, ...ids]), ...named]
}

export function ofBeatBatch({ tenant, body }: Call, registry: RegistryView): Touched[] {
  const { instances = [] } = body as BeatBatch
  return byIds(
    registry,
    tenant,
    instances.map((element) => element?.serviceId),
  )
}

export function ofRemovals({ tenant, body }: Call, registry: RegistryView): Touched[] {
  return byIds(registry, tenant, (body as Partial<RemoveServices>).serviceIds ?? [])
}

/** The service that is to be created, with the defaults it will have. */
export function ofCreation({ body }: Call): Touched[] {
  const { service } = body as CreateService
  if (service === undefined) return []
  const { environment = '', appId, serviceName = '' } = service
  return [{ environment, appId: appId || OWN_APP, serviceName }]
}

/** The consumers whose dependencies are declared. */
export function ofDeclarations({ body }: Call): Touched[] {
  const { dependencies = [] } = body as Partial<DependencyBody>
  return dependencies.map((element) => {
    const { environment = '', appId = '', serviceName = '' } = element?.consumer ?? {}
    return { environment, appId, serviceName }
  })
}

/** The service that a report of metrics is about, by name and by id. */
export function ofMetrics({ tenant, body }: Call, registry: RegistryView): Touched[] {
  const { environment, appId, name, serviceId } = body as MetricReport
  return [{ environment, appId, serviceName: name }, ...byIds(registry, tenant, [serviceId])]
}

/** The service that reports transactions, by name and by id. */
export function ofTransactions({ tenant, body }: Call, registry: RegistryView): Touched[] {
  const { environment = '', appId, serviceName, serviceId } = (body as ReceivedReport).report.head
  return [{ environment, appId, serviceName }, ...byIds(registry, tenant, [serviceId])]
}

function byIds(registry: RegistryView, tenant: string, ids: readonly (string | undefined)[]): Touched[] {
  return ids.flatMap((id) => {
    const record = id === undefined || id === '' ? undefined : registry.service(tenant, id)?.record
    return record === undefined ? [] : [labelsOf(record)]
  })
}

/**
 * The services behind a name or alias, as a find sees them: in the consumer's environment when there is one. When there
 * are none, the name itself. The engine's own services are for everybody.
 */
function byName(
  { tenant, consumerId }: Call,
  registry: RegistryView,
  asked: { readonly environment: string; readonly appId: string; readonly serviceName: string },
): Touched[] {
  if (isOwnName(tenant, asked.appId, asked.serviceName)) return []
  const consumer = consumerId === '' ? undefined : registry.service(tenant, consumerId)
  const name = consumer === undefined ? asked : { ...asked, environment: consumer.record.environment ?? '' }
  const path = namePath(name, name.serviceName)
  const group = registry.byName(tenant, path) ?? registry.byAlias(tenant, path)
  return group === undefined ? [name] : [...group.versions.values()].map(({ record }) => labelsOf(record))
}

/** What labels say about a service. */
function labelsOf({ environment = '', appId = '', serviceName = '' }: Touched): Touched {
  return { environment, appId, serviceName }
}
