import type { CreateService, RegisterInstance, RemoveServices } from '@rollcall/protocol/requests'
import type { RegistryView } from '../domain/registry/index.ts'
import { findExisting } from '../domain/registry/index.ts'
import { Failure } from '../kernel/failure.ts'
import { AUDIT_INSTANCES_SHOWN_MAX } from '../kernel/limits.ts'
import type { Audited, Call } from './call.ts'

/**
 * What changes of the registry leave in the audit log. Bodies come unchecked: what is missing in them is refused by the
 * handler.
 */

/** A change of the service of the path, or its end. */
export function ofService(action: string): Audited {
  return {
    action,
    resource: serviceId,
    state: (call, registry) => serviceState(registry, call.tenant, serviceId(call)),
  }
}

export const serviceMade: Audited = {
  action: 'service.create',
  resource: existingId,
  state: (call, registry, made) => serviceState(registry, call.tenant, made ?? existingId(call, registry)),
}

export const servicesRemoved: Audited = {
  action: 'service.delete',
  resource: (call) => removedIds(call).join(','),
  state: (call, registry) => {
    const known = removedIds(call).flatMap((id) => serviceState(registry, call.tenant, id) ?? [])
    return known.length === 0 ? undefined : `[${known.join(',')}]`
  },
}

/** A change of the tags of the service of the path. */
export function ofTags(action: string): Audited {
  return {
    action,
    resource: serviceId,
    state: (call, registry) => {
      const tags = registry.service(call.tenant, serviceId(call))?.tags
      return tags === undefined ? undefined : JSON.stringify(tags)
    },
  }
}

/** A change of the instance of the path, or its end. */
export function ofInstance(action: string): Audited {
  return {
    action,
    resource: ({ params }) => `${params.serviceId}/${params.instanceId}`,
    state: ({ tenant, params }, registry) =>
      registry.instance(tenant, params.serviceId ?? '', params.instanceId ?? '')?.text,
  }
}

/** The document stands in the registry as it is written here, so nothing is encoded again. */
export const instanceMade: Audited = {
  action: 'instance.register',
  resource: (call, _, made = askedInstanceId(call)) => (made === '' ? serviceId(call) : `${serviceId(call)}/${made}`),
  state: (call, registry, made = askedInstanceId(call)) =>
    made === '' ? undefined : registry.instance(call.tenant, serviceId(call), made)?.text,
  isFrequent: true,
}

/** What `read` gives, as JSON; undefined when there is no such thing. */
export function jsonOf(read: () => unknown): string | undefined {
  try {
    return JSON.stringify(read())
  } catch (refused) {
    if (refused instanceof Failure) return undefined
    throw refused
  }
}

function serviceState(registry: RegistryView, tenant: string, id: string): string | undefined {
  const service = registry.service(tenant, id)
  if (service === undefined) return undefined
  const { text, tags = {}, instances } = service
  const ids = JSON.stringify([...instances.keys()].slice(0, AUDIT_INSTANCES_SHOWN_MAX))
  return `{"service":${text},"tags":${JSON.stringify(tags)},"instanceCount":${instances.size},"instances":${ids}}`
}

function serviceId({ params }: Call): string {
  return params.serviceId ?? ''
}

/** The service that is there already. */
function existingId({ tenant, body }: Call, registry: RegistryView): string {
  const { service } = body as CreateService
  return service === undefined ? '' : (findExisting(registry, tenant, service)?.id ?? '')
}

function removedIds({ body }: Call): readonly string[] {
  const { serviceIds } = body as Partial<RemoveServices>
  return [...new Set(serviceIds ?? [])]
}

function askedInstanceId({ body }: Call): string {
  return (body as Partial<RegisterInstance>).instance?.instanceId ?? ''
}
