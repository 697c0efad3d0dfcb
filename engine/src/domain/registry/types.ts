import type { Microservice } from '@rollcall/protocol/documents'
import type { LeaseId, Revision } from '../../storage/store.ts'

/** `domain/project`: the scope of all data; nothing is visible from one tenant in another. */
export type Tenant = string
export type ServiceId = string
export type InstanceId = string

/** Refusals of this module. */
export type RegistryFailure =
  | 'InvalidParameters'
  | 'ServiceAlreadyExists'
  | 'ServiceNotFound'
  | 'ServiceVersionNotFound'
  | 'SchemaNotFound'
  | 'InstancesDeployed'
  | 'ConsumersDepend'
  | 'InstanceNotFound'
  | 'TagNotFound'
  | 'EnvironmentInUse'
  | 'EnvironmentAlreadyExists'
  | 'EnvironmentNotFound'
  | 'Forbidden'

/** A service version in memory. */
export interface ServiceNode {
  readonly tenant: Tenant
  readonly id: ServiceId
  /** Undefined while only parts of it (tags, instances) have been seen. */
  readonly record: Microservice | undefined
  /** The stored document, which is also the answered one. */
  readonly text: string
  readonly revision: Revision
  readonly tags: Readonly<Record<string, string>> | undefined
  readonly tagsRevision: Revision
  readonly instances: ReadonlyMap<InstanceId, InstanceNode>
  /** Its `key` in watch frames, encoded. */
  readonly keyText: string
}

/** A service version whose document is known. */
export interface KnownService extends ServiceNode {
  readonly record: Microservice
}

/** An instance in memory. */
export interface InstanceNode {
  readonly service: ServiceNode
  readonly id: InstanceId
  /** The stored document, which is also the answered one. */
  readonly text: string
  readonly revision: Revision
  readonly lease: LeaseId | undefined
  /** Unix seconds when it will be removed, while it is being drained: finds do not show it any more. */
  readonly drainingUntil: number | undefined
  /** Seconds it lives without a heartbeat; undefined until somebody needs it, because it must be parsed. */
  ttlSeconds: number | undefined
  /** When it last gave a sign of life, on the clock that never jumps, milliseconds. */
  beatAt: number
}

type InstanceAction = 'CREATE' | 'UPDATE' | 'DELETE'

/** What happened to an instance; `instance` is its last known state. */
export interface InstanceEvent {
  readonly action: InstanceAction
  /**
   * What this is to consumers: an instance that begins to drain is gone for them, one that is drained no longer is new.
   * Undefined when it was hidden before and still is.
   */
  readonly told: InstanceAction | undefined
  readonly service: KnownService
  readonly instance: InstanceNode
}

/** A list of instances as it is answered: encoded once and shared by all who ask. */
export interface InstanceList {
  /** Changes exactly when the list changes; equal on all nodes. */
  readonly revision: string
  /** `{"instances":[…]}`, ordered by instance id. */
  readonly bytes: Buffer
  /** The same list without the object around it: `[…]`. */
  readonly text: string
  readonly count: number
  /** How many are left out because they are being drained. */
  readonly hidden: number
}

/** Bounds that an operator may set; see settings. */
export interface InstanceLimits {
  /** Least seconds between heartbeats and least number of heartbeats that may be missed. */
  readonly minIntervalSeconds: number
  readonly minTimes: number
  /** Positive: the lease of every instance, whatever its health check says. */
  readonly ttlSeconds: number
}
