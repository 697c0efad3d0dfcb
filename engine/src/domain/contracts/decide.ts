import { fail } from '../../kernel/failure.ts'
import type { Plan } from '../../storage/commit.ts'
import type { Guard, Write } from '../../storage/store.ts'
import type { KnownService, PlanPart } from '../registry/index.ts'
import { serviceChange } from '../registry/index.ts'
import { contentHash, keys } from './keys.ts'
import type { Contract, ContractFailure, ContractNode } from './types.ts'
import type { ContractView } from './view.ts'

/** In this environment contracts are promises: what others build on must not change under them. */
const STRICT_ENVIRONMENT = 'production'

/** A service whose contracts are about to change. */
interface Target {
  readonly view: ContractView
  readonly service: KnownService
  /** Lifts the rules of production. */
  readonly editable: boolean
}

/** Stores one contract. */
export function decidePut({ view, service, editable }: Target, contract: Contract): Plan<void> {
  const stored = view.contract(service, contract.schemaId)
  const listed = service.record.schemas ?? []
  if (isStrict(service, editable)) {
    checkListed(listed, contract.schemaId)
    if (stored !== undefined) {
      checkSame(stored, contract)
      return { guards: [], writes: [], result: undefined }
    }
  }
  const schemas = listed.includes(contract.schemaId) ? listed : [...listed, contract.schemaId]
  return merge(serviceChange(service, { schemas }), storing(view, service, contract))
}

/**
 * Stores a whole set: what is not in it goes. In production the set is fixed once: listed ids that are not stored yet
 * are added, stored ones stay as they are, and nothing goes.
 */
export function decidePutAll({ view, service, editable }: Target, contracts: readonly Contract[]): Plan<void> {
  const wanted = new Map(contracts.map((contract) => [contract.schemaId, contract]))
  const listed = service.record.schemas ?? []
  if (isStrict(service, editable)) {
    for (const schemaId of wanted.keys()) checkListed(listed, schemaId)
    const fresh = [...wanted.values()].filter(({ schemaId }) => view.contract(service, schemaId) === undefined)
    const schemas = listed.length === 0 ? [...wanted.keys()] : listed
    return merge(serviceChange(service, { schemas }), ...fresh.map((contract) => storing(view, service, contract)))
  }
  const gone = view.contracts(service).filter(({ schemaId }) => !wanted.has(schemaId))
  return merge(
    serviceChange(service, { schemas: [...wanted.keys()] }),
    ...[...wanted.values()].map((contract) => storing(view, service, contract)),
    ...gone.map((node) => removing(service, node)),
  )
}

/** Removes one contract; its id stays listed in the service. */
export function decideRemoval({ view, service }: Omit<Target, 'editable'>, schemaId: string): Plan<void> {
  const node = view.contract(service, schemaId)
  if (node === undefined) return fail<ContractFailure>('SchemaNotFound', 'schema ref not found.')
  return merge(removing(service, node))
}

/** Everything that goes with a removed service. */
export function withdrawal(view: ContractView, service: KnownService, since: number): PlanPart {
  const { guards, writes } = merge(...view.contracts(service).map((node) => removing(service, node)))
  return { guards: [...guards, { prefix: keys.refsOf(service.tenant, service.id), since }], writes: [...writes] }
}

function isStrict({ record }: KnownService, editable: boolean): boolean {
  return record.environment === STRICT_ENVIRONMENT && !editable
}

/** A service that lists no contracts may define its set with the first upload. */
function checkListed(listed: readonly string[], schemaId: string): void {
  if (listed.length === 0 || listed.includes(schemaId)) return
  fail<ContractFailure>(
    'SchemaUndefined',
    `schema ${schemaId} is not listed in the service, whose environment is production`,
  )
}

function checkSame(stored: ContractNode, { schemaId, schema }: Contract): void {
  if (stored.hash === contentHash(schemaId, schema)) return
  fail<ContractFailure>(
    'SchemaReadOnly',
    `schema ${schemaId} exists with other content, and the environment is production`,
  )
}

function storing(view: ContractView, { tenant, id }: KnownService, { schemaId, summary, schema }: Contract): PlanPart {
  const hash = contentHash(schemaId, schema)
  const writes: Write[] = [
    { key: keys.ref(tenant, id, schemaId), value: hash },
    { key: keys.summary(tenant, id, schemaId), value: summary },
  ]
  // A content that somebody refers to is stored, and stays as long as that reference does; others may be on their way out.
  const keeper = view.keeperOf(tenant, hash)
  if (keeper !== undefined) return { guards: [keeper], writes }
  writes.push({ key: keys.content(tenant, hash), value: schema })
  return { guards: [], writes }
}

function removing({ tenant, id }: KnownService, { schemaId }: ContractNode): PlanPart {
  return { guards: [], writes: [{ key: keys.ref(tenant, id, schemaId) }, { key: keys.summary(tenant, id, schemaId) }] }
}

/** One plan of several parts; a key that several of them write is written once. */
function merge(...parts: readonly PlanPart[]): Plan<void> {
  const guards: Guard[] = parts.flatMap((part) => part.guards)
  const writes = new Map(parts.flatMap((part) => part.writes).map((write) => [write.key, write]))
  return { guards, writes: [...writes.values()], result: undefined }
}
