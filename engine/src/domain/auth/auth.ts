import type { Clock, Stoppable } from '../../kernel/clock.ts'
import { newIdsBy } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { Committer } from '../../storage/commit.ts'
import { Accounts } from './accounts.ts'
import { bootstrap, type RootWish } from './bootstrap.ts'
import { type GivenKeys, KeyRing } from './key-ring.ts'
import { Lockouts } from './lockouts.ts'
import { type Hasher, Passwords } from './passwords.ts'
import { Roles } from './roles.ts'
import { SignIn } from './sign-in.ts'
import { Tokens } from './tokens.ts'
import type { LimitOf } from './types.ts'
import { AuthView } from './view.ts'

interface Needs {
  readonly committer: Committer
  readonly clock: Clock
  readonly log: Log
  readonly lockSeconds: number
  readonly keyDays: number
  /** Resource types that need a token; accounts, roles and the audit log always do. */
  readonly scope: ReadonlySet<string> | 'all'
  readonly givenKeys: GivenKeys | undefined
  /** Default: Node's threads. */
  readonly hasher?: Hasher
  readonly limitOf: LimitOf
}

/** What shows who may do what, and who did, is for nobody without a token. */
const ALWAYS_COVERED: ReadonlySet<string> = new Set(['account', 'role', 'audit'])

const CHORES_EVERY_MS = 60_000

/** Access control as a whole: the parts, put together. */
export class Auth {
  readonly view = new AuthView()
  readonly accounts: Accounts
  readonly roles: Roles
  readonly tokens: Tokens
  readonly signIn: SignIn
  readonly #needs: Needs
  readonly #keyRing: KeyRing
  readonly #lockouts: Lockouts
  readonly #passwords: Passwords
  #timer: Stoppable | undefined

  /** @throws AuthStartError when a given key cannot be used */
  constructor(needs: Needs) {
    this.#needs = needs
    const { committer, clock, lockSeconds, keyDays, givenKeys: given, limitOf } = needs
    const { view } = this
    const passwords = new Passwords(needs.hasher)
    this.#passwords = passwords
    const shared = { view, committer, clock, newId: newIdsBy(clock) }
    this.#keyRing = new KeyRing({ ...shared, keyDays, given })
    this.#lockouts = new Lockouts({ ...shared, lockSeconds })
    const lockouts = this.#lockouts
    this.tokens = new Tokens({ view, keyRing: this.#keyRing, clock })
    this.accounts = new Accounts({ ...shared, passwords, lockouts, limitOf })
    this.roles = new Roles({ ...shared, limitOf })
    this.signIn = new SignIn({ view, tokens: this.tokens, passwords, lockouts, isHalfOpen: !this.covers('service') })
  }

  /** Whether things of this type need a token. */
  covers(resource: string): boolean {
    const { scope } = this.#needs
    return scope === 'all' || ALWAYS_COVERED.has(resource) || scope.has(resource)
  }

  /**
   * Stores what is missing (roles, root, keys) and begins its chores; the view must be current.
   * @returns the password of root, if it was made up just now
   * @throws AuthStartError
   */
  async start(root: RootWish): Promise<Secret | undefined> {
    const { clock, committer } = this.#needs
    await this.#keyRing.renew()
    const needs = { view: this.view, committer, clock, newId: newIdsBy(clock), passwords: this.#passwords }
    const password = await bootstrap(needs, root)
    this.#timer = clock.every(CHORES_EVERY_MS, () => void this.#chores())
    return password
  }

  /** Ends the chores. */
  stop(): void {
    this.#timer?.stop()
    this.#passwords.stop()
  }

  async #chores(): Promise<void> {
    try {
      await this.#lockouts.sweep()
      await this.#keyRing.renew()
    } catch (err) {
      this.#needs.log.warn({ err }, 'chores of access control are put off')
    }
  }
}
