import type { Change, Fold } from '../../storage/store.ts'
import type { KnownService, Tenant } from '../registry/index.ts'
import { PREFIXES } from './keys.ts'
import type { ContractNode } from './types.ts'

/** Which contracts each service has. Their contents stay in the store: they are large and rarely read. */
export class ContractView implements Fold {
  readonly prefixes = [PREFIXES.refs, PREFIXES.summaries]
  /** By `tenant/service`, then by schema id. */
  readonly #services = new Map<string, Map<string, ContractNode>>()
  /** How many contracts have a content, by `tenant/hash`. */
  readonly #users = new Map<string, number>()

  /** The stored contract; undefined when only its id is declared. */
  contract({ tenant, id }: KnownService, schemaId: string): ContractNode | undefined {
    const node = this.#services.get(`${tenant}/${id}`)?.get(schemaId)
    return node === undefined || node.revision === 0 ? undefined : node
  }

  /** All stored contracts of a service, by id. */
  contracts({ tenant, id }: KnownService): ContractNode[] {
    const nodes = [...(this.#services.get(`${tenant}/${id}`)?.values() ?? [])]
    return nodes.filter(({ revision }) => revision > 0).sort((one, other) => (one.schemaId < other.schemaId ? -1 : 1))
  }

  /** Whether a content is stored for any contract of the tenant. */
  hasContent(tenant: Tenant, hash: string): boolean {
    return (this.#users.get(`${tenant}/${hash}`) ?? 0) > 0
  }

  apply(change: Change): void {
    const isRef = change.key.startsWith(PREFIXES.refs)
    const path = change.key.slice((isRef ? PREFIXES.refs : PREFIXES.summaries).length)
    const at = path.lastIndexOf('/')
    const service = path.slice(0, at)
    const schemaId = path.slice(at + 1)
    const nodes = this.#services.get(service) ?? new Map<string, ContractNode>()
    const before = nodes.get(schemaId) ?? { schemaId, hash: '', summary: '', revision: 0, summaryRevision: 0 }
    const after = isRef ? withRef(before, change) : withSummary(before, change)
    if (isRef) this.#count(service.slice(0, service.lastIndexOf('/')), before.hash, after.hash)
    if (after.revision === 0 && after.summaryRevision === 0) nodes.delete(schemaId)
    else nodes.set(schemaId, after)
    if (nodes.size === 0) this.#services.delete(service)
    else this.#services.set(service, nodes)
  }

  #count(tenant: Tenant, before: string, after: string): void {
    if (before !== '') {
      const left = (this.#users.get(`${tenant}/${before}`) ?? 1) - 1
      if (left === 0) this.#users.delete(`${tenant}/${before}`)
      else this.#users.set(`${tenant}/${before}`, left)
    }
    if (after !== '') this.#users.set(`${tenant}/${after}`, (this.#users.get(`${tenant}/${after}`) ?? 0) + 1)
  }
}

function withRef(node: ContractNode, change: Change): ContractNode {
  if (change.value === undefined) return { ...node, hash: '', revision: 0 }
  return { ...node, hash: change.value, revision: change.revision }
}

function withSummary(node: ContractNode, change: Change): ContractNode {
  if (change.value === undefined) return { ...node, summary: '', summaryRevision: 0 }
  return { ...node, summary: change.value, summaryRevision: change.revision }
}
