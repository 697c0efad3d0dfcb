import { checkObject } from '@rollcall/protocol/check'
import type { SchemaBody, SchemasBody } from '@rollcall/protocol/requests'
import {
  GET_SCHEMA,
  LIST_SCHEMAS,
  PUT_SCHEMA,
  PUT_SCHEMAS,
  REMOVE_SCHEMA,
  SCHEMA_BODY,
} from '@rollcall/protocol/requests'
import type { Comparer, Contracts, ListedContract } from '../../domain/contracts/index.ts'
import { fail } from '../../kernel/failure.ts'
import { EMPTY, json, jsonText } from '../answers.ts'
import type { Answer, Audited, Call, Route } from '../call.ts'
import { check, checkedIds } from '../checked.ts'
import { may } from '../permission.ts'
import { ofComparison, ofService } from '../scopes.ts'

const ALL = '/v4/:project/registry/microservices/:serviceId/schemas'

/** Contracts of services. */
export function contractRoutes(
  contracts: Contracts,
  { putDisabled, comparer }: { readonly putDisabled: boolean; readonly comparer: Comparer },
): Route[] {
  const at = { family: 'v4' } as const
  return [
    {
      ...at,
      method: 'GET',
      path: ALL,
      permission: may('get', 'service/schema', ofService),
      handle: (call) => list(contracts, call),
    },
    {
      ...at,
      method: 'POST',
      path: ALL,
      permission: may('create', 'service/schema', ofService),
      audit: audited(contracts, 'schema.set'),
      body: { shape: PUT_SCHEMAS },
      handle: (call) => putAll(contracts, call),
    },
    {
      ...at,
      method: 'GET',
      path: `${ALL}/:schemaId`,
      permission: may('get', 'service/schema', ofService),
      handle: (call) => get(contracts, call),
    },
    {
      ...at,
      method: 'PUT',
      path: `${ALL}/:schemaId`,
      permission: may('update', 'service/schema', ofService),
      audit: audited(contracts, 'schema.put'),
      body: { shape: SCHEMA_BODY },
      admit: () => {
        if (putDisabled) fail('Forbidden', 'schema modify is disabled')
      },
      handle: (call) => put(contracts, call),
    },
    {
      ...at,
      method: 'GET',
      path: `${ALL}/:schemaId/diff`,
      permission: may('get', 'service/schema', ofComparison),
      handle: (call) => compare(contracts, comparer, call),
    },
    {
      ...at,
      method: 'DELETE',
      path: `${ALL}/:schemaId`,
      permission: may('delete', 'service/schema', ofService),
      audit: audited(contracts, 'schema.delete'),
      handle: (call) => remove(contracts, call),
    },
  ]
}

/** Contents are named by their digest, and not shown. */
function audited(contracts: Contracts, action: string): Audited {
  return {
    action,
    resource: ({ params }) =>
      Object.values({ service: params.serviceId, schema: params.schemaId }).filter(Boolean).join('/'),
    state: ({ tenant, params }) => contracts.digests(tenant, params.serviceId ?? '', params.schemaId),
  }
}

async function list(contracts: Contracts, call: Call): Promise<Answer> {
  const withSchema = call.query.get('withSchema')
  if (!['', '0', '1'].includes(withSchema)) fail('InvalidParameters', 'parameter withSchema must be 1 or 0')
  const { serviceId } = checkedIds(call, LIST_SCHEMAS)
  const found = await contracts.list(call.tenant, serviceId, withSchema === '1')
  return found.length === 0 ? jsonText('{}') : json({ schemas: found.map(listed) })
}

/** An empty summary is left out. */
function listed({ schemaId, summary, schema }: ListedContract): object {
  return { schemaId, ...(summary ? { summary } : {}), ...(schema === undefined ? {} : { schema }) }
}

async function get(contracts: Contracts, { tenant, params }: Call): Promise<Answer> {
  const { serviceId = '', schemaId = '' } = params
  check(GET_SCHEMA, { serviceId, schemaId })
  const { schema, summary } = await contracts.get(tenant, serviceId, schemaId)
  return jsonText(JSON.stringify({ schema }), ['X-Schema-Summary', summary])
}

async function put(contracts: Contracts, { tenant, params, body }: Call): Promise<Answer> {
  const { serviceId = '', schemaId = '' } = params
  const { schema = '', summary = '' } = body as SchemaBody
  check(PUT_SCHEMA, { serviceId, schemaId, schema, summary })
  await contracts.put(tenant, serviceId, { schemaId, summary, schema })
  return EMPTY
}

/** Whatever is wrong with the set, the refusal says no more than that, as Service Center's does. */
async function putAll(contracts: Contracts, call: Call): Promise<Answer> {
  const { serviceId } = checkedIds(call, LIST_SCHEMAS)
  if (checkObject(PUT_SCHEMAS, call.body as never) !== undefined) fail('InvalidParameters', 'Invalid request.')
  const { schemas } = call.body as SchemasBody
  await contracts.putAll(call.tenant, serviceId, schemas)
  return EMPTY
}

async function remove(contracts: Contracts, { tenant, params }: Call): Promise<Answer> {
  const { serviceId = '', schemaId = '' } = params
  check(REMOVE_SCHEMA, { serviceId, schemaId })
  await contracts.remove(tenant, serviceId, schemaId)
  return EMPTY
}

/** What this contract changes compared with the one that `with` names: the same id, or `withSchema`, of that service. */
async function compare(contracts: Contracts, comparer: Comparer, { tenant, params, query }: Call): Promise<Answer> {
  const { serviceId = '', schemaId = '' } = params
  const one = { serviceId, schemaId }
  const other = { serviceId: query.get('with'), schemaId: query.get('withSchema') || schemaId }
  if (other.serviceId === '') fail('InvalidParameters', 'parameter with must be the id of the service to compare with')
  check(GET_SCHEMA, one)
  check(GET_SCHEMA, other)
  const { isIdentical, comparedAs, changes, isCut } = await contracts.compare(tenant, { one, other }, comparer)
  const count = (wanted: string) => changes.filter(({ effect }) => effect === wanted).length
  return json({
    identical: isIdentical,
    comparedAs,
    breaking: count('breaking'),
    compatible: count('compatible'),
    neutral: count('neutral'),
    isCut,
    changes: changes.map((change) => ({ ...change, breaking: change.effect === 'breaking' })),
  })
}
