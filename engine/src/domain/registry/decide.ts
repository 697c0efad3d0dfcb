import type { Instance, Microservice } from '@rollcall/protocol/documents'
import { INSTANCE, MICROSERVICE } from '@rollcall/protocol/documents'
import { encodeMap, encodeObject } from '@rollcall/protocol/encode'
import { fail } from '../../kernel/failure.ts'
import { sha1 } from '../../kernel/ids.ts'
import { TENANT_PART_LENGTH_MAX } from '../../kernel/limits.ts'
import type { Plan } from '../../storage/commit.ts'
import { unchanged } from '../../storage/commit.ts'
import type { Guard, LeaseId, Write } from '../../storage/store.ts'
import { completeService, naturalKey } from './defaults.ts'
import { keys } from './keys.ts'
import { namePath } from './name-group.ts'
import { isOwnService } from './shared.ts'
import type { InstanceNode, KnownService, RegistryFailure, ServiceId, Tenant } from './types.ts'
import type { RegistryView } from './view.ts'

/** What the registry must know about use. Declared here, provided by the dependency module, wired in engine.ts. */
export interface Usage {
  /** Whether another service depends on any version of this one's name. */
  isUsedByOthers(service: KnownService): boolean
}

/** What services know of the places where they may be. */
export interface Places {
  /** What must stay true while a service is created there. @throws InvalidParameters when the place does not exist */
  guards(tenant: Tenant, environment: string): Guard[]
}

/** Part of a plan: conditions and writes that go together. */
export interface PlanPart {
  readonly guards: Guard[]
  readonly writes: Write[]
}

/** A module that keeps things which belong to a service. Declared here, wired in engine.ts. */
export interface Companion {
  /** What to guard and to write so that they go with the service. `since`: revision that the decision is based on. */
  withdrawal(service: KnownService, circumstances: { readonly lastVersion: boolean; readonly since: number }): PlanPart
}

/** Everything that one creation brings along. */
export interface NewService {
  readonly service: Microservice
  readonly tags: Readonly<Record<string, string>> | undefined
}

/** Id of an existing service with this name and version, or of the one that owns its alias. */
export function findExisting(view: RegistryView, tenant: Tenant, asked: Microservice): KnownService | undefined {
  const key = naturalKey(asked)
  const version = key.version ?? ''
  const named = view.byName(tenant, namePath(key, key.serviceName))?.versions.get(version)
  if (named !== undefined || !key.alias) return named
  return view.byAlias(tenant, namePath(key, key.alias))?.versions.get(version)
}

/** Creates a service, or answers the one that is there; tags of the request are set either way. */
export function decideCreation(
  view: RegistryView,
  tenant: Tenant,
  { asked, seconds }: { readonly asked: NewService; readonly seconds: string },
): Plan<Microservice> {
  const { service, tags } = asked
  const existing = findExisting(view, tenant, service)
  if (service.serviceId) {
    const holder = view.service(tenant, service.serviceId)
    if ((existing ?? holder) !== undefined && existing?.id !== service.serviceId) {
      fail<RegistryFailure>('ServiceAlreadyExists', 'ServiceID conflict or found the same service with different id.')
    }
  }
  if (existing !== undefined) {
    if (tags === undefined) return unchanged(existing.record)
    const guards = [{ key: keys.service(tenant, existing.id), revision: existing.revision }]
    return { guards, writes: [tagsWrite(tenant, existing.id, tags)], result: existing.record }
  }
  const plan = creation(tenant, asked, seconds)
  return view.hasTenant(tenant) ? plan : { ...plan, writes: [...plan.writes, ...tenantWrites(tenant)] }
}

function creation(tenant: Tenant, { service, tags }: NewService, seconds: string): Plan<Microservice> {
  checkKeyParts(service)
  const id = service.serviceId || sha1(keys.index(tenant, naturalKey(service)))
  const record = completeService(service, id, seconds)
  const writes: Write[] = [
    { key: keys.service(tenant, id), value: encodeObject(MICROSERVICE, record) },
    { key: keys.index(tenant, record), value: id },
  ]
  if (record.alias) writes.push({ key: keys.alias(tenant, record), value: id })
  const guards = writes.map(({ key }) => ({ key, revision: 0 }))
  if (tags !== undefined) writes.push(tagsWrite(tenant, id, tags))
  return { guards, writes, result: record }
}

/** The records by which Service Center lists domains and projects; written with the first service of a tenant. */
function tenantWrites(tenant: Tenant): Write[] {
  return [
    { key: keys.domain(tenant), value: '' },
    { key: keys.project(tenant), value: '' },
  ]
}

/** Refuses texts that the patterns let through but that cannot be part of a key in the store. */
function checkKeyParts({ serviceId = '', environment = '' }: Microservice): void {
  if (serviceId.includes('/')) {
    fail<RegistryFailure>(
      'InvalidParameters',
      `field 'MicroService.ServiceId' invalid value '${serviceId}': it must not hold a slash`,
    )
  }
  if (environment.length > TENANT_PART_LENGTH_MAX) {
    fail<RegistryFailure>(
      'InvalidParameters',
      `field 'MicroService.Environment' is longer than ${TENANT_PART_LENGTH_MAX} characters`,
    )
  }
}

