import type { Clock, Stoppable } from '../../kernel/clock.ts'
import { fail } from '../../kernel/failure.ts'
import type { Log } from '../../kernel/log.ts'
import type { Committer, Plan } from '../../storage/commit.ts'
import { unchanged } from '../../storage/commit.ts'
import type { LeaseId } from '../../storage/store.ts'
import { decideInstanceChange, decideInstanceRemoval } from './decide.ts'
import type { InstanceId, InstanceNode, RegistryFailure, ServiceId, Tenant } from './types.ts'
import type { RegistryView } from './view.ts'

interface InstanceAddress {
  readonly tenant: Tenant
  readonly serviceId: ServiceId
  readonly instanceId: InstanceId
}

interface Needs {
  readonly view: RegistryView
  readonly committer: Committer
  readonly clock: Clock
  readonly log: Log
}

/** Ends are whole seconds, so nothing is gained by looking more often. */
const LOOK_MS = 1000

/**
 * Graceful ends: a drained instance is hidden from finds at once, while its heartbeats and its calls under way go on,
 * and is removed when its time is over. The end is part of its document, so every engine on the store sees it, and a
 * restart forgets nothing.
 */
export class Drains {
  readonly #view: RegistryView
  readonly #committer: Committer
  readonly #clock: Clock
  readonly #log: Log
  readonly #ending = new Set<InstanceNode>()
  #timer: Stoppable | undefined

  constructor({ view, committer, clock, log }: Needs) {
    this.#view = view
    this.#committer = committer
    this.#clock = clock
    this.#log = log
  }

  /** From now on drained instances are removed when their time is over; those whose time is over already, at once. */
  start(): void {
    this.#endDue()
    this.#timer = this.#clock.every(LOOK_MS, () => this.#endDue())
  }

  stop(): void {
    this.#timer?.stop()
  }

  /**
   * Hides an instance from finds and removes it after `seconds`; 0 removes it now. Again: the new time counts.
   * @throws InstanceNotFound
   */
  async begin(address: InstanceAddress, seconds: number): Promise<void> {
    if (seconds === 0) {
      await this.#remove(() => this.#stored(address))
      return
    }
    await this.#committer.change(() => {
      const now = this.#clock.now()
      const drainingUntil = String(Math.ceil(now / 1000) + seconds)
      return decideInstanceChange(this.#stored(address), { drainingUntil, modTimestamp: secondsOf(now) })
    })
  }

  /** Shows an instance again; one that is not being drained stays as it is. @throws InstanceNotFound */
  cancel(address: InstanceAddress): Promise<void> {
    return this.#committer.change((): Plan<void> => {
      const node = this.#stored(address)
      if (node.drainingUntil === undefined) return unchanged(undefined)
      return decideInstanceChange(node, { drainingUntil: '', modTimestamp: secondsOf(this.#clock.now()) })
    })
  }

  #endDue(): void {
    for (const node of this.#view.draining) {
      if (this.#isDue(node) && !this.#ending.has(node)) void this.#end(node)
    }
  }

  async #end(node: InstanceNode): Promise<void> {
    this.#ending.add(node)
    const { tenant, id: serviceId } = node.service
    try {
      await this.#remove(() => {
        const current = this.#view.instance(tenant, serviceId, node.id)
        return current !== undefined && this.#isDue(current) ? current : undefined
      })
    } catch (err) {
      this.#log.warn({ err, instance: node.id }, 'could not remove a drained instance; trying again')
    } finally {
      this.#ending.delete(node)
    }
  }

  /** Removes the instance that `find` names, as it is at that moment; a cancelled or renewed drain comes first. */
  async #remove(find: () => InstanceNode | undefined): Promise<void> {
    const lease = await this.#committer.change((): Plan<LeaseId | undefined> => {
      const node = find()
      return node === undefined ? unchanged(undefined) : decideInstanceRemoval(node)
    })
    // Nothing is bound to this lease any more; it would end by itself, this only frees it sooner.
    if (lease !== undefined) await this.#committer.revoke(lease).catch(() => false)
  }

  #isDue({ drainingUntil }: InstanceNode): boolean {
    return drainingUntil !== undefined && drainingUntil * 1000 <= this.#clock.now()
  }

  #stored({ tenant, serviceId, instanceId }: InstanceAddress): InstanceNode {
    const node = this.#view.instance(tenant, serviceId, instanceId)
    return node ?? fail<RegistryFailure>('InstanceNotFound', 'Service instance does not exist.')
  }
}

function secondsOf(ms: number): string {
  return String(Math.floor(ms / 1000))
}
