import { fail } from '../../kernel/failure.ts'
import type { Committer } from '../../storage/commit.ts'
import type { Quotas } from '../quota/index.ts'
import type { Companion, KnownService, PlanPart, RegistryView, ServiceId, Tenant } from '../registry/index.ts'
import type { Comparison } from './comparison.ts'
import { decidePut, decidePutAll, decideRemoval, withdrawal } from './decide.ts'
import { keys } from './keys.ts'
import type { Contract, ContractFailure, ContractNode } from './types.ts'
import type { ContractView } from './view.ts'

/** A contract in a list; a declared one has only its id. */
export type ListedContract = Pick<Contract, 'schemaId'> & Partial<Contract>

/** Compares contents, away from the requests. Declared here, wired in engine.ts. */
export interface Comparer {
  compare(task: {
    readonly before: { readonly name: string; readonly text: string }
    readonly after: { readonly name: string; readonly text: string }
  }): Promise<Comparison>
}

interface Needs {
  readonly registry: RegistryView
  readonly view: ContractView
  readonly committer: Committer
  /** Whether contracts may be changed in production too. */
  readonly editable: boolean
  readonly quotas: Quotas
}

/** What each service version promises. */
export class Contracts implements Companion {
  readonly #registry: RegistryView
  readonly #view: ContractView
  readonly #committer: Committer
  readonly #editable: boolean
  readonly #quotas: Quotas

  constructor({ registry, view, committer, editable, quotas }: Needs) {
    this.#quotas = quotas
    this.#registry = registry
    this.#view = view
    this.#committer = committer
    this.#editable = editable
  }

  /** @throws ServiceNotFound, QuotaExceeded, QuotaUnavailable; in production SchemaUndefined and SchemaReadOnly */
  async put(tenant: Tenant, id: ServiceId, contract: Contract): Promise<void> {
    const allowance = await this.#quotas.allowance(tenant)
    return this.#committer.change(() => {
      const target = this.#target(tenant, id)
      const { schemas = [] } = target.service.record
      if (!schemas.includes(contract.schemaId)) {
        this.#quotas.check(allowance, { resource: 'schema', used: schemas.length, amount: 1 })
      }
      return decidePut(target, contract)
    })
  }

  /** Replaces the whole set. @throws ServiceNotFound, QuotaExceeded, QuotaUnavailable; in production SchemaUndefined */
  async putAll(tenant: Tenant, id: ServiceId, contracts: readonly Contract[]): Promise<void> {
    const allowance = await this.#quotas.allowance(tenant)
    return this.#committer.change(() => {
      this.#quotas.check(allowance, { resource: 'schema', used: 0, amount: contracts.length })
      return decidePutAll(this.#target(tenant, id), contracts)
    })
  }

  /** @throws ServiceNotFound, SchemaNotFound */
  remove(tenant: Tenant, id: ServiceId, schemaId: string): Promise<void> {
    return this.#committer.change(() => decideRemoval(this.#target(tenant, id), schemaId))
  }

  /** What is known of a contract without its content. @throws ServiceNotFound, SchemaNotFound */
  find(tenant: Tenant, id: ServiceId, schemaId: string): ContractNode {
    const { service } = this.#target(tenant, id)
    return this.#view.contract(service, schemaId) ?? fail<ContractFailure>('SchemaNotFound', 'schema ref not found.')
  }

  /** Which contents a service promises, or one of its contracts, as JSON; undefined when there are none. */
  digests(tenant: Tenant, id: ServiceId, schemaId: string | undefined): string | undefined {
    const service = this.#registry.service(tenant, id)
    const all = service === undefined ? [] : this.#view.contracts(service)
    const shown = all
      .filter((node) => schemaId === undefined || node.schemaId === schemaId)
      .map(({ schemaId, summary, hash }) => ({ schemaId, summary, digest: hash }))
    return shown.length === 0 ? undefined : JSON.stringify(schemaId === undefined ? shown : shown[0])
  }

  /** A whole contract. @throws ServiceNotFound, SchemaNotFound */
  async get(tenant: Tenant, id: ServiceId, schemaId: string): Promise<Contract> {
    const { hash, summary } = this.find(tenant, id, schemaId)
    const schema = await this.#committer.read(keys.content(tenant, hash))
    if (schema === undefined) return fail<ContractFailure>('SchemaNotFound', 'schema content not found.')
    return { schemaId, summary, schema }
  }

  /**
   * What is different in `one` compared with `other`, which is taken for the older; by the comparer that is given.
   * @throws ServiceNotFound and SchemaNotFound for either, InvalidParameters for contents that cannot be compared
   */
  async compare(
    tenant: Tenant,
    { one, other }: Readonly<Record<'one' | 'other', { readonly serviceId: ServiceId; readonly schemaId: string }>>,
    comparer: Comparer,
  ): Promise<Comparison & { readonly isIdentical: boolean }> {
    const [after, before] = [
      this.find(tenant, one.serviceId, one.schemaId),
      this.find(tenant, other.serviceId, other.schemaId),
    ]
    const [is, was] = await Promise.all(
      [one, other].map(({ serviceId, schemaId }) => this.get(tenant, serviceId, schemaId)),
    )
    if (is?.schema === was?.schema) return { comparedAs: 'text', changes: [], isCut: false, isIdentical: true }
    const name = (at: typeof one, { schemaId }: ContractNode) => `schema ${schemaId} of service ${at.serviceId}`
    const comparison = await comparer.compare({
      before: { name: name(other, before), text: was?.schema ?? '' },
      after: { name: name(one, after), text: is?.schema ?? '' },
    })
    return { ...comparison, isIdentical: false }
  }

  /** All contracts of a service, declared ones too, by id. @throws ServiceNotFound */
  list(tenant: Tenant, id: ServiceId, withContent: boolean): Promise<ListedContract[]> {
    const { service } = this.#target(tenant, id)
    const stored = new Map(this.#view.contracts(service).map((node) => [node.schemaId, node]))
    const ids = [...new Set([...(service.record.schemas ?? []), ...stored.keys()])].sort()
    return Promise.all(
      ids.map(async (schemaId): Promise<ListedContract> => {
        const node = stored.get(schemaId)
        if (node === undefined) return { schemaId }
        const schema = withContent ? await this.#committer.read(keys.content(tenant, node.hash)) : undefined
        return { schemaId, summary: node.summary, ...(schema === undefined ? {} : { schema }) }
      }),
    )
  }

  withdrawal(service: KnownService, { since }: { readonly since: number }): PlanPart {
    return withdrawal(this.#view, service, since)
  }

  #target(tenant: Tenant, id: ServiceId): { view: ContractView; service: KnownService; editable: boolean } {
    const service = this.#registry.service(tenant, id)
    if (service === undefined) return fail<ContractFailure>('ServiceNotFound', 'Service does not exist.')
    return { view: this.#view, service, editable: this.#editable }
  }
}
