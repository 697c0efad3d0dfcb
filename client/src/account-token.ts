import type { Clock } from './clock.ts'
import { RollcallError } from './errors.ts'
import type { Transport } from './transport.ts'

/** An account of the engine. */
export interface AccountOptions {
  readonly name: string
  /** A function is asked at each sign-in. */
  readonly password: string | (() => string | Promise<string>)
}

/** Share of its life after which a token is replaced. */
const USED_UP = 0.8
/** How long a token is used that does not say when it ends. */
const UNKNOWN_LIFE_MS = 600_000

/**
 * The token of an account: signs in when it is first asked for, when the token has nearly ended, and after `forget`.
 * Empty where the engine has no access control.
 */
export class AccountToken {
  readonly #account: AccountOptions
  readonly #transport: Transport
  readonly #clock: Clock
  #current: { readonly text: Promise<string>; endAt: number } | undefined

  /** @param transport one that sends no token itself */
  constructor(account: AccountOptions, transport: Transport, clock: Clock) {
    this.#account = account
    this.#transport = transport
    this.#clock = clock
  }

  /** @throws RollcallError 401002 for a wrong name or password, 403201 for a locked one; ConnectionError */
  get(): Promise<string> {
    if (this.#current !== undefined && this.#clock.monotonic() < this.#current.endAt) return this.#current.text
    const current = { text: this.#signIn(), endAt: Number.POSITIVE_INFINITY }
    this.#current = current
    current.text.then(
      (token) => {
        current.endAt = this.#clock.monotonic() + lifeMs(token) * USED_UP
      },
      () => this.#drop(current),
    )
    return current.text
  }

  /** The engine does not take it any more. */
  forget(): void {
    if (this.#current?.endAt !== Number.POSITIVE_INFINITY) this.#current = undefined
  }

  #drop(failed: object): void {
    if (this.#current === failed) this.#current = undefined
  }

  async #signIn(): Promise<string> {
    const { name, password } = this.#account
    const text = typeof password === 'function' ? await password() : password
    try {
      const { body } = await this.#transport.send({
        method: 'POST',
        api: 'access',
        path: ['token'],
        body: { name, password: text },
      })
      return (body as { token: string }).token
    } catch (error) {
      if (error instanceof RollcallError && error.status === 404) return ''
      throw error
    }
  }
}

/** How long a token lives, as it says itself. */
function lifeMs(token: string): number {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    const seconds = Number(claims.exp) - Number(claims.iat)
    return seconds > 0 ? seconds * 1000 : UNKNOWN_LIFE_MS
  } catch {
    return UNKNOWN_LIFE_MS
  }
}
