import type { Instance } from '@rollcall/protocol/documents'
import type { Transport } from './transport.ts'

/** An instance as the engine knows it: what is always there is there. */
export type KnownInstance = Instance & {
  readonly instanceId: string
  readonly serviceId: string
  readonly status: string
  readonly version: string
}

/** An instance that is to be: without what the engine decides. */
export type NewInstance = Omit<Instance, 'serviceId' | 'version' | 'timestamp' | 'modTimestamp'> & {
  readonly hostName: string
}

export type InstanceStatus = 'UP' | 'DOWN' | 'STARTING' | 'TESTING' | 'OUTOFSERVICE'

export interface InstanceName {
  readonly serviceId: string
  readonly instanceId: string
}

export interface BeatResult extends InstanceName {
  /** Why it was not taken; absent when it was. */
  readonly errMessage?: string
}

/** Calls about instances. All reject with RollcallError or ConnectionError. */
export interface Instances {
  /**
   * @returns the instance's id: its own, or a new one. A living instance of that id stays as it is and gets a heartbeat
   * @throws 400012 when there is no such service
   */
  register(serviceId: string, instance: NewInstance): Promise<string>
  /** @throws 400017 */
  unregister(serviceId: string, instanceId: string): Promise<void>
  /** @throws 400012, 400017 */
  get(serviceId: string, instanceId: string): Promise<KnownInstance>
  /** All instances of one version of a service. @throws 400012 */
  list(serviceId: string): Promise<readonly KnownInstance[]>
  /** Renews the lease, which lasts interval × (times + 1) seconds of its health check. @throws 400017 */
  heartbeat(serviceId: string, instanceId: string): Promise<void>
  /** Heartbeats for many; each has a result of its own. */
  heartbeats(instances: readonly InstanceName[]): Promise<readonly BeatResult[]>
  /** @throws 400017 */
  setStatus(serviceId: string, instanceId: string, status: InstanceStatus): Promise<void>
  /** Replaces all properties. @throws 400017 */
  updateProperties(serviceId: string, instanceId: string, properties: Readonly<Record<string, string>>): Promise<void>
}

export function instanceCalls(transport: Transport): Instances {
  const all = (serviceId: string) => ['microservices', serviceId, 'instances']
  const one = (serviceId: string, instanceId: string) => [...all(serviceId), instanceId]
  return {
    async register(serviceId, instance) {
      const isRepeatable = Boolean(instance.instanceId)
      const request = { method: 'POST', path: all(serviceId), body: { instance }, isRepeatable } as const
      const { body } = await transport.send(request)
      return (body as { instanceId: string }).instanceId
    },
    async unregister(serviceId, instanceId) {
      await transport.send({ method: 'DELETE', path: one(serviceId, instanceId) })
    },
    async get(serviceId, instanceId) {
      const { body } = await transport.send({ method: 'GET', path: one(serviceId, instanceId) })
      return (body as { instance: KnownInstance }).instance
    },
    async list(serviceId) {
      const { body } = await transport.send({ method: 'GET', path: all(serviceId) })
      return (body as { instances?: readonly KnownInstance[] }).instances ?? []
    },
    async heartbeat(serviceId, instanceId) {
      await transport.send({ method: 'PUT', path: [...one(serviceId, instanceId), 'heartbeat'] })
    },
    async heartbeats(instances) {
      const { body } = await transport.send({ method: 'PUT', path: ['heartbeats'], body: { instances } })
      return (body as { instances?: readonly BeatResult[] }).instances ?? []
    },
    async setStatus(serviceId, instanceId, status) {
      const path = [...one(serviceId, instanceId), 'status']
      await transport.send({ method: 'PUT', path, query: { value: status } })
    },
    async updateProperties(serviceId, instanceId, properties) {
      const path = [...one(serviceId, instanceId), 'properties']
      await transport.send({ method: 'PUT', path, body: { properties } })
    },
  }
}
