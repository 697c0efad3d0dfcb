import type { Role } from '@rollcall/protocol/accounts'
import { ROLE, ROLE_CHANGE } from '@rollcall/protocol/accounts'
import type { RoleNode, Roles } from '../../domain/auth/index.ts'
import { EMPTY, json } from '../answers.ts'
import type { Answer, Call, Route } from '../call.ts'
import { checkedBody } from '../checked.ts'
import { may } from '../permission.ts'

const ALL = '/v4/roles'
const ONE = `${ALL}/:name`

/** Roles, for those who manage them. */
export function roleRoutes(roles: Roles): Route[] {
  const at = { family: 'plain' } as const
  return [
    { ...at, method: 'GET', path: ALL, permission: may('get', 'role'), handle: () => list(roles) },
    {
      ...at,
      method: 'POST',
      path: ALL,
      permission: may('create', 'role'),
      body: { shape: ROLE },
      handle: (call) => create(roles, call),
    },
    {
      ...at,
      method: 'GET',
      path: ONE,
      permission: may('get', 'role'),
      handle: ({ params }) => json(shown(roles.get(params.name ?? ''))),
    },
    {
      ...at,
      method: 'PUT',
      path: ONE,
      permission: may('update', 'role'),
      body: { shape: ROLE_CHANGE },
      handle: (call) => change(roles, call),
    },
    { ...at, method: 'DELETE', path: ONE, permission: may('delete', 'role'), handle: (call) => remove(roles, call) },
  ]
}

function shown({ record }: RoleNode): object {
  const { id, name, perms = [], createTime, updateTime } = record
  return { id, name, ...(perms.length === 0 ? {} : { perms }), createTime, updateTime }
}

function list(roles: Roles): Answer {
  const found = roles.list()
  return json({ total: found.length, data: found.map(shown) })
}

async function create(roles: Roles, call: Call): Promise<Answer> {
  await roles.create(call.principal, checkedBody<Role>(call, ROLE))
  return EMPTY
}

async function change(roles: Roles, call: Call): Promise<Answer> {
  const { perms = [] } = checkedBody<Role>(call, ROLE_CHANGE)
  await roles.change(call.principal, call.params.name ?? '', perms)
  return EMPTY
}

async function remove(roles: Roles, { principal, params }: Call): Promise<Answer> {
  await roles.remove(principal, params.name ?? '')
  return EMPTY
}
