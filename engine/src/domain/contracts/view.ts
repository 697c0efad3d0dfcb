import type { Change, Fold, Revision } from '../../storage/store.ts'
import type { KnownService, Tenant } from '../registry/index.ts'
import { PREFIXES } from './keys.ts'
import type { ContractNode } from './types.ts'

/** Which contracts each service has. Their contents stay in the store: they are large and rarely read. */
export class ContractView implements Fold {
  readonly prefixes = [PREFIXES.refs, PREFIXES.summaries]
  /** By `tenant/service`, then by schema id. */
  readonly #services = new Map<string, Map<string, ContractNode>>()
  /** Store keys of the references to a content, by `tenant/hash`. */
  readonly #users = new Map<string, Set<string>>()

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

  /** Whether any contract of the tenant has this content. */
  hasContent(tenant: Tenant, hash: string): boolean {
    return this.#users.has(`${tenant}/${hash}`)
  }

  /** A reference to the content: as long as it is what it is, the content is stored. Undefined without any. */
  keeperOf(tenant: Tenant, hash: string): { readonly key: string; readonly revision: Revision } | undefined {
    const [key] = this.#users.get(`${tenant}/${hash}`) ?? []
    if (key === undefined) return undefined
    const [service, schemaId] = splitLast(key.slice(PREFIXES.refs.length))
    return { key, revision: this.#services.get(service)?.get(schemaId)?.revision ?? 0 }
  }

  apply(change: Change): void {
    const isRef = change.key.startsWith(PREFIXES.refs)
    const [service, schemaId] = splitLast(change.key.slice((isRef ? PREFIXES.refs : PREFIXES.summaries).length))
    const nodes = this.#services.get(service) ?? new Map<string, ContractNode>()
    const before = nodes.get(schemaId) ?? { schemaId, hash: '', summary: '', revision: 0, summaryRevision: 0 }
    const after = isRef ? withRef(before, change) : withSummary(before, change)
    if (isRef) this.#use(change.key, before.hash, after.hash)
    if (after.revision === 0 && after.summaryRevision === 0) nodes.delete(schemaId)
    else nodes.set(schemaId, after)
    if (nodes.size === 0) this.#services.delete(service)
    else this.#services.set(service, nodes)
  }

  /** Notes which content a reference has now. */
  #use(ref: string, before: string, after: string): void {
    if (before === after) return
    const [path] = splitLast(ref.slice(PREFIXES.refs.length))
    const [tenant] = splitLast(path)
    const left = this.#users.get(`${tenant}/${before}`)
    left?.delete(ref)
    if (left?.size === 0) this.#users.delete(`${tenant}/${before}`)
    if (after === '') return
    const users = this.#users.get(`${tenant}/${after}`) ?? new Set()
    this.#users.set(`${tenant}/${after}`, users.add(ref))
  }
}

/** Splits `a/b/c` into `a/b` and `c`. */
function splitLast(path: string): readonly [head: string, tail: string] {
  const at = path.lastIndexOf('/')
  return [path.slice(0, at), path.slice(at + 1)]
}

function withRef(node: ContractNode, change: Change): ContractNode {
  if (change.value === undefined) return { ...node, hash: '', revision: 0 }
  return { ...node, hash: change.value, revision: change.revision }
}

function withSummary(node: ContractNode, change: Change): ContractNode {
  if (change.value === undefined) return { ...node, summary: '', summaryRevision: 0 }
  return { ...node, summary: change.value, summaryRevision: change.revision }
}
