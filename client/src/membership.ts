import { randomUUID } from 'node:crypto'
import type { HealthCheck } from '@rollcall/protocol/documents'
import { Backoff } from './backoff.ts'
import type { Client } from './client.ts'
import type { Timer } from './clock.ts'
import { isPassing, isRefusal } from './errors.ts'
import type { InstanceStatus, NewInstance } from './instances.ts'
import { keepAlive } from './keep-alive.ts'
import { Listeners } from './listeners.ts'
import type { NewService } from './services.ts'

/** Who joins. The instance's id is chosen here and stays the same until the process ends. */
export interface JoinOptions {
  readonly service: Omit<NewService, 'serviceId' | 'status'>
  readonly instance: Omit<NewInstance, 'instanceId' | 'status' | 'healthCheck'> & {
    /** `UP` when left out. */
    readonly status?: InstanceStatus
    readonly healthCheck?: {
      /** Seconds between heartbeats, at least 5; 30 when left out. */
      readonly interval?: number
      /** Heartbeats that may be missed, at least 3; 3 when left out. */
      readonly times?: number
    }
  }
}

/**
 * joining: not registered yet. joined: the engine has it. unreachable: no engine answers; it is tried again and again.
 * refused: the engine says no, for example for a wrong name; it is tried again, but somebody should look. left: over.
 */
export type MembershipState =
  | { readonly kind: 'joining' }
  | { readonly kind: 'joined'; readonly serviceId: string; readonly instanceId: string }
  | { readonly kind: 'unreachable'; readonly error: unknown }
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'left' }

const HEALTH_CHECK = { mode: 'push', interval: 30, times: 3 } as const
const RETRY_FIRST_MS = 250
const RETRY_MAX_MS = 15_000
/** Part of an interval by which a heartbeat may come early, so that many processes do not beat together. */
const JITTER = 0.1

/**
 * Makes this process known as an instance of a service and keeps it known: heartbeats, and registration again whenever
 * the engine has forgotten it. Returns at once; nothing is thrown whatever the engine does.
 */
export function joinService(client: Client, options: JoinOptions): Membership {
  const membership = new Membership(client, options)
  void membership.beat()
  return membership
}

