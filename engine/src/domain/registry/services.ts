import type { Instance, Microservice } from '@rollcall/protocol/documents'
import type { Clock } from '../../kernel/clock.ts'
import { Failure, fail } from '../../kernel/failure.ts'
import { type Committer, unchanged } from '../../storage/commit.ts'
import type { LeaseId } from '../../storage/store.ts'
import type { Allowance, Hold, Quotas } from '../quota/index.ts'
import { beatAll } from './beats.ts'
import {
  type Companion,
  decideCreation,
  decideRemoval,
  decideServiceProperties,
  findExisting,
  type NewService,
  type Places,
  type Usage,
} from './decide.ts'
import { naturalKey } from './defaults.ts'
import { type FreshInstance, type NewInstances, ttlsOf } from './instances.ts'
import { type NameGroup, namePath } from './name-group.ts'
import { ownGroup } from './own-group.ts'
import { isOwnService } from './shared.ts'
import type { InstanceNode, KnownService, RegistryFailure, ServiceId, Tenant } from './types.ts'
import type { RegistryView } from './view.ts'

/** Outcome for one service of a batch. */
export interface RemovalResult {
  readonly serviceId: ServiceId
  readonly failure?: Failure
}

/** Other modules that services have to do with. */
interface Relations {
  readonly usage: Usage
  readonly companions: readonly Companion[]
  readonly quotas: Quotas
  readonly environments: Places
}

type Asked = NewService & { readonly instances: readonly Instance[] }

interface Created {
  readonly service: Microservice
  readonly living: readonly InstanceNode[]
}

interface Circumstances {
  readonly fresh: readonly FreshInstance[]
  readonly ended: ReadonlySet<LeaseId>
  /** Undefined: the quotas are not touched. */
  readonly allowance: Allowance | undefined
}

interface Needs {
  readonly view: RegistryView
  readonly committer: Committer
  readonly relations: Relations
  readonly newInstances: NewInstances
  readonly clock: Clock
}

/** Who exists: micro-services of all tenants. Documents given in must have been checked against their shapes. */
export class Services {
  readonly #view: RegistryView
  readonly #committer: Committer
  readonly #relations: Relations
  readonly #newInstances: NewInstances
  readonly #clock: Clock
  /** Lists of the view without the engine's own services; the view makes new ones when something comes or goes. */
  readonly #others = new WeakMap<readonly KnownService[], readonly KnownService[]>()

  constructor({ view, committer, relations, newInstances, clock }: Needs) {
    this.#view = view
    this.#committer = committer
    this.#relations = relations
    this.#newInstances = newInstances
    this.#clock = clock
  }

