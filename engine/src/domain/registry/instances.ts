import type { Instance, Microservice } from '@rollcall/protocol/documents'
import type { Clock } from '../../kernel/clock.ts'
import { fail } from '../../kernel/failure.ts'
import type { NewId } from '../../kernel/ids.ts'
import type { Committer } from '../../storage/commit.ts'
import type { LeaseId, MaybePromise, Write } from '../../storage/store.ts'
import type { Quotas } from '../quota/index.ts'
import { beatAll } from './beats.ts'
import { setStatusWhere } from './bulk-status.ts'
import { decideInstanceChange, type PlanPart, registrationWrites } from './decide.ts'
import { completeHealthCheck, completeInstance, ttlSecondsOf } from './defaults.ts'
import { keys } from './keys.ts'
import { isOwnService } from './shared.ts'
import type { InstanceId, InstanceLimits, InstanceNode, RegistryFailure, ServiceId, Tenant } from './types.ts'
import type { RegistryView } from './view.ts'

/** An instance about to be registered: its id is settled, so that deciding again gives the same. */
export interface FreshInstance {
  readonly asked: Instance
  readonly instanceId: InstanceId
  readonly ttlSeconds: number
}

interface FreshPlan {
  readonly fresh: readonly FreshInstance[]
  /** One for each of them. */
  readonly leases: readonly LeaseId[]
  /** Leases that are known to have ended: who still stands in the view with one of them is to be registered anew. */
  readonly ended: ReadonlySet<LeaseId | undefined>
}

/** How new instances are completed and stored; shared by registration and by services created with instances. */
export class NewInstances {
  readonly #view: RegistryView
  readonly #clock: Clock
  readonly #limits: InstanceLimits
  readonly #newId: NewId

  constructor(needs: { view: RegistryView; clock: Clock; limits: InstanceLimits; newId: NewId }) {
    this.#view = needs.view
    this.#clock = needs.clock
    this.#limits = needs.limits
    this.#newId = needs.newId
  }

