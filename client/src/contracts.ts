import type { Transport } from './transport.ts'

/** A contract of a service; its content only where it was asked for. */
export interface Contract {
  readonly schemaId: string
  readonly summary?: string
  readonly schema?: string
}

/** Calls about contracts (schemas). All reject with RollcallError or ConnectionError; with 400012 without the service. */
export interface Contracts {
  list(serviceId: string, options?: { readonly withContent?: boolean }): Promise<readonly Contract[]>
  /** @throws 400016 when the service has no such contract */
  get(serviceId: string, schemaId: string): Promise<Required<Contract>>
  put(serviceId: string, contract: Contract): Promise<void>
  /** Replaces all contracts at once. */
  putAll(serviceId: string, contracts: readonly Contract[]): Promise<void>
  /** @throws 400016 */
  remove(serviceId: string, schemaId: string): Promise<void>
}

export function contractCalls(transport: Transport): Contracts {
  const all = (serviceId: string) => ['microservices', serviceId, 'schemas']
  const one = (serviceId: string, schemaId: string) => [...all(serviceId), schemaId]
  return {
    async list(serviceId, { withContent = false } = {}) {
      const query = withContent ? { withSchema: '1' } : {}
      const { body } = await transport.send({ method: 'GET', path: all(serviceId), query })
      return (body as { schemas?: readonly Contract[] }).schemas ?? []
    },
    async get(serviceId, schemaId) {
      const { body, summary } = await transport.send({ method: 'GET', path: one(serviceId, schemaId) })
      return { schemaId, summary, schema: (body as { schema?: string }).schema ?? '' }
    },
    async put(serviceId, { schemaId, ...body }) {
      await transport.send({ method: 'PUT', path: one(serviceId, schemaId), body })
    },
    async putAll(serviceId, schemas) {
      await transport.send({ method: 'POST', path: all(serviceId), body: { schemas }, isRepeatable: true })
    },
    async remove(serviceId, schemaId) {
      await transport.send({ method: 'DELETE', path: one(serviceId, schemaId) })
    },
  }
}
