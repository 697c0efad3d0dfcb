import type { Instance } from '@rollcall/protocol/documents'
import type { Clock } from '../../kernel/clock.ts'
import type { LeaseId } from '../../storage/store.ts'
import { ttlSecondsOf } from './defaults.ts'
import type { InstanceLimits, InstanceNode, KnownService, ServiceId, Tenant } from './types.ts'
import type { RegistryView } from './view.ts'

/** When many instances of one service fall silent together, the network is the likelier culprit than they are. */
export interface PreservationLimits {
  readonly enabled: boolean
  /** Share of a service's instances that must be silent, 0 to 1. */
  readonly threshold: number
  /** Services with fewer instances are never preserved. */
  readonly minInstances: number
  /** Longest time that an instance outlives its lease. */
  readonly maxSeconds: number
}

/** A service whose silent instances are kept for now. */
export interface PreservedService {
  readonly service: KnownService
  readonly instances: number
  /** Instances without a sign of life for half their lease or longer. */
  readonly silent: number
  /** Wall time in milliseconds since the Unix epoch. */
  readonly sinceMs: number
  /** When the last of them goes, unless it beats again; milliseconds since the Unix epoch. */
  readonly untilMs: number
}

interface Hold {
  readonly tenant: Tenant
  readonly serviceId: ServiceId
  readonly sinceMs: number
  untilMs: number
  /** An operator has ended it: silent instances go at their next turn. */
  released: boolean
  /** When each spared lease would have ended, on the clock that never jumps. */
  readonly dueAt: Map<LeaseId, number>
}

interface Verdict {
  readonly at: number
  readonly preserve: boolean
}

/** How long a spared lease waits for its next turn: soon, so that the others' return is noticed. */
const STEP_SECONDS = 5
/** A verdict on a service holds so long, because its instances fall due one by one. */
const VERDICT_MS = 1000
const VERDICTS_MAX = 10_000

/**
 * Self-preservation, per tenant and service and limited in time: a lease that runs out while most of its service is
 * silent is kept for one more life (at most `maxSeconds`), because a cut network must not empty the registry.
 */
export class Preservation {
  readonly #view: RegistryView
  readonly #clock: Clock
  readonly #limits: PreservationLimits & { readonly instance: InstanceLimits }
  readonly #holds = new Map<string, Hold>()
  readonly #verdicts = new Map<string, Verdict>()
  #droppedAt = 0
  #ended = 0

  constructor(view: RegistryView, clock: Clock, limits: PreservationLimits & { readonly instance: InstanceLimits }) {
    this.#view = view
    this.#clock = clock
    this.#limits = limits
  }

  /** For each lease that is due: how many more seconds to keep it; 0 lets it go. */
  spare(due: readonly LeaseId[]): number[] {
    if (this.#verdicts.size > VERDICTS_MAX) this.#verdicts.clear()
    const now = this.#clock.monotonic()
    if (now - this.#droppedAt >= VERDICT_MS) {
      this.#droppedAt = now
      this.#dropEnded()
    }
    const spared = due.map((lease) => this.#spareOne(lease))
    for (const seconds of spared) if (seconds === 0) this.#ended++
    return spared
  }

  /** Leases that ran out and were not kept, since the start. */
  get ended(): number {
    return this.#ended
  }

  /** Services of all tenants with instances kept beyond their lease. */
  get services(): number {
    this.#dropEnded()
    return this.#holds.size
  }

  /** Services with instances kept beyond their lease, in this tenant. */
  list(tenant: Tenant): PreservedService[] {
    this.#dropEnded()
    return [...this.#holds.values()].flatMap((hold) => {
      const service = this.#view.service(hold.tenant, hold.serviceId)
      if (hold.tenant !== tenant || hold.released || service === undefined) return []
      const silent = this.#countSilent(service)
      return [{ service, instances: service.instances.size, silent, sinceMs: hold.sinceMs, untilMs: hold.untilMs }]
    })
  }

  /** Ends the preservation of a service: instances that stay silent go at once. False: it was not preserved. */
  release(tenant: Tenant, serviceId: ServiceId): boolean {
    this.#dropEnded()
    const hold = this.#holds.get(`${tenant}/${serviceId}`)
    if (hold === undefined) return false
    hold.released = true
    return true
  }

  #spareOne(lease: LeaseId): number {
    const node = this.#view.instanceOfLease(lease)
    if (node === undefined || !this.#limits.enabled || !this.#isPreserved(node)) return 0
    const hold = this.#holdOf(node)
    const now = this.#clock.monotonic()
    // A beat since the last sparing starts a new life: what was noted then no longer counts.
    const noted = hold.dueAt.get(lease)
    const dueAt = noted !== undefined && node.beatAt < noted ? noted : now
    const leftSeconds = Math.min(this.#ttlOf(node), this.#limits.maxSeconds) - (now - dueAt) / 1000
    if (leftSeconds <= 0) return 0
    hold.dueAt.set(lease, dueAt)
    hold.untilMs = Math.max(hold.untilMs, this.#clock.now() + leftSeconds * 1000)
    return Math.max(1, Math.ceil(Math.min(leftSeconds, STEP_SECONDS)))
  }

  #holdOf({ service: { tenant, id: serviceId } }: InstanceNode): Hold {
    const key = `${tenant}/${serviceId}`
    let hold = this.#holds.get(key)
    if (hold === undefined) {
      const sinceMs = this.#clock.now()
      hold = { tenant, serviceId, sinceMs, untilMs: sinceMs, released: false, dueAt: new Map() }
      this.#holds.set(key, hold)
    }
    return hold
  }

  #isPreserved(node: InstanceNode): boolean {
    const { service } = node
    const key = `${service.tenant}/${service.id}`
    if (this.#holds.get(key)?.released === true) return false
    const now = this.#clock.monotonic()
    const known = this.#verdicts.get(key)
    if (known !== undefined && now - known.at < VERDICT_MS) return known.preserve
    const total = service.instances.size
    const preserve =
      total >= this.#limits.minInstances && this.#countSilent(service as KnownService) >= this.#limits.threshold * total
    this.#verdicts.set(key, { at: now, preserve })
    return preserve
  }

  #countSilent(service: KnownService): number {
    const now = this.#clock.monotonic()
    let silent = 0
    for (const node of service.instances.values()) {
      if (now - node.beatAt > (this.#ttlOf(node) * 1000) / 2) silent++
    }
    return silent
  }

  /** Forgets leases that are gone or beat again, and holds of which nothing is left. */
  #dropEnded(): void {
    for (const [key, { dueAt }] of this.#holds) {
      for (const [lease, due] of dueAt) {
        const node = this.#view.instanceOfLease(lease)
        if (node === undefined || node.beatAt >= due) dueAt.delete(lease)
      }
      if (dueAt.size === 0) this.#holds.delete(key)
    }
  }

  #ttlOf(node: InstanceNode): number {
    node.ttlSeconds ??= ttlSecondsOf(JSON.parse(node.text) as Instance, this.#limits.instance)
    return node.ttlSeconds
  }
}
