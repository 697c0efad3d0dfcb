import type { Environment } from '@rollcall/protocol/environments'
import { ENVIRONMENT, ENVIRONMENT_CHANGE } from '@rollcall/protocol/environments'
import type { Environments } from '../../domain/registry/index.ts'
import { EMPTY, json } from '../answers.ts'
import { jsonOf } from '../audited.ts'
import type { Audited, Call, Route } from '../call.ts'
import { checkedBody } from '../checked.ts'
import { may } from '../permission.ts'

const ALL = '/v4/:project/registry/environments'
const ONE = `${ALL}/:environmentId`

/** Where services of a tenant may run. Everybody may look; making and removing them is for operators. */
export function environmentRoutes(environments: Environments): Route[] {
  const idOf = ({ params }: Call) => params.environmentId ?? ''
  const audited = (action: string): Audited => ({
    action,
    resource: (call, _, made = idOf(call)) => made,
    state: (call, _, made = idOf(call)) => jsonOf(() => environments.get(call.tenant, made)),
  })
  const read = { family: 'v4', method: 'GET', permission: 'signed-in' } as const
  return [
    { ...read, path: ALL, handle: ({ tenant }) => json({ environments: environments.list(tenant) }) },
    {
      family: 'v4',
      method: 'POST',
      path: ALL,
      permission: may('create', 'ops'),
      audit: audited('environment.create'),
      body: { shape: ENVIRONMENT },
      handle: async (call) => {
        const made = await environments.create(call.tenant, checkedBody<Environment>(call, ENVIRONMENT))
        return { ...json({ envId: made }), made }
      },
    },
    { ...read, path: ONE, handle: (call) => json({ environment: environments.get(call.tenant, idOf(call)) }) },
    {
      family: 'v4',
      method: 'PUT',
      path: ONE,
      permission: may('update', 'ops'),
      audit: audited('environment.update'),
      body: { shape: ENVIRONMENT_CHANGE },
      handle: async (call) => {
        await environments.change(call.tenant, idOf(call), checkedBody<Environment>(call, ENVIRONMENT_CHANGE))
        return EMPTY
      },
    },
    {
      family: 'v4',
      method: 'DELETE',
      path: ONE,
      permission: may('delete', 'ops'),
      audit: audited('environment.delete'),
      handle: async (call) => {
        await environments.remove(call.tenant, idOf(call))
        return EMPTY
      },
    },
  ]
}