  /**
   * Creates the service with its tags and instances, all at once; one that exists already stays as it is and only gets
   * the tags and instances.
   * @returns its id
   * @throws ServiceAlreadyExists when the id asked for belongs to another service, InvalidParameters when its environment
   * does not exist, QuotaExceeded, QuotaUnavailable
   */
  async create(tenant: Tenant, asked: Asked): Promise<ServiceId> {
    const fresh = this.#newInstances.prepare(asked.instances)
    const ended = new Set<LeaseId>()
    for (;;) {
      const allowance = await this.#allowanceFor(tenant, asked)
      const created = await this.#createOnce(tenant, asked, { fresh, ended, allowance })
      // Undefined: the service was there when the quotas were asked, and went away meanwhile.
      if (created === undefined) continue
      const { service, living } = created
      // For an instance that lives already, being registered again is a heartbeat.
      const gone = living.length === 0 ? [] : await beatAll(this.#committer, this.#clock, living)
      if (gone.length === 0) return idOf(service)
      for (const lease of gone) ended.add(lease)
    }
  }

  async #createOnce(
    tenant: Tenant,
    asked: NewService,
    { fresh, ended, allowance }: Circumstances,
  ): Promise<Created | undefined> {
    const { environments } = this.#relations
    let holds: readonly Hold[] = []
    const release = () => {
      for (const hold of holds) hold.release()
    }
    try {
      return await this.#committer.changeLeased<Created | undefined>(ttlsOf(fresh), (leases) => {
        release()
        const plan = decideCreation(this.#view, tenant, { asked, seconds: this.#seconds() })
        const service = plan.result
        const places = this.has(tenant, idOf(service)) ? [] : environments.guards(tenant, service.environment ?? '')
        const { guards, writes, living } = this.#newInstances.plan(tenant, service, { fresh, leases, ended })
        if (allowance !== undefined) holds = this.#holdsFor(allowance, service, writes.length)
        else if (!isOwn(tenant, service) && !this.has(tenant, idOf(service))) return unchanged(undefined)
        return {
          guards: [...plan.guards, ...places, ...guards],
          writes: [...plan.writes, ...writes],
          result: { service, living },
        }
      })
    } finally {
      release()
    }
  }

  has(tenant: Tenant, id: ServiceId): boolean {
    return this.#view.service(tenant, id) !== undefined
  }

  /** @throws ServiceNotFound */
  get(tenant: Tenant, id: ServiceId): KnownService {
    return this.#view.service(tenant, id) ?? fail<RegistryFailure>('ServiceNotFound', 'Service does not exist.')
  }

  /** All services of the tenant by id; the engine's own only when asked for. */
  list(tenant: Tenant, withOwn: boolean): readonly KnownService[] {
    const all = this.#view.services(tenant)
    if (withOwn) return all
    let others = this.#others.get(all)
    if (others === undefined) {
      others = all.filter(({ record }) => !isOwnService(tenant, record))
      this.#others.set(all, others)
    }
    return others
  }

  /** Changes whenever `list` does. */
  listVersion(tenant: Tenant): number {
    return this.#view.servicesVersion(tenant)
  }

  /**
   * Id of the service with this name (or alias) and exact version.
   * @throws ServiceNotFound, or ServiceVersionNotFound when only other versions exist
   */
  exists(tenant: Tenant, key: { environment: string; appId: string; serviceName: string; version: string }): ServiceId {
    const path = namePath(key, key.serviceName)
    const group: NameGroup | undefined =
      ownGroup(this.#view, tenant, key) ?? this.#view.byName(tenant, path) ?? this.#view.byAlias(tenant, path)
    if (group === undefined) return fail<RegistryFailure>('ServiceNotFound', `${path}/${key.version} does not exist.`)
    const found = group.versions.get(key.version)
    return found?.id ?? fail<RegistryFailure>('ServiceVersionNotFound', `${path}/${key.version} version mismatch.`)
  }

  /** Replaces all properties. @throws ServiceNotFound */
  setProperties(tenant: Tenant, id: ServiceId, properties: Readonly<Record<string, string>>): Promise<void> {
    return this.#committer.change(() => decideServiceProperties(this.get(tenant, id), properties, this.#seconds()))
  }

  /**
   * Removes a service with all that belongs to it.
   * @throws ServiceNotFound; unless forced ConsumersDepend and InstancesDeployed
   */
  async remove(tenant: Tenant, id: ServiceId, force: boolean): Promise<void> {
    const leases = await this.#committer.change(() => {
      const since = this.#committer.revision
      return decideRemoval(this.#view, this.#relations, { service: this.get(tenant, id), force, since })
    })
    // Nothing is bound to these leases any more; they would end by themselves, this only frees them sooner.
    for (const lease of leases) await this.#committer.revoke(lease).catch(() => false)
  }

  /** Removes each service on its own; one that cannot be removed does not hinder the others. Order as asked. */
  removeAll(tenant: Tenant, ids: readonly ServiceId[], force: boolean): Promise<RemovalResult[]> {
    const removals = [...new Set(ids)].map(async (serviceId): Promise<RemovalResult> => {
      try {
        await this.remove(tenant, serviceId, force)
        return { serviceId }
      } catch (failure) {
        if (failure instanceof Failure) return { serviceId, failure }
        throw failure
      }
    })
    return Promise.all(removals)
  }

  /** How many tags one service may have. @throws QuotaUnavailable */
  async tagCountMax(tenant: Tenant): Promise<number> {
    return (await this.#relations.quotas.allowance(tenant)).limits.tag
  }

  /** What the tenant may have, when this would make it have more; undefined for the engine's own services. */
  async #allowanceFor(tenant: Tenant, asked: Asked): Promise<Allowance | undefined> {
    const { service, tags, instances } = asked
    if (isOwn(tenant, service)) return undefined
    const isNew = findExisting(this.#view, tenant, service) === undefined
    if (!isNew && tags === undefined && instances.length === 0) return undefined
    const { quotas } = this.#relations
    const allowance = await quotas.allowance(tenant)
    if (isNew) quotas.check(allowance, { resource: 'schema', used: 0, amount: service.schemas?.length ?? 0 })
    return allowance
  }

  /** Takes what a creation needs of the tenant's quotas; each instance is two writes. */
  #holdsFor(allowance: Allowance, service: Microservice, instanceWrites: number): Hold[] {
    const { quotas } = this.#relations
    const holds: Hold[] = []
    if (!this.has(allowance.tenant, idOf(service))) holds.push(quotas.hold(allowance, 'service', 1))
    try {
      if (instanceWrites > 0) holds.push(quotas.hold(allowance, 'instance', instanceWrites / 2))
    } catch (error) {
      for (const hold of holds) hold.release()
      throw error
    }
    return holds
  }

  #seconds(): string {
    return String(Math.floor(this.#clock.now() / 1000))
  }
}

function isOwn(tenant: Tenant, service: Microservice): boolean {
  return isOwnService(tenant, naturalKey(service))
}

function idOf(service: Microservice): ServiceId {
  return service.serviceId ?? ''
}
