import type { Account, Permission } from '@rollcall/protocol/accounts'
import type { Clock } from '../../kernel/clock.ts'
import { fail } from '../../kernel/failure.ts'
import type { NewId } from '../../kernel/ids.ts'
import { Secret } from '../../kernel/secret.ts'
import type { Committer, Plan } from '../../storage/commit.ts'
import {
  checkPasswordAgainstName,
  decideAccount,
  decideAccountChange,
  decideAccountRemoval,
  decidePassword,
  findAccount,
} from './decide.ts'
import type { Lockouts } from './lockouts.ts'
import type { Passwords } from './passwords.ts'
import { refuseCredential } from './tokens.ts'
import type { AccountNode, AuthFailure, LimitOf, Lock, Principal } from './types.ts'
import type { AuthView } from './view.ts'

interface Needs {
  readonly view: AuthView
  readonly committer: Committer
  readonly clock: Clock
  readonly newId: NewId
  readonly passwords: Passwords
  readonly lockouts: Lockouts
  readonly limitOf: LimitOf
}

/** A wish for another password. */
export interface PasswordChange {
  readonly name: string
  /** Empty when it is another's. */
  readonly current: Secret
  readonly password: Secret
  /** Where the request comes from. */
  readonly address: string
}

/** Who may sign in. Documents given in must have been checked against their shapes. */
export class Accounts {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** All accounts by name; their documents hold password hashes. */
  list(): AccountNode[] {
    return this.#needs.view.accounts()
  }

  /** @throws AccountNotFound */
  get(name: string): AccountNode {
    return findAccount(this.#needs.view, name)
  }

  /** Locked names with their addresses. */
  locks(): Lock[] {
    return this.#needs.lockouts.list()
  }

  /** What the principal may do at the moment. */
  permissionsOf({ roles }: Principal): Permission[] {
    return this.#needs.view.permissionsOf(roles)
  }

  /** @throws AccountQuotaExceeded, InvalidParameters, AccountRolesInvalid, AccountDuplicated, NoPermission */
  async create(by: Principal, account: Account): Promise<void> {
    const { name = '', password = '' } = account
    checkPasswordAgainstName(name, password)
    const id = this.#needs.newId()
    const { limitOf, view, committer } = this.#needs
    const max = await limitOf('account', view.accounts().length + 1)
    const decide = (hash: string): Plan<void> =>
      decideAccount({ ...this.#context(by), max, since: committer.revision }, { ...account, password: hash }, id)
    // Refused before the work of hashing, if it is to be refused.
    decide('')
    const hash = await this.#needs.passwords.hash(new Secret(password))
    await committer.change(() => decide(hash))
  }

  /** @throws BuiltInAccount, OwnAccount, AccountNotFound, AccountRolesInvalid, NoPermission */
  change(by: Principal, name: string, change: Account): Promise<void> {
    return this.#needs.committer.change(() => decideAccountChange(this.#context(by), name, change))
  }

  /** @throws BuiltInAccount, OwnAccount, AccountNotFound, NoPermission */
  remove(by: Principal, name: string): Promise<void> {
    return this.#needs.committer.change(() => decideAccountRemoval(this.#context(by), name))
  }

  /**
   * Changes one's own password, which needs the current one, or as admin that of another. Tokens given before end.
   * @throws Forbidden, InvalidParameters, AccountNotFound, NewPasswordRefused, Unauthorized, AccountBlocked
   */
  async changePassword(by: Principal, { name, current, password, address }: PasswordChange): Promise<void> {
    const { view, passwords, committer } = this.#needs
    checkPasswordAgainstName(name, password.reveal())
    const isOwn = name === by.account
    if (!isOwn && !by.isAdmin) fail<AuthFailure>('Forbidden', 'can not change other account password')
    const before = findAccount(view, name).record.password
    if (isOwn) await this.#checkCurrent({ name, current, password, address })
    const hash = await passwords.hash(password)
    await committer.change(() => {
      const node = findAccount(view, name)
      // The current password was right for the account as it was then.
      if (isOwn && node.record.password !== before) return refuseCredential('401207', 'Password is wrong')
      return decidePassword(node, hash, this.#seconds())
    })
  }

  async #checkCurrent({ name, current, password, address }: PasswordChange): Promise<void> {
    const { view, passwords, lockouts } = this.#needs
    if (current.reveal() === '') fail<AuthFailure>('InvalidParameters', 'current password should not be empty')
    if (current.reveal() === password.reveal()) {
      fail<AuthFailure>('NewPasswordRefused', 'the password can not be same as old one')
    }
    const compare = () => passwords.matches(current, view.account(name)?.record.password)
    if (!(await lockouts.attempt(name, address, compare))) refuseCredential('401207', 'Password is wrong')
  }

  #context(by: Principal) {
    return { view: this.#needs.view, by, seconds: this.#seconds() }
  }

  #seconds(): string {
    return String(Math.floor(this.#needs.clock.now() / 1000))
  }
}
