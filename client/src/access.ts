import type { Account, Permission, Role } from '@rollcall/protocol/accounts'
import type { Transport } from './transport.ts'

/** An account as the engine shows it. */
export type KnownAccount = Pick<Account, 'id' | 'status' | 'createTime' | 'updateTime'> & {
  readonly name: string
  readonly roles: readonly string[]
}

/** A name that is locked at an address, or has wrong passwords there. */
export interface AccountLock {
  /** `name::address`. */
  readonly key: string
  readonly status: 'attempted' | 'banned'
  /** Unix seconds. */
  readonly releaseAt: number
}

/** Calls about who may do what. All reject with RollcallError or ConnectionError; where access control is off, with 404. */
export interface Access {
  accounts(): Promise<readonly KnownAccount[]>
  account(name: string): Promise<KnownAccount>
  createAccount(account: {
    readonly name: string
    readonly password: string
    readonly roles: readonly string[]
  }): Promise<void>
  /** Other roles, another status (`active`, `inactive`); what is left out stays. */
  changeAccount(name: string, change: { readonly roles?: readonly string[]; readonly status?: string }): Promise<void>
  removeAccount(name: string): Promise<void>
  /** One's own needs the current one; that of another only an admin may change. */
  changePassword(name: string, change: { readonly password: string; readonly current?: string }): Promise<void>
  locks(): Promise<readonly AccountLock[]>
  roles(): Promise<readonly Role[]>
  role(name: string): Promise<Role>
  createRole(name: string, permissions: readonly Permission[]): Promise<void>
  changeRole(name: string, permissions: readonly Permission[]): Promise<void>
  removeRole(name: string): Promise<void>
  /** What the caller may do. */
  permissions(): Promise<readonly Permission[]>
}

export function accessCalls(transport: Transport): Access {
  const ask = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: readonly string[], body?: unknown) =>
    (await transport.send({ method, api: 'access', path, ...(body === undefined ? {} : { body }) })).body
  const tell = async (...request: Parameters<typeof ask>): Promise<void> => {
    await ask(...request)
  }
  const listOf = async <Item>(path: string) => ((await ask('GET', [path])) as { data?: readonly Item[] }).data ?? []
  return {
    accounts: () => listOf('accounts'),
    account: async (name) => (await ask('GET', ['accounts', name])) as KnownAccount,
    createAccount: (account) => tell('POST', ['accounts'], account),
    changeAccount: (name, change) => tell('PUT', ['accounts', name], change),
    removeAccount: (name) => tell('DELETE', ['accounts', name]),
    changePassword: (name, { password, current = '' }) =>
      tell('POST', ['accounts', name, 'password'], { password, currentPassword: current }),
    locks: () => listOf('account-locks'),
    roles: () => listOf('roles'),
    role: async (name) => (await ask('GET', ['roles', name])) as Role,
    createRole: (name, perms) => tell('POST', ['roles'], { name, perms }),
    changeRole: (name, perms) => tell('PUT', ['roles', name], { perms }),
    removeRole: (name) => tell('DELETE', ['roles', name]),
    permissions: async () => ((await ask('GET', ['self-perms'])) as { perms?: readonly Permission[] }).perms ?? [],
  }
}
