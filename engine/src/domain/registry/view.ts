import type { Microservice } from '@rollcall/protocol/documents'
import { watchKey } from '@rollcall/protocol/watch'
import type { Clock } from '../../kernel/clock.ts'
import type { Change, Fold, LeaseId } from '../../storage/store.ts'
import { listInstances } from './answers.ts'
import { drainingUntilOf, eventOf } from './instance-events.ts'
import { PREFIXES, splitLast } from './keys.ts'
import { ALL, KeptAnswers, keep, type NameGroup, namePath } from './name-group.ts'
import { OrderedMap } from './ordered-map.ts'
import { TenantCounts, tagsOf } from './tenant-counts.ts'
import type {
  InstanceEvent,
  InstanceId,
  InstanceList,
  InstanceNode,
  KnownService,
  ServiceId,
  ServiceNode,
  Tenant,
} from './types.ts'

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }
type Service = Omit<Writable<ServiceNode>, 'instances'> & {
  readonly instances: Map<InstanceId, InstanceNode>
  /** Where it is indexed: under its name, and under its alias if it has one. */
  groups: readonly NameGroup[]
}

interface TenantNode {
  readonly counts: TenantCounts
  /** Moves with every change of a service's document. */
  version: number
  readonly services: OrderedMap<Service>
  /** All whose document is known, by id; made when somebody asks and dropped when one comes or goes. */
  known: readonly KnownService[] | undefined
  readonly names: Map<string, NameGroup>
  readonly aliases: Map<string, NameGroup>
}

const NOTHING = emptyTenant()

/** What exists, as the store says it, indexed the way requests ask. Every read is synchronous. */
export class RegistryView implements Fold {
  readonly prefixes = [PREFIXES.services, PREFIXES.tags, PREFIXES.instances]
  /** How much memory the answers to finds take that are kept. */
  readonly kept = { bytes: 0 }
  readonly #clock: Clock
  readonly #tenants = new Map<Tenant, TenantNode>()
  readonly #leases = new Map<LeaseId, InstanceNode>()
  readonly #draining = new Set<InstanceNode>()
  #version = 0
  readonly #listeners: ((event: InstanceEvent) => void)[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `listener` for every change of an instance, in commit order, after it became visible. */
  onInstance(listener: (event: InstanceEvent) => void): void {
    this.#listeners.push(listener)
  }

  /** Tenants in which anything exists. */
  tenants(): Iterable<Tenant> {
    return this.#tenants.keys()
  }

  /** Whether anything exists in the tenant. */
  hasTenant(tenant: Tenant): boolean {
    return this.#tenants.has(tenant)
  }

  /** Number of services in the tenant, without the engine's own. */
  serviceCount(tenant: Tenant): number {
    return this.#tenant(tenant).counts.services
  }

  /** Number of instances of these services. */
  instanceCount(tenant: Tenant): number {
    return this.#tenant(tenant).counts.instances
  }

  /** How much the tenant has of all that is counted. */
  counts(tenant: Tenant): TenantCounts {
    return this.#tenant(tenant).counts
  }

  service(tenant: Tenant, id: ServiceId): KnownService | undefined {
    const service = this.#tenant(tenant).services.get(id)
    return isKnown(service) ? service : undefined
  }

  /** All services of a tenant as they are now, by id. */
  services(tenant: Tenant): readonly KnownService[] {
    const home = this.#tenant(tenant)
    home.known ??= home.services.values().filter((service) => isKnown(service))
    return home.known
  }

  /** A number that changes whenever the document of a service of the tenant does, or one comes or goes. */
  servicesVersion(tenant: Tenant): number {
    return this.#tenant(tenant).version
  }

  instance(tenant: Tenant, service: ServiceId, instance: InstanceId): InstanceNode | undefined {
    return this.#tenant(tenant).services.get(service)?.instances.get(instance)
  }

  instanceOfLease(lease: LeaseId): InstanceNode | undefined {
    return this.#leases.get(lease)
  }

  /** @param path `environment/appId/serviceName` */
  byName(tenant: Tenant, path: string): NameGroup | undefined {
    return this.#tenant(tenant).names.get(path)
  }

  /** @param path `environment/appId/alias` */
  byAlias(tenant: Tenant, path: string): NameGroup | undefined {
    return this.#tenant(tenant).aliases.get(path)
  }

  /** The list of all instances under a name; kept until something in the group changes. */
  listAll(group: NameGroup): InstanceList {
    return group.answers.get(ALL) ?? keep(group, ALL, listInstances(group.versions.values()))
  }

  /** The list of all instances of some `versions` of a group; kept like the whole one. */
  list(group: NameGroup, versions: readonly KnownService[]): InstanceList {
    if (versions.length === group.versions.size) return this.listAll(group)
    const shown = versions.map((service) => service.id).join(' ')
    return group.answers.get(shown) ?? keep(group, shown, listInstances(versions))
  }

  /** The list of all instances of one service version, with those that finds do not show. */
  listComplete(service: KnownService): InstanceList {
    const group = this.byName(service.tenant, namePath(service.record, service.record.serviceName))
    if (group === undefined) throw new Error('a known service is missing in the index of names')
    const list = this.list(group, [service])
    if (list.hidden === 0) return list
    const shown = `${ALL}${service.id}`
    return group.answers.get(shown) ?? keep(group, shown, listInstances([service], true))
  }

  /** Instances that are being drained, of all tenants. */
  get draining(): Iterable<InstanceNode> {
    return this.#draining
  }

