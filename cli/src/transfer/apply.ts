import type { Client, InstanceStatus, KnownInstance } from '@rollcall/client'
import { keyOf } from './bundle.ts'
import type { Difference } from './difference.ts'
import { each } from './each.ts'

/** Instances and contracts that are sent at a time. */
const PARALLEL = 32

/**
 * Does what a difference says. Each step may be done again, so whoever is interrupted compares and applies anew.
 * @param onDone called for the service and for each instance
 */
export async function apply(client: Client, difference: Difference, onDone: () => void): Promise<void> {
  const { wanted, setsProperties, tags, allTags, contracts, providers } = difference
  const { services, relations, instances } = client
  const serviceId = difference.serviceId ?? (await services.create(withoutTimes(wanted.service)))
  if (setsProperties) await services.updateProperties(serviceId, wanted.service.properties ?? {})
  if (Object.keys(tags).length > 0) await relations.setTags(serviceId, allTags)
  await each(contracts, PARALLEL, (contract) => client.contracts.put(serviceId, contract))
  if (providers.length > 0) await client.declareDependencies(keyOf(wanted.service), providers)
  onDone()
  await each(difference.newInstances, PARALLEL, async (instance) => {
    await instances.register(serviceId, newInstanceOf(instance))
    onDone()
  })
  await each(difference.changedInstances, PARALLEL, async ({ instanceId, status, properties = {} }) => {
    await instances.setStatus(serviceId, instanceId, status as InstanceStatus)
    await instances.updateProperties(serviceId, instanceId, properties)
    onDone()
  })
}

function withoutTimes<Document extends { readonly timestamp?: string; readonly modTimestamp?: string }>(
  document: Document,
): Omit<Document, 'timestamp' | 'modTimestamp'> {
  const { timestamp: _, modTimestamp: __, ...rest } = document
  return rest
}

function newInstanceOf(instance: KnownInstance) {
  const { serviceId: _, version: __, drainingUntil: ___, hostName = '', ...rest } = withoutTimes(instance)
  return { ...rest, hostName }
}
