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
import type { Contracts, ListedContract } from '../../domain/contracts/index.ts'
import { fail } from '../../kernel/failure.ts'
import { EMPTY, json, jsonText } from '../answers.ts'
import type { Answer, Call, Route } from '../call.ts'
import { check, checkedIds } from '../checked.ts'
import { may } from '../permission.ts'
import { ofService } from '../scopes.ts'

const ALL = '/v4/:project/registry/microservices/:serviceId/schemas'

/** Contracts of services. */
export function contractRoutes(contracts: Contracts, { putDisabled }: { readonly putDisabled: boolean }): Route[] {
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
      body: { shape: SCHEMA_BODY },
      admit: () => {
        if (putDisabled) fail('Forbidden', 'schema modify is disabled')
      },
      handle: (call) => put(contracts, call),
    },
    {
      ...at,
      method: 'DELETE',
      path: `${ALL}/:schemaId`,
      permission: may('delete', 'service/schema', ofService),
      handle: (call) => remove(contracts, call),
    },
  ]
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
