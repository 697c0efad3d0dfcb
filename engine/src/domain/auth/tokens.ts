import { verify } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Clock } from '../../kernel/clock.ts'
import { fail } from '../../kernel/failure.ts'
import { CREDENTIAL_LENGTH_MAX, KNOWN_TOKENS_MAX } from '../../kernel/limits.ts'
import type { KeyRing } from './key-ring.ts'
import type { AccountNode, AuthFailure, Principal, TokenFacts } from './types.ts'
import type { AuthView } from './view.ts'

const ALGORITHM = 'RS512'

/** What a token says, as far as it is read. `credential` names the password that it was given for. */
interface Claims {
  readonly account?: unknown
  readonly exp?: unknown
  readonly nbf?: unknown
  readonly credential?: unknown
}

/** Somebody who has shown a token. */
type Bearer = Principal & { readonly token: TokenFacts }

interface Needs {
  readonly view: AuthView
  readonly keyRing: KeyRing
  readonly clock: Clock
}

/** Refuses a credential: Service Center's finer code and its text go into the detail. */
export function refuseCredential(code: string, text: string): never {
  return fail<AuthFailure>('Unauthorized', `${code}: ${text}`)
}

/**
 * Issues tokens and says who they belong to. A token is proved once and then remembered; every change of an account, a
 * role or a key forgets them all, so a right that was taken away is gone with the next request.
 */
export class Tokens {
  readonly #view: AuthView
  readonly #keyRing: KeyRing
  readonly #clock: Clock
  readonly #known = new Map<string, Bearer>()

  constructor({ view, keyRing, clock }: Needs) {
    this.#view = view
    this.#keyRing = keyRing
    this.#clock = clock
    view.onChange(() => this.#known.clear())
  }

  /** A token for the account in its present state. */
  issue({ name, roles, credential }: AccountNode, lifeSeconds: number): Promise<string> {
    const { id, key } = this.#keyRing.signing()
    const now = Math.floor(this.#clock.now() / 1000)
    return new SignJWT({ account: name, roles, credential })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: id })
      .setIssuedAt(now)
      .setExpirationTime(now + Math.floor(lifeSeconds))
      .sign(key)
  }

  /**
   * Who a token belongs to, with what he may do at the moment.
   * @throws Unauthorized for one that is malformed, not ours, over, or of an account that is gone, closed or has another
   *   password by now
   */
  principal(token: string): Principal {
    const known = this.#known.get(token)
    if (known !== undefined && known.token.endMs > this.#clock.now()) return known
    const proved = this.#prove(token)
    if (this.#known.size >= KNOWN_TOKENS_MAX) this.#known.clear()
    this.#known.set(token, proved)
    return proved
  }

  /**
   * The same caller with the rights of this moment, for connections that stay open; undefined as soon as his token has
   * ended, or the account or password that it was given for.
   */
  current({ account, token }: Principal): Principal | undefined {
    if (token === undefined || token.endMs <= this.#clock.now()) return undefined
    const node = this.#view.account(account)
    return node !== undefined && isFor(node, token.credential) ? this.#view.principal(account) : undefined
  }

  #prove(token: string): Bearer {
    const { account, exp, nbf, credential } = this.#claims(token)
    if (typeof account !== 'string' || account === '') return refuseCredential('401201', 'the token names no account')
    if (typeof exp !== 'number') return refuseCredential('401201', 'the token has no end')
    const now = this.#clock.now()
    if (exp * 1000 <= now || (typeof nbf === 'number' && nbf * 1000 > now)) {
      return refuseCredential('401205', 'Token is expired')
    }
    const node = this.#view.account(account)
    if (node === undefined) return refuseCredential('401206', `account [${account}] is deleted`)
    const principal = this.#view.principal(account)
    if (principal === undefined) return refuseCredential('401206', `account [${account}] is inactive`)
    if (!isFor(node, credential)) {
      return refuseCredential('401205', `the password of account [${account}] has been changed`)
    }
    return { ...principal, token: { endMs: exp * 1000, credential } }
  }

  #claims(token: string): Claims {
    if (token.length > CREDENTIAL_LENGTH_MAX) return refuseCredential('401201', 'the token is too long')
    const [header = '', payload = '', signature = '', ...more] = token.split('.')
    if (signature === '' || more.length > 0) {
      return refuseCredential('401201', 'token contains an invalid number of segments')
    }
    const { alg, kid } = parsePart(header) as { alg?: unknown; kid?: unknown }
    if (alg !== ALGORITHM) return refuseCredential('401201', `the token is not signed with ${ALGORITHM}`)
    const signed = Buffer.from(`${header}.${payload}`)
    const bytes = Buffer.from(signature, 'base64url')
    const candidates = this.#keyRing.proving(typeof kid === 'string' ? kid : undefined)
    if (!candidates.some((key) => verify('sha512', signed, key, bytes))) {
      return refuseCredential('401201', 'the signature of the token is not ours')
    }
    return parsePart(payload)
  }
}

function parsePart(part: string): Claims {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Refused below, like JSON that is no object.
  }
  return refuseCredential('401201', 'the token cannot be read')
}

/** Tokens of Service Center, signed with a shared key, do not say for which password they were given. */
function isFor({ credential }: AccountNode, named: unknown): named is string | undefined {
  return named === undefined || named === credential
}
