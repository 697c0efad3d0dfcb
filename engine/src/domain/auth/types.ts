import type { Account, Permission, Role } from '@rollcall/protocol/accounts'
import type { MaybePromise, Revision } from '../../storage/store.ts'

/** Refusals of this module. The detail of `Unauthorized` begins with Service Center's finer code. */
export type AuthFailure =
  | 'InvalidParameters'
  | 'AccountNotFound'
  | 'RoleNotFound'
  | 'AccountRolesInvalid'
  | 'AccountQuotaExceeded'
  | 'RoleQuotaExceeded'
  | 'RoleBound'
  | 'NewPasswordRefused'
  | 'Unauthorized'
  | 'HalfOpenUnauthorized'
  | 'Forbidden'
  | 'AccountBlocked'
  | 'BuiltInAccount'
  | 'BuiltInRole'
  | 'OwnAccount'
  | 'NoPermission'
  | 'AccountDuplicated'
  | 'RoleDuplicated'
  | 'TooManySignIns'

/** What access control was given at its start and cannot use; the message says why and what to do. */
export class AuthStartError extends Error {
  override readonly name = 'AuthStartError'
}

/** Kinds of things that permissions are about. */
export type ResourceType = 'account' | 'role' | 'service' | 'service/schema' | 'governance' | 'ops' | 'audit' | 'config'
export type Verb = 'get' | 'create' | 'update' | 'delete'

/** Conditions on a target, by name; every one must match. */
export type Labels = Readonly<Record<string, string>>

/** How far a permission goes: everything, or what matches one of several sets of labels. */
export type Reach = 'all' | readonly Labels[]

/** Who asks, as plain data: made by the edge from a credential, handed on in every call. */
export interface Principal {
  readonly account: string
  readonly roles: readonly string[]
  /** Holds the role admin, which may do everything. */
  readonly isAdmin: boolean
  readonly permissions: readonly Permission[]
  /** The permissions once more, by `type:verb`. */
  readonly grants: ReadonlyMap<string, Reach>
  /** The token that was shown; absent where no token stands behind it. */
  readonly token?: TokenFacts
}

/** What of a token counts for as long as a connection stays open. */
export interface TokenFacts {
  readonly endMs: number
  /** Names the password that the token was given for; absent in tokens of Service Center. */
  readonly credential: string | undefined
}

/** An account in memory; its password is a hash. */
export interface AccountNode {
  readonly name: string
  readonly record: Account
  readonly roles: readonly string[]
  readonly isActive: boolean
  /** Names its password in tokens, without giving anything of it away. */
  readonly credential: string
  readonly revision: Revision
}

export interface RoleNode {
  readonly name: string
  readonly record: Role
  readonly revision: Revision
}

/** A stored lock of a name at an address. */
export interface Lock {
  /** `name::address`. */
  readonly key: string
  readonly status: 'attempted' | 'banned'
  /** Unix seconds. */
  readonly releaseAt: number
}

/** How many accounts or roles there may be, for somebody who will have `wanted` of them. Declared here; what knows quotas is provided by engine.ts. @throws QuotaUnavailable */
export type LimitOf = (resource: 'account' | 'role', wanted: number) => MaybePromise<number>
