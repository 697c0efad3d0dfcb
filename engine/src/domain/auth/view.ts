import { createHash } from 'node:crypto'
import type { Account, Permission, Role } from '@rollcall/protocol/accounts'
import type { Change, Fold } from '../../storage/store.ts'
import { PREFIXES } from './keys.ts'
import { principal } from './permissions.ts'
import type { AccountNode, Lock, Principal, RoleNode } from './types.ts'

/** A stored pair of keys. */
export interface SigningKeyRecord {
  readonly id: string
  readonly privateKey: string
  readonly publicKey: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** Accounts, roles, locks and signing keys as the store says them. Every read is synchronous. */
export class AuthView implements Fold {
  readonly prefixes = [PREFIXES.roles, PREFIXES.accounts, PREFIXES.locks, PREFIXES.signingKeys]
  readonly #accounts = new Map<string, AccountNode>()
  readonly #roles = new Map<string, RoleNode>()
  readonly #locks = new Map<string, Lock>()
  readonly #signingKeys = new Map<string, SigningKeyRecord>()
  /** Made when first asked for, forgotten at every change of accounts and roles. */
  readonly #principals = new Map<string, Principal>()
  readonly #listeners: (() => void)[] = []

  /** Calls `listener` after every change that may take a right away: of accounts, roles and signing keys. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  account(name: string): AccountNode | undefined {
    return this.#accounts.get(name)
  }

  /** All accounts by name. */
  accounts(): AccountNode[] {
    return sorted(this.#accounts)
  }

  role(name: string): RoleNode | undefined {
    return this.#roles.get(name)
  }

  /** All roles by name. */
  roles(): RoleNode[] {
    return sorted(this.#roles)
  }

  lock(key: string): Lock | undefined {
    return this.#locks.get(key)
  }

  /** All stored locks. */
  locks(): Iterable<Lock> {
    return this.#locks.values()
  }

  get lockCount(): number {
    return this.#locks.size
  }

  /** The stored signing keys, newest first. */
  signingKeys(): SigningKeyRecord[] {
    return [...this.#signingKeys.values()].sort((one, other) => other.createdAt - one.createdAt)
  }

  /** What the account may do at the moment; undefined when it is not there or may not be used. */
  principal(name: string): Principal | undefined {
    const known = this.#principals.get(name)
    if (known !== undefined) return known
    const account = this.#accounts.get(name)
    if (account === undefined || !account.isActive) return undefined
    const made = principal(name, account.roles, this.permissionsOf(account.roles))
    this.#principals.set(name, made)
    return made
  }

  /** The permissions of roles; those that do not exist have none. */
  permissionsOf(roles: readonly string[]): Permission[] {
    return roles.flatMap((role) => this.#roles.get(role)?.record.perms ?? [])
  }

  apply(change: Change): void {
    const { key } = change
    if (key.startsWith(PREFIXES.locks)) {
      this.#applyLock(key.slice(PREFIXES.locks.length), change)
      return
    }
    if (key.startsWith(PREFIXES.accounts)) this.#applyAccount(key.slice(PREFIXES.accounts.length), change)
    else if (key.startsWith(PREFIXES.roles)) this.#applyRole(key.slice(PREFIXES.roles.length), change)
    else this.#applySigningKey(key.slice(PREFIXES.signingKeys.length), change)
    this.#principals.clear()
    for (const listener of this.#listeners) listener()
  }

  #applyAccount(name: string, change: Change): void {
    if (change.value === undefined) {
      this.#accounts.delete(name)
      return
    }
    const record = JSON.parse(change.value) as Account
    const roles = record.roles ?? (record.role === undefined ? [] : [record.role])
    const isActive = record.status !== 'inactive'
    const credential = credentialOf(record.password)
    this.#accounts.set(name, { name, record, roles, isActive, credential, revision: change.revision })
  }

  #applyRole(name: string, change: Change): void {
    if (change.value === undefined) this.#roles.delete(name)
    else this.#roles.set(name, { name, record: JSON.parse(change.value) as Role, revision: change.revision })
  }

  #applyLock(key: string, change: Change): void {
    if (change.value === undefined) this.#locks.delete(key)
    else this.#locks.set(key, { ...(JSON.parse(change.value) as Lock), key })
  }

  #applySigningKey(id: string, change: Change): void {
    if (change.value === undefined) this.#signingKeys.delete(id)
    else this.#signingKeys.set(id, { ...(JSON.parse(change.value) as SigningKeyRecord), id })
  }
}

/** Part of the digest of a salted hash. */
function credentialOf(passwordHash = ''): string {
  return createHash('sha256').update(passwordHash).digest('base64url').slice(0, 16)
}

function sorted<Node extends { readonly name: string }>(nodes: ReadonlyMap<string, Node>): Node[] {
  return [...nodes.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}
