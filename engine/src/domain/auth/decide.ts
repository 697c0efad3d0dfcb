import type { Account, Permission, Role } from '@rollcall/protocol/accounts'
import { fail } from '../../kernel/failure.ts'
import type { Plan } from '../../storage/commit.ts'
import type { Guard, Revision, Write } from '../../storage/store.ts'
import { keys, PREFIXES } from './keys.ts'
import { ADMIN, missingFrom, ROOT, unknownLabel } from './permissions.ts'
import type { AccountNode, AuthFailure, Principal, RoleNode } from './types.ts'
import type { AuthView } from './view.ts'

/** Roles that nobody may change. */
const BUILT_IN_ROLES: ReadonlySet<string> = new Set([ADMIN, 'developer'])

/** Who wants the change, when (Unix seconds as text), and what there is. */
export interface Context {
  readonly view: AuthView
  readonly by: Principal
  readonly seconds: string
}

/** A context in which something is made. */
export interface MakingContext extends Context {
  /** How many there may be. */
  readonly max: number
  /** Revision that the decision is based on. */
  readonly since: Revision
}

export function findAccount(view: AuthView, name: string): AccountNode {
  return view.account(name) ?? fail<AuthFailure>('AccountNotFound', `account [${name}] not exist`)
}

export function findRole(view: AuthView, name: string): RoleNode {
  return view.role(name) ?? fail<AuthFailure>('RoleNotFound', `role [${name}] not exist`)
}

/** A new account; `account.password` is the hash. @throws AccountQuotaExceeded, AccountRolesInvalid, AccountDuplicated, NoPermission */
export function decideAccount(context: MakingContext, account: Account, newId: string): Plan<void> {
  const { view, by, seconds, max, since } = context
  const { name = '', id = newId, status, ...rest } = account
  const roles = rolesOf(account)
  if (view.accounts().length >= max) noRoom('AccountQuotaExceeded', 'ACCOUNT', { max, used: view.accounts().length })
  checkRoles(view, by, roles)
  if (view.account(name) !== undefined) fail<AuthFailure>('AccountDuplicated', 'account is duplicated')
  const times = { createTime: seconds, updateTime: seconds }
  const { role: _, ...stored } = { ...rest, id: id || newId, name, roles, status: status || 'active', ...times }
  return {
    // Whoever makes another one at the same time must count this one.
    guards: [{ key: keys.account(name), revision: 0 }, { prefix: PREFIXES.accounts, since }, ...rolesHeld(view, roles)],
    writes: [putAccount(stored), ...roles.map((role) => ({ key: keys.binding(role, name), value: '' }))],
    result: undefined,
  }
}

/** Other roles, another state. @throws BuiltInAccount, OwnAccount, AccountNotFound, AccountRolesInvalid, NoPermission */
export function decideAccountChange(context: Context, name: string, change: Account): Plan<void> {
  const { view, by, seconds } = context
  const node = operable(context, name)
  const given = rolesOf(change)
  const roles = given.length === 0 ? node.roles : given
  checkRoles(view, by, roles)
  const status = change.status || node.record.status || 'active'
  const { role: _, ...record } = { ...node.record, roles, status, updateTime: seconds }
  const gone = node.roles.filter((role) => !roles.includes(role))
  return {
    guards: [{ key: keys.account(name), revision: node.revision }, ...rolesHeld(view, roles)],
    writes: [
      putAccount(record),
      ...roles.map((role) => ({ key: keys.binding(role, name), value: '' })),
      ...gone.map((role) => ({ key: keys.binding(role, name) })),
    ],
    result: undefined,
  }
}

/** @throws BuiltInAccount, OwnAccount, AccountNotFound, NoPermission */
export function decideAccountRemoval(context: Context, name: string): Plan<void> {
  const { roles, revision } = operable(context, name)
  return {
    guards: [{ key: keys.account(name), revision }],
    writes: [{ key: keys.account(name) }, ...roles.map((role) => ({ key: keys.binding(role, name) }))],
    result: undefined,
  }
}

/** A new password, as a hash. */
export function decidePassword(node: AccountNode, hash: string, seconds: string): Plan<void> {
  return {
    guards: [{ key: keys.account(node.name), revision: node.revision }],
    writes: [putAccount({ ...node.record, password: hash, updateTime: seconds })],
    result: undefined,
  }
}

/** @throws RoleQuotaExceeded, RoleDuplicated, InvalidParameters, NoPermission */
export function decideRole(
  { view, by, seconds, max, since }: MakingContext,
  { name = '', perms = [] }: Role,
  newId: string,
): Plan<void> {
  if (view.roles().length >= max) noRoom('RoleQuotaExceeded', 'ROLE', { max, used: view.roles().length })
  checkPermissions(by, perms)
  if (view.role(name) !== undefined) fail<AuthFailure>('RoleDuplicated', 'role is duplicated')
  const role = { id: newId, name, perms, createTime: seconds, updateTime: seconds }
  const guards = [
    { key: keys.role(name), revision: 0 },
    { prefix: PREFIXES.roles, since },
  ]
  return { guards, writes: [putRole(role)], result: undefined }
}

