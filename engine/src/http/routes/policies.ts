import type { PolicyBody } from '@rollcall/protocol/policies'
import { POLICY } from '@rollcall/protocol/policies'
import type { Asker, Policies } from '../../domain/policies/index.ts'
import { EMPTY, json, jsonText } from '../answers.ts'
import type { Answer, Audited, Call, Route } from '../call.ts'
import { may } from '../permission.ts'

const ALL = '/v1/:project/gov/:kind'
const ONE = `${ALL}/:id`

/** Policies of governance, kept by a configuration server. */
export function policyRoutes(policies: Policies): Route[] {
  const at = { family: 'v4' } as const
  return [
    { ...at, method: 'GET', path: ALL, permission: may('get', 'governance'), handle: (call) => list(policies, call) },
    {
      ...at,
      method: 'POST',
      path: ALL,
      permission: may('create', 'governance'),
      audit: audited('policy.create'),
      body: { shape: POLICY },
      handle: async (call) => {
        const made = await policies.create(askerOf(call), kindOf(call), call.body as PolicyBody)
        return { ...json({ id: made }), made }
      },
    },
    {
      ...at,
      method: 'GET',
      path: ONE,
      permission: may('get', 'governance'),
      handle: async (call) => indented(await policies.get(askerOf(call), kindOf(call), idOf(call))),
    },
    {
      ...at,
      method: 'PUT',
      path: ONE,
      permission: may('update', 'governance'),
      audit: audited('policy.update'),
      body: { shape: POLICY },
      handle: async (call) => {
        await policies.change(askerOf(call), { kind: kindOf(call), id: idOf(call) }, call.body as PolicyBody)
        return EMPTY
      },
    },
    {
      ...at,
      method: 'DELETE',
      path: ONE,
      permission: may('delete', 'governance'),
      audit: audited('policy.delete'),
      handle: async (call) => {
        await policies.remove(askerOf(call), { kind: kindOf(call), id: idOf(call) })
        return EMPTY
      },
    },
  ]
}

async function list(policies: Policies, call: Call): Promise<Answer> {
  const place = { app: call.query.get('app'), environment: call.query.get('environment') }
  const kind = kindOf(call)
  return indented(
    kind === 'display' ? await policies.display(askerOf(call), place) : await policies.list(askerOf(call), kind, place),
  )
}

/** They are not in memory, so what is noted is what was asked for. */
function audited(action: string): Audited {
  return {
    action,
    resource: (call, _, made = idOf(call)) => `${kindOf(call)}/${made}`,
    outcome: ({ body }) => (body === undefined ? undefined : JSON.stringify(body)),
  }
}

/** People read these answers as they are. */
function indented(value: unknown): Answer {
  return jsonText(JSON.stringify(value, undefined, 2))
}

function askerOf({ params, authorization }: Call): Asker {
  return { project: params.project ?? '', authorization }
}

function kindOf({ params }: Call): string {
  return params.kind ?? ''
}

function idOf({ params }: Call): string {
  return params.id ?? ''
}