/** The place of this process in the registry; made by `joinService`. */
export class Membership implements AsyncDisposable {
  readonly instanceId = randomUUID().replaceAll('-', '')
  readonly #client: Client
  readonly #options: JoinOptions
  readonly #healthCheck: Required<Pick<HealthCheck, 'mode' | 'interval' | 'times'>>
  readonly #intervalMs: number
  readonly #backoff: Backoff
  readonly #listeners: Listeners<MembershipState>
  #serviceId = ''
  #isRegistered = false
  #wantedStatus: InstanceStatus
  /** The state that the engine has, as far as is known. */
  #knownStatus: InstanceStatus | undefined
  #state: MembershipState = { kind: 'joining' }
  #isLeaving = false
  #timer: Timer | undefined
  /** The turn under way, and the one asked for meanwhile: never more than two. */
  #current: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(client: Client, options: JoinOptions) {
    const { log, random } = client.surroundings
    this.#client = client
    this.#options = options
    this.#wantedStatus = options.instance.status ?? 'UP'
    this.#healthCheck = { ...HEALTH_CHECK, ...options.instance.healthCheck }
    this.#intervalMs = this.#healthCheck.interval * 1000
    this.#backoff = new Backoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS, random })
    this.#listeners = new Listeners(log)
  }

  get state(): MembershipState {
    return this.#state
  }

  /** Id of the service; empty before the first registration. */
  get serviceId(): string {
    return this.#serviceId
  }

  /** Listens to changes of the state. @returns what ends it */
  onState(listener: (state: MembershipState) => void): () => void {
    return this.#listeners.add(listener)
  }

  /**
   * Resolves as soon as the engine has the instance; waits for the engine if need be, and keeps the process alive.
   * @throws RollcallError when the engine refuses, Error after `leave`
   */
  joined(): Promise<void> {
    const waiting = new Promise<void>((resolve, reject) => {
      const settle = (state: MembershipState) => {
        if (state.kind === 'joined') resolve()
        else if (state.kind === 'refused') reject(state.error)
        else if (state.kind === 'left') reject(new Error('the instance has left'))
        else return
        stop()
      }
      const stop = this.#listeners.add(settle)
      settle(this.#state)
    })
    return keepAlive(waiting)
  }

  /**
   * Changes the status that others see.
   * @returns true when the engine has it, false when it will get it as soon as it can be reached
   */
  async setStatus(status: InstanceStatus): Promise<boolean> {
    this.#wantedStatus = status
    await this.beat()
    return this.#isRegistered && this.#knownStatus === status
  }

  /** Sends a heartbeat now, and whatever else the engine should know. Never throws. */
  beat(): Promise<void> {
    this.#next ??= this.#current.then(() => {
      this.#next = undefined
      this.#current = this.#turn()
      return this.#current
    })
    return this.#next
  }

  /** Unregisters; others are told at once. Never throws: if no engine answers, the lease ends by itself. */
  async leave(): Promise<void> {
    if (this.#state.kind === 'left') return
    this.#isLeaving = true
    this.#timer?.stop()
    await this.#current
    try {
      if (this.#serviceId !== '') await this.#client.instances.unregister(this.#serviceId, this.instanceId)
    } catch (err) {
      const { log } = this.#client.surroundings
      if (!isRefusal(err, 'InstanceNotFound')) log.warn({ err }, 'not unregistered; the lease will end by itself')
    }
    this.#enter({ kind: 'left' })
    this.#listeners.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave()
  }

  async #turn(): Promise<void> {
    if (this.#isLeaving) return
    this.#timer?.stop()
    let pauseMs: number
    try {
      if (this.#isRegistered) await this.#beatOrRegister()
      else await this.#register()
      await this.#bringStatus()
      this.#backoff.reset()
      pauseMs = this.#intervalMs * (1 - JITTER * this.#client.surroundings.random())
      this.#enter({ kind: 'joined', serviceId: this.#serviceId, instanceId: this.instanceId })
    } catch (error) {
      pauseMs = Math.min(this.#backoff.next(), this.#intervalMs)
      this.#enter({ kind: isPassing(error) ? 'unreachable' : 'refused', error })
    }
    if (!this.#isLeaving) this.#timer = this.#client.surroundings.clock.after(pauseMs, () => void this.beat())
  }

  async #beatOrRegister(): Promise<void> {
    try {
      await this.#client.instances.heartbeat(this.#serviceId, this.instanceId)
    } catch (error) {
      if (!isRefusal(error, 'InstanceNotFound', 'ServiceNotFound')) throw error
      this.#client.surroundings.log.warn({ instanceId: this.instanceId }, 'the engine has lost the instance')
      this.#isRegistered = false
      this.#knownStatus = undefined
      await this.#register()
    }
  }

  async #register(): Promise<void> {
    const { services, instances } = this.#client
    const { service, instance } = this.#options
    // Asked first: creating is refused when the quota is used up, even for a service that is there.
    this.#serviceId = (await services.exists(service)) ?? (await services.create(service))
    // A repeated registration is answered and ignored, so what the engine has is what was offered first.
    this.#knownStatus ??= this.#wantedStatus
    const own = { instanceId: this.instanceId, status: this.#knownStatus, healthCheck: this.#healthCheck }
    await instances.register(this.#serviceId, { ...instance, ...own })
    this.#isRegistered = true
  }

  async #bringStatus(): Promise<void> {
    const status = this.#wantedStatus
    if (status === this.#knownStatus) return
    await this.#client.instances.setStatus(this.#serviceId, this.instanceId, status)
    this.#knownStatus = status
  }

  #enter(state: MembershipState): void {
    const before = this.#state
    this.#state = state
    const isSame = before.kind === state.kind && (state.kind !== 'joined' || this.#isSamePlace(before))
    if (isSame) return
    this.#client.surroundings.log.info({ ...state, instanceId: this.instanceId }, 'membership changed')
    this.#listeners.tell(state)
  }

  #isSamePlace(before: MembershipState): boolean {
    return before.kind === 'joined' && before.serviceId === this.#serviceId
  }
}