/** Other permissions. @throws BuiltInRole, RoleNotFound, InvalidParameters, NoPermission */
export function decideRoleChange(context: Context, name: string, perms: readonly Permission[]): Plan<void> {
  const { record, revision } = changeable(context, name)
  checkPermissions(context.by, perms)
  const writes = [putRole({ ...record, perms, updateTime: context.seconds })]
  return { guards: [{ key: keys.role(name), revision }], writes, result: undefined }
}

/** @throws BuiltInRole, RoleNotFound, RoleBound, NoPermission */
export function decideRoleRemoval(context: Context, name: string, since: number): Plan<void> {
  const { revision } = changeable(context, name)
  const holder = context.view.accounts().find(({ roles }) => roles.includes(name))
  if (holder !== undefined) fail<AuthFailure>('RoleBound', `account [${holder.name}] has the role`)
  const guards: Guard[] = [
    { key: keys.role(name), revision },
    { prefix: keys.bindingsOf(name), since },
  ]
  return { guards, writes: [{ key: keys.role(name) }], result: undefined }
}

/** The roles of an account document: each once, the old spelling too. */
function rolesOf({ roles = [], role }: Account): string[] {
  return [...new Set(roles.length > 0 || !role ? roles : [role])]
}

/** Neither the name nor its reverse may be the password. */
export function checkPasswordAgainstName(name: string, password: string): void {
  if (password === name) fail<AuthFailure>('InvalidParameters', 'account name and password MUST NOT be same')
  if (password === [...name].reverse().join('')) {
    fail<AuthFailure>('InvalidParameters', 'password MUST NOT be the revered account name')
  }
}

/** Refuses in the words of Service Center, which puts one error into the other. */
function noRoom(
  code: AuthFailure,
  what: string,
  { max, used }: { readonly max: number; readonly used: number },
): never {
  const facts = `max num is ${max}, curNum is ${used}, apply num is 1`
  return fail<AuthFailure>(code, `Not enough quota(no quota to create ${what}, ${facts})`)
}

/** Roles must exist, and whoever gives them must hold what they allow. */
function checkRoles(view: AuthView, by: Principal, roles: readonly string[]): void {
  if (roles.some((role) => view.role(role) === undefined)) fail<AuthFailure>('AccountRolesInvalid', 'role not exist')
  checkHeld(by, roles, view.permissionsOf(roles))
}

function checkHeld(by: Principal, roles: readonly string[], permissions: readonly Permission[]): void {
  if (roles.includes(ADMIN) && !by.isAdmin)
    fail<AuthFailure>('NoPermission', 'only admin may give or take the role admin')
  const missing = missingFrom(by, permissions)
  if (missing === undefined) return
  fail<AuthFailure>('NoPermission', `nobody may give or take more than he has: role has no permissions[${missing}]`)
}

function checkPermissions(by: Principal, perms: readonly Permission[]): void {
  const label = unknownLabel(perms)
  if (label !== undefined) {
    const known = 'environment, appId, serviceName, domain and project'
    fail<AuthFailure>('InvalidParameters', `field 'Role.Perms': unknown label '${label}'; there are ${known}`)
  }
  checkHeld(by, [], perms)
}

/** An account that the caller may change: not root, not his own, and none with more rights than his. */
function operable({ view, by }: Context, name: string): AccountNode {
  if (name === ROOT) fail<AuthFailure>('BuiltInAccount', 'root can not be operated')
  if (name === by.account) fail<AuthFailure>('OwnAccount', 'your account can not be operated')
  const node = findAccount(view, name)
  checkHeld(by, node.roles, view.permissionsOf(node.roles))
  return node
}

function changeable({ view, by }: Context, name: string): RoleNode {
  if (BUILT_IN_ROLES.has(name)) fail<AuthFailure>('BuiltInRole', 'build-in role can not be operated')
  const node = findRole(view, name)
  checkHeld(by, [], node.record.perms ?? [])
  return node
}

/** Roles that do not exist any more are let go of; the others must not vanish under the commit. */
function rolesHeld(view: AuthView, roles: readonly string[]): Guard[] {
  return roles.map((role) => ({ key: keys.role(role), revision: view.role(role)?.revision ?? 0 }))
}

function putAccount(account: Account): Write {
  return { key: keys.account(account.name ?? ''), value: JSON.stringify(account) }
}

function putRole(role: Role): Write {
  return { key: keys.role(role.name ?? ''), value: JSON.stringify(role) }
}
