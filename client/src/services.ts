import type { Instance, Microservice } from '@rollcall/protocol/documents'
import { isRefusal } from './errors.ts'
import type { Transport } from './transport.ts'

/** A service as the engine knows it: what is always there is there. */
export type KnownService = Microservice & {
  readonly serviceId: string
  readonly appId: string
  readonly serviceName: string
  readonly version: string
}

/** A service that is to be: without what the engine decides. */
export type NewService = Omit<Microservice, 'timestamp' | 'modTimestamp'> & { readonly serviceName: string }

/** Names one version of a service. `appId` is `default`, `version` 0.0.1 and `environment` empty when left out. */
export interface ServiceName {
  readonly appId?: string | undefined
  readonly serviceName: string
  readonly version?: string | undefined
  readonly environment?: string | undefined
}

/** Calls about services. All reject with RollcallError or ConnectionError. */
export interface Services {
  /** @returns its id; that of the existing service, unchanged, when there is one with this name and version */
  create(service: NewService, withIt?: NewServiceExtras): Promise<string>
  /** @returns its id; undefined when there is no such service or not this version */
  exists(name: ServiceName): Promise<string | undefined>
  /** @throws 400012 */
  get(serviceId: string): Promise<KnownService>
  /** @param options withShared: also the engine's own, in domain and project `default` */
  list(options?: { readonly withShared?: boolean }): Promise<readonly KnownService[]>
  /** Replaces all properties. @throws 400012 */
  updateProperties(serviceId: string, properties: Readonly<Record<string, string>>): Promise<void>
  /** @param options force: even with instances (else 400013) or consumers (else 400023). @throws 400012 */
  remove(serviceId: string, options?: { readonly force?: boolean }): Promise<void>
}

interface NewServiceExtras {
  readonly tags?: Readonly<Record<string, string>>
  readonly instances?: readonly Instance[]
}

const SERVICES = 'microservices'

export function serviceCalls(transport: Transport): Services {
  return {
    async create(service, withIt = {}) {
      const { body } = await transport.send({
        method: 'POST',
        path: [SERVICES],
        body: { service, ...withIt },
        isRepeatable: withIt.instances === undefined,
      })
      return (body as { serviceId: string }).serviceId
    },
    async exists({ appId = 'default', serviceName, version = '0.0.1', environment = '' }) {
      const query = { type: 'microservice', env: environment, appId, serviceName, version }
      try {
        const { body } = await transport.send({ method: 'GET', path: ['existence'], query })
        return (body as { serviceId: string }).serviceId
      } catch (error) {
        if (isRefusal(error, 'ServiceNotFound', 'ServiceVersionNotFound')) return undefined
        throw error
      }
    },
    async get(serviceId) {
      const { body } = await transport.send({ method: 'GET', path: [SERVICES, serviceId] })
      return (body as { service: KnownService }).service
    },
    async list({ withShared = false } = {}) {
      const query = withShared ? { withShared: 'true' } : {}
      const { body } = await transport.send({ method: 'GET', path: [SERVICES], query })
      return (body as { services?: readonly KnownService[] }).services ?? []
    },
    async updateProperties(serviceId, properties) {
      await transport.send({ method: 'PUT', path: [SERVICES, serviceId, 'properties'], body: { properties } })
    },
    async remove(serviceId, { force = false } = {}) {
      await transport.send({
        method: 'DELETE',
        path: [SERVICES, serviceId],
        query: { force: force ? 'true' : 'false' },
      })
    },
  }
}