  apply(change: Change): void {
    const { key } = change
    if (key.startsWith(PREFIXES.instances)) this.#applyInstance(key, change)
    else if (key.startsWith(PREFIXES.services)) this.#applyService(key, change)
    else if (key.startsWith(PREFIXES.tags)) this.#applyTags(key, change)
  }

  #applyService(key: string, change: Change): void {
    const [tenant, id] = splitLast(key.slice(PREFIXES.services.length))
    const service = this.#grow(tenant, id)
    const home = this.#tenant(tenant)
    const { counts } = home
    home.version = ++this.#version
    home.known = undefined
    if (service.record !== undefined) {
      counts.remove(service as Service & KnownService)
      this.#unlink(service as Service & KnownService)
    }
    if (change.value === undefined) {
      service.record = undefined
      service.revision = 0
      this.#prune(service)
      return
    }
    service.record = JSON.parse(change.value) as Microservice
    service.text = change.value
    service.revision = change.revision
    service.keyText = watchKey({ ...service.record, tenant })
    this.#link(service as Service & KnownService)
    counts.add(service as Service & KnownService)
  }

  #applyTags(key: string, change: Change): void {
    const service = this.#grow(...splitLast(key.slice(PREFIXES.tags.length)))
    const before = tagsOf(service)
    service.tags = change.value === undefined ? undefined : (JSON.parse(change.value) as Record<string, string>)
    service.tagsRevision = change.value === undefined ? 0 : change.revision
    if (isKnown(service)) this.#tenant(service.tenant).counts.changeTags(service, before)
    this.#forgetAnswers(service)
    this.#prune(service)
  }

  #applyInstance(key: string, change: Change): void {
    const [path, id] = splitLast(key.slice(PREFIXES.instances.length))
    const service = this.#grow(...splitLast(path))
    const before = service.instances.get(id)
    if (before?.lease !== undefined) this.#leases.delete(before.lease)
    if (before?.drainingUntil !== undefined) this.#draining.delete(before)
    let after: InstanceNode | undefined
    if (change.value === undefined) service.instances.delete(id)
    else {
      const { value: text, revision, lease } = change
      const beatAt = before?.beatAt ?? this.#clock.monotonic()
      const drainingUntil = drainingUntilOf(text)
      after = { service, id, text, revision, lease, drainingUntil, ttlSeconds: undefined, beatAt }
      service.instances.set(id, after)
      if (lease !== undefined) this.#leases.set(lease, after)
      if (drainingUntil !== undefined) this.#draining.add(after)
    }
    const difference = Number(after !== undefined) - Number(before !== undefined)
    if (isKnown(service)) this.#tenant(service.tenant).counts.changeInstances(service, difference)
    this.#forgetAnswers(service)
    const event = isKnown(service) ? eventOf(service, before, after) : undefined
    if (event !== undefined) for (const listener of this.#listeners) listener(event)
    this.#prune(service)
  }

  #tenant(tenant: Tenant): TenantNode {
    return this.#tenants.get(tenant) ?? NOTHING
  }

  /** The node of a service, made if it is not there yet: parts of a service may be seen before its document. */
  #grow(tenant: Tenant, id: ServiceId): Service {
    let home = this.#tenants.get(tenant)
    if (home === undefined) {
      home = emptyTenant()
      this.#tenants.set(tenant, home)
    }
    let service = home.services.get(id)
    if (service === undefined) {
      const parts = { record: undefined, text: '', revision: 0, tags: undefined, tagsRevision: 0, keyText: '{}' }
      service = { tenant, id, ...parts, instances: new Map(), groups: [] }
      home.services.set(id, service)
    }
    return service
  }

  /** Lets go of a node of which nothing is left. */
  #prune(service: Service): void {
    if (service.record !== undefined || service.tags !== undefined || service.instances.size > 0) return
    const home = this.#tenant(service.tenant)
    home.services.delete(service.id)
    if (home.services.size === 0) this.#tenants.delete(service.tenant)
  }

  #link(service: Service & KnownService): void {
    service.groups = this.#placesOf(service).map(({ groups, path }) => {
      let group = groups.get(path)
      if (group === undefined) {
        group = { versions: new Map(), answers: new KeptAnswers(this.kept) }
        groups.set(path, group)
      }
      ;(group.versions as Map<string, KnownService>).set(service.record.version ?? '', service)
      group.answers.clear()
      return group
    })
  }

  #unlink(service: Service & KnownService): void {
    for (const { groups, path } of this.#placesOf(service)) {
      const group = groups.get(path)
      if (group === undefined) continue
      ;(group.versions as Map<string, KnownService>).delete(service.record.version ?? '')
      group.answers.clear()
      if (group.versions.size === 0) groups.delete(path)
    }
    service.groups = []
  }

  #forgetAnswers(service: Service): void {
    for (const { answers } of service.groups) if (answers.size > 0) answers.clear()
  }

  #placesOf(service: KnownService): { groups: Map<string, NameGroup>; path: string }[] {
    const home = this.#tenant(service.tenant)
    const { record } = service
    const found = [{ groups: home.names, path: namePath(record, record.serviceName) }]
    if (record.alias) found.push({ groups: home.aliases, path: namePath(record, record.alias) })
    return found
  }
}

function emptyTenant(): TenantNode {
  return {
    counts: new TenantCounts(),
    version: 0,
    services: new OrderedMap(),
    known: undefined,
    names: new Map(),
    aliases: new Map(),
  }
}

function isKnown<Node extends ServiceNode>(service: Node | undefined): service is Node & KnownService {
  return service?.record !== undefined
}
