import type { Role } from '@rollcall/protocol/accounts'
import { ROLE, ROLE_CHANGE } from '@rollcall/protocol/accounts'
import type { RoleNode, Roles } from '../../domain/auth/index.ts'
import { EMPTY, json } from '../answers.ts'
import { jsonOf } from '../audited.ts'
import type { Answer, Audited, Call, Route } from '../call.ts'
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
      audit: audited(roles, 'role.create', ({ body }) => (body as Role).name ?? ''),
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
      audit: audited(roles, 'role.update', pathName),
      body: { shape: ROLE_CHANGE },
      handle: (call) => change(roles, call),
    },
    {
      ...at,
      method: 'DELETE',
      path: ONE,
      permission: may('delete', 'role'),
      audit: audited(roles, 'role.delete', pathName),
      handle: (call) => remove(roles, call),
    },
  ]
}

function pathName({ params }: Call): string {
  return params.name ?? ''
}

function audited(roles: Roles, action: string, name: (call: Call) => string): Audited {
  return { action, resource: name, state: (call) => jsonOf(() => shown(roles.get(name(call)))) }
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