/** Replaces all tags of a service by what `change` makes of them. */
export function decideTags(
  service: KnownService,
  change: (tags: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
): Plan<void> {
  const guards = [
    { key: keys.service(service.tenant, service.id), revision: service.revision },
    { key: keys.tags(service.tenant, service.id), revision: service.tagsRevision },
  ]
  return { guards, writes: [tagsWrite(service.tenant, service.id, change(service.tags ?? {}))], result: undefined }
}

function tagsWrite(tenant: Tenant, id: ServiceId, tags: Readonly<Record<string, string>>): Write {
  return { key: keys.tags(tenant, id), value: encodeMap(tags) }
}

/** Changes members of a service's document, for modules that keep something in it. */
export function serviceChange(service: KnownService, change: Partial<Microservice>): PlanPart {
  const key = keys.service(service.tenant, service.id)
  const value = encodeObject(MICROSERVICE, { ...service.record, ...change })
  return { guards: [{ key, revision: service.revision }], writes: value === service.text ? [] : [{ key, value }] }
}

/** Replaces the properties of a service. */
export function decideServiceProperties(
  service: KnownService,
  properties: Readonly<Record<string, string>>,
  seconds: string,
): Plan<void> {
  const value = encodeObject(MICROSERVICE, { ...service.record, properties, modTimestamp: seconds })
  return replacement(keys.service(service.tenant, service.id), service, value)
}

/** Removes a service with everything that hangs on it; not forced, only if nothing uses it and nothing runs. */
export function decideRemoval(
  view: RegistryView,
  { usage, companions }: { readonly usage: Usage; readonly companions: readonly Companion[] },
  { service, force, since }: { readonly service: KnownService; readonly force: boolean; readonly since: number },
): Plan<readonly LeaseId[]> {
  const { tenant, id, record } = service
  if (isOwnService(tenant, record)) {
    fail<RegistryFailure>('InvalidParameters', 'not allow to delete service center')
  }
  if (!force && usage.isUsedByOthers(service)) {
    fail<RegistryFailure>('ConsumersDepend', 'Can not delete this service, other service rely it.')
  }
  if (!force && service.instances.size > 0) {
    fail<RegistryFailure>('InstancesDeployed', 'Can not delete the service deployed instance(s).')
  }
  const versions = view.byName(tenant, namePath(record, record.serviceName))?.versions.size ?? 0
  const withdrawals = companions.map((companion) =>
    companion.withdrawal(service, { lastVersion: versions <= 1, since }),
  )
  const instances = [...service.instances.values()]
  const writes: Write[] = [
    // Instances go before their service: who hears of their end must still learn whose they were.
    ...instances.map((instance) => ({ key: keys.instance(tenant, id, instance.id) })),
    ...instances.map((instance) => ({ key: keys.lease(tenant, id, instance.id) })),
    ...withdrawals.flatMap(({ writes: others }) => others),
    { key: keys.service(tenant, id) },
    { key: keys.index(tenant, record) },
    { key: keys.tags(tenant, id) },
  ]
  if (record.alias) writes.push({ key: keys.alias(tenant, record) })
  const guards: Guard[] = [
    { key: keys.service(tenant, id), revision: service.revision },
    { prefix: keys.instancesOf(tenant, id), since },
    ...withdrawals.flatMap(({ guards: others }) => others),
  ]
  return { guards, writes, result: instances.flatMap(({ lease }) => (lease === undefined ? [] : [lease])) }
}

/** Stores new instances of a service that must stay as it is while that happens. */
export function registrationWrites(
  tenant: Tenant,
  serviceId: ServiceId,
  instances: readonly { readonly record: Instance; readonly lease: LeaseId }[],
): { readonly guards: Guard[]; readonly writes: Write[] } {
  const writes: Write[] = []
  const guards: Guard[] = []
  for (const { record, lease } of instances) {
    const id = record.instanceId ?? ''
    const key = keys.instance(tenant, serviceId, id)
    guards.push({ key, revision: 0 })
    writes.push({ key, value: encodeObject(INSTANCE, record), lease })
    writes.push({ key: keys.lease(tenant, serviceId, id), value: lease, lease })
  }
  return { guards, writes }
}

/** Changes members of an instance; nothing is written when nothing would be different. */
export function decideInstanceChange(instance: InstanceNode, change: Partial<Instance>): Plan<void> {
  const value = encodeObject(INSTANCE, { ...(JSON.parse(instance.text) as Instance), ...change })
  const key = keys.instance(instance.service.tenant, instance.service.id, instance.id)
  return replacement(key, instance, value)
}

/** Removes an instance, if it is still as it was seen; answers the lease that nothing hangs on afterwards. */
export function decideInstanceRemoval({ service, id, revision, lease }: InstanceNode): Plan<LeaseId | undefined> {
  const key = keys.instance(service.tenant, service.id, id)
  const writes = [{ key }, { key: keys.lease(service.tenant, service.id, id) }]
  return { guards: [{ key, revision }], writes, result: lease }
}

function replacement(
  key: string,
  before: { readonly text: string; readonly revision: number; readonly lease?: LeaseId | undefined },
  value: string,
): Plan<void> {
  if (value === before.text) return unchanged(undefined)
  const write: Write = before.lease === undefined ? { key, value } : { key, value, lease: before.lease }
  return { guards: [{ key, revision: before.revision }], writes: [write], result: undefined }
}
