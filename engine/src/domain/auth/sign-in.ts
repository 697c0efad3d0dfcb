import { DEFAULT_TOKEN_LIFE, tokenLifeSeconds } from '@rollcall/protocol/duration'
import { fail } from '../../kernel/failure.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { Lockouts } from './lockouts.ts'
import type { Passwords } from './passwords.ts'
import type { Tokens } from './tokens.ts'
import { refuseCredential } from './tokens.ts'
import type { AuthFailure } from './types.ts'
import type { AuthView } from './view.ts'

interface Needs {
  readonly view: AuthView
  readonly tokens: Tokens
  readonly passwords: Passwords
  readonly lockouts: Lockouts
  /** Whether the services themselves can be used without a token. */
  readonly isHalfOpen: boolean
}

export interface Credentials {
  readonly name: string
  readonly password: Secret
  /** A Go duration from 15m to 24h; empty: 12h. */
  readonly tokenLife: string
  /** Where the request comes from. */
  readonly address: string
}

/** Gives tokens for passwords. */
export class SignIn {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** @throws Unauthorized (HalfOpenUnauthorized), AccountBlocked, TooManySignIns */
  async token({ name, password, tokenLife, address }: Credentials): Promise<string> {
    const { view, tokens, passwords, lockouts } = this.#needs
    const node = () => {
      const account = view.account(name)
      return account?.isActive === true ? account : undefined
    }
    const isRight = await lockouts.attempt(name, address, () => passwords.matches(password, node()?.record.password))
    const account = node()
    if (!isRight || account === undefined) return this.#refuse()
    return tokens.issue(account, tokenLifeSeconds(tokenLife === '' ? DEFAULT_TOKEN_LIFE : tokenLife) ?? 0)
  }

  /** Old clients read 401302 as: the services can be used all the same. */
  #refuse(): never {
    if (this.#needs.isHalfOpen) fail<AuthFailure>('HalfOpenUnauthorized', '')
    return refuseCredential('401202', 'User name or password is wrong')
  }
}
