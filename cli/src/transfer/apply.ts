import type { Client, InstanceStatus, KnownInstance, KnownService } from '@rollcall/client'
import { RollcallError } from '@rollcall/client'
import { keyOf } from './bundle.ts'
import type { Difference } from './difference.ts'
import { each } from './each.ts'

/** Single things that are sent at a time. */
const PARALLEL = 32
/** Instances of one request: each has at most 5 KiB, a body 2 MiB. */
const BATCH = 100
const BATCHES_AT_ONCE = 2

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
  await each(batchesOf(difference.newInstances), BATCHES_AT_ONCE, async (batch) => {
    await register(client, { ...withoutTimes(wanted.service), serviceId }, batch)
    for (const _ of batch) onDone()
  })
  await each(difference.changedInstances, PARALLEL, async ({ instanceId, status, properties = {} }) => {
    await instances.setStatus(serviceId, instanceId, status as InstanceStatus)
    await instances.updateProperties(serviceId, instanceId, properties)
    onDone()
  })
}

function* batchesOf(instances: readonly KnownInstance[]): Generator<readonly KnownInstance[]> {
  for (let at = 0; at < instances.length; at += BATCH) yield instances.slice(at, at + BATCH)
}

/** Registers many in one request; if that is refused, one by one, so that the refusal is about one of them. */
async function register(client: Client, service: KnownService, batch: readonly KnownInstance[]): Promise<void> {
  try {
    await client.services.create(service, { instances: batch.map(newInstanceOf) })
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error
    await each(batch, PARALLEL, (instance) => client.instances.register(service.serviceId, newInstanceOf(instance)))
  }
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