  prepare(instances: readonly Instance[]): FreshInstance[] {
    const fresh = new Map<InstanceId, FreshInstance>()
    for (const asked of instances) {
      const instanceId = asked.instanceId || this.#newId()
      const healthCheck = completeHealthCheck(asked.healthCheck, this.#limits)
      fresh.set(instanceId, { asked, instanceId, ttlSeconds: ttlSecondsOf({ healthCheck }, this.#limits) })
    }
    return [...fresh.values()]
  }

  /** Guards and writes for those of `fresh` that do not live already, and the others. */
  plan(
    tenant: Tenant,
    service: Microservice,
    { fresh, leases, ended }: FreshPlan,
  ): PlanPart & { readonly living: readonly InstanceNode[] } {
    const living: InstanceNode[] = []
    const missing: { record: Instance; lease: LeaseId }[] = []
    const serviceId = service.serviceId ?? ''
    const stored = this.#view.service(tenant, serviceId)
    const given = { seconds: String(Math.floor(this.#clock.now() / 1000)), limits: this.#limits }
    for (const [index, { asked, instanceId }] of fresh.entries()) {
      const node = stored?.instances.get(instanceId)
      if (node !== undefined && !ended.has(node.lease)) living.push(node)
      else missing.push({ record: completeInstance(asked, { instanceId, service }, given), lease: leases[index] ?? '' })
    }
    const { guards, writes } = registrationWrites(tenant, serviceId, missing)
    if (stored !== undefined) guards.push({ key: keys.service(tenant, serviceId), revision: stored.revision })
    return { guards, writes, living }
  }
}

interface InstancesNeeds {
  readonly view: RegistryView
  readonly committer: Committer
  readonly newInstances: NewInstances
  readonly quotas: Quotas
  readonly clock: Clock
}

/** Who is alive: registered instances, their heartbeats and their state. */
export class Instances {
  readonly #view: RegistryView
  readonly #quotas: Quotas
  readonly #committer: Committer
  readonly #newInstances: NewInstances
  readonly #clock: Clock
  readonly #beats = { taken: 0, refused: 0 }

  constructor(needs: InstancesNeeds) {
    this.#view = needs.view
    this.#quotas = needs.quotas
    this.#committer = needs.committer
    this.#newInstances = needs.newInstances
    this.#clock = needs.clock
  }

  /**
   * Registers an instance. One that lives already under the asked id gets a heartbeat instead and stays as it is.
   * @returns its id
   * @throws QuotaExceeded, QuotaUnavailable, ServiceNotFound
   */
  register(tenant: Tenant, serviceId: ServiceId, asked: Instance): MaybePromise<InstanceId> {
    if (!asked.instanceId) return this.#add(tenant, serviceId, asked)
    const beat = this.#tryBeat(tenant, serviceId, asked.instanceId)
    const settle = (alive: boolean) => (alive ? (asked.instanceId ?? '') : this.#add(tenant, serviceId, asked))
    return beat instanceof Promise ? beat.then(settle) : settle(beat)
  }

  /**
   * Takes a heartbeat: one number is written, nothing is stored and nobody is told.
   * @throws InstanceNotFound
   */
  beat(tenant: Tenant, serviceId: ServiceId, instanceId: InstanceId): MaybePromise<void> {
    const alive = this.#tryBeat(tenant, serviceId, instanceId)
    if (alive === true) return
    if (alive === false) return this.#failBeat()
    return alive.then((renewed) => (renewed ? undefined : this.#failBeat()))
  }

  /** Heartbeats since the start. */
  get beats(): { readonly taken: number; readonly refused: number } {
    return this.#beats
  }

  /** Takes heartbeats of many; answers for each whether it is alive. */
  async beatAll(
    tenant: Tenant,
    instances: readonly { readonly serviceId: ServiceId; readonly instanceId: InstanceId }[],
  ): Promise<boolean[]> {
    const nodes = instances.map(({ serviceId, instanceId }) => this.#view.instance(tenant, serviceId, instanceId))
    const living = nodes.filter((node) => node?.lease !== undefined) as InstanceNode[]
    const gone = new Set(await beatAll(this.#committer, this.#clock, living))
    this.#beats.taken += living.length - gone.size
    this.#beats.refused += nodes.length - living.length + gone.size
    return nodes.map((node) => node?.lease !== undefined && !gone.has(node.lease))
  }

  /** @throws InstanceNotFound */
  async unregister(tenant: Tenant, serviceId: ServiceId, instanceId: InstanceId): Promise<void> {
    const gone = (): never => fail<RegistryFailure>('InstanceNotFound', "Instance's leaseId not exist.")
    const node = this.#view.instance(tenant, serviceId, instanceId) ?? gone()
    if (node.lease !== undefined) {
      if (!(await this.#committer.revoke(node.lease))) gone()
      return
    }
    const writes: Write[] = [
      { key: keys.instance(tenant, serviceId, instanceId) },
      { key: keys.lease(tenant, serviceId, instanceId) },
    ]
    await this.#committer.change(() => ({ guards: [], writes, result: undefined }))
  }

  /** Replaces all properties. @throws InstanceNotFound */
  setProperties(
    id: { readonly tenant: Tenant; readonly serviceId: ServiceId; readonly instanceId: InstanceId },
    properties: Readonly<Record<string, string>>,
  ): Promise<void> {
    return this.#committer.change(() => {
      const change = { properties, modTimestamp: this.#seconds() }
      return decideInstanceChange(this.#stored(id.tenant, id.serviceId, id.instanceId), change)
    })
  }

  /** @param status one of the five states. @throws InstanceNotFound */
  setStatus(
    id: { readonly tenant: Tenant; readonly serviceId: ServiceId; readonly instanceId: InstanceId },
    status: string,
  ): Promise<void> {
    return this.#committer.change(() => {
      const change = { status, modTimestamp: this.#seconds() }
      return decideInstanceChange(this.#stored(id.tenant, id.serviceId, id.instanceId), change)
    })
  }

  /** Sets the state of every instance of the tenant that has all of `properties`, except the engine's own. */
  setStatusWhere(tenant: Tenant, properties: Readonly<Record<string, string>>, status: string): Promise<void> {
    const registry = { view: this.#view, committer: this.#committer }
    return setStatusWhere(registry, tenant, { properties, status })
  }

  /** All instances of all tenants, without the engine's own, which nobody asked for. */
  *registered(): Iterable<{ tenant: Tenant; serviceId: ServiceId; instanceId: InstanceId; text: string }> {
    for (const tenant of this.#view.tenants()) {
      for (const { id: serviceId, record, instances } of this.#view.services(tenant)) {
        if (isOwnService(tenant, record)) continue
        for (const { id: instanceId, text } of instances.values()) yield { tenant, serviceId, instanceId, text }
      }
    }
  }

  #stored(tenant: Tenant, serviceId: ServiceId, instanceId: InstanceId): InstanceNode {
    const node = this.#view.instance(tenant, serviceId, instanceId)
    return node ?? fail<RegistryFailure>('InstanceNotFound', 'Service instance does not exist.')
  }

  async #add(tenant: Tenant, serviceId: ServiceId, asked: Instance): Promise<InstanceId> {
    const service = this.#view.service(tenant, serviceId)
    const isOwn = service !== undefined && isOwnService(tenant, service.record)
    const asking = isOwn ? undefined : this.#quotas.allowance(tenant)
    const allowance = asking instanceof Promise ? await asking : asking
    const hold = allowance === undefined ? undefined : this.#quotas.hold(allowance, 'instance', 1)
    try {
      if (service === undefined) {
        return fail<RegistryFailure>('ServiceNotFound', "Invalid 'serviceID' in request body.")
      }
      return await this.#store(tenant, serviceId, asked)
    } finally {
      hold?.release()
    }
  }

  async #store(tenant: Tenant, serviceId: ServiceId, asked: Instance): Promise<InstanceId> {
    const fresh = this.#newInstances.prepare([asked])
    const ended = new Set<LeaseId>()
    for (;;) {
      const living = await this.#committer.changeLeased(ttlsOf(fresh), (leases) => {
        const current = this.#view.service(tenant, serviceId)
        if (current === undefined) return fail<RegistryFailure>('ServiceNotFound', 'Service does not exist.')
        const { guards, writes, living } = this.#newInstances.plan(tenant, current.record, { fresh, leases, ended })
        return { guards, writes, result: living }
      })
      // Nobody has the id, or somebody took it meanwhile who lives.
      if (living.length === 0) return fresh[0]?.instanceId ?? ''
      const gone = await beatAll(this.#committer, this.#clock, living)
      if (gone.length === 0) return fresh[0]?.instanceId ?? ''
      for (const lease of gone) ended.add(lease)
    }
  }

  #tryBeat(tenant: Tenant, serviceId: ServiceId, instanceId: InstanceId): MaybePromise<boolean> {
    const node = this.#view.instance(tenant, serviceId, instanceId)
    if (node?.lease === undefined) return false
    const renewed = this.#committer.renew([node.lease])
    if (renewed instanceof Promise) return renewed.then(([alive]) => this.#beaten(node, alive === true))
    return this.#beaten(node, renewed[0] === true)
  }

  #beaten(node: InstanceNode, alive: boolean): boolean {
    if (!alive) return false
    this.#beats.taken++
    node.beatAt = this.#clock.monotonic()
    return true
  }

  #failBeat(): never {
    this.#beats.refused++
    return fail<RegistryFailure>('InstanceNotFound', 'leaseId not exist, instance not exist')
  }

  #seconds(): string {
    return String(Math.floor(this.#clock.now() / 1000))
  }
}

/** How long each instance lives without a heartbeat, seconds. */
export function ttlsOf(fresh: readonly FreshInstance[]): number[] {
  return fresh.map(({ ttlSeconds }) => ttlSeconds)
}
