import type { KnownService } from './services.ts'
import type { Transport } from './transport.ts'

/** Calls about what belongs to a service beside its document. All reject with RollcallError or ConnectionError. */
export interface Relations {
  /** The services that this one uses, as far as they are known. @throws 400012 */
  providersOf(serviceId: string): Promise<readonly KnownService[]>
  /** The services that use this one. @throws 400012 */
  consumersOf(serviceId: string): Promise<readonly KnownService[]>
  /** @throws 400012 */
  tagsOf(serviceId: string): Promise<Readonly<Record<string, string>>>
  /** Replaces all tags. @throws 400012 */
  setTags(serviceId: string, tags: Readonly<Record<string, string>>): Promise<void>
}

export function relationCalls(transport: Transport): Relations {
  const path = (serviceId: string, what: string) => ['microservices', serviceId, what]
  const related = async (serviceId: string, what: 'providers' | 'consumers') => {
    const { body } = await transport.send({ method: 'GET', path: path(serviceId, what) })
    return (body as { readonly [name in typeof what]?: readonly KnownService[] | null })[what] ?? []
  }
  return {
    providersOf: (serviceId) => related(serviceId, 'providers'),
    consumersOf: (serviceId) => related(serviceId, 'consumers'),
    async tagsOf(serviceId) {
      const { body } = await transport.send({ method: 'GET', path: path(serviceId, 'tags') })
      return (body as { tags?: Readonly<Record<string, string>> }).tags ?? {}
    },
    async setTags(serviceId, tags) {
      await transport.send({ method: 'POST', path: path(serviceId, 'tags'), body: { tags }, isRepeatable: true })
    },
  }
}
