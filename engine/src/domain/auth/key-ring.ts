import type { KeyObject } from 'node:crypto'
import { createHash, createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '../../kernel/clock.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { Committer } from '../../storage/commit.ts'
import { keys } from './keys.ts'
import { AuthStartError } from './types.ts'
import type { AuthView, SigningKeyRecord } from './view.ts'

/** Keys that an operator gives as files, in PEM. */
export interface GivenKeys {
  readonly privateKey: Secret
  /** More keys whose tokens are still good: those that were used before. */
  readonly publicKeys: readonly string[]
}

interface Needs {
  readonly view: AuthView
  readonly committer: Committer
  readonly clock: Clock
  /** Age from which a key of our own is replaced, days; 0: never. */
  readonly keyDays: number
  readonly given: GivenKeys | undefined
}

/** A key that signs, with the name that tokens say it by. */
export interface SigningKey {
  readonly id: string
  readonly key: KeyObject
}

const MODULUS_BITS = 2048
const DAY_MS = 86_400_000
/** A replaced key is kept until the last token that it may have signed has ended. */
const OVERLAP_MS = DAY_MS + 3_600_000

const generate = promisify(generateKeyPair)

/**
 * The keys that sign tokens and prove them. Without given ones a pair is made at the first start and kept in the store,
 * so tokens outlive a restart and hold on all engines; a new pair takes over now and then, and the old one still proves
 * its tokens until they have ended.
 */
export class KeyRing {
  readonly #needs: Needs
  readonly #given: { readonly signing: SigningKey; readonly proving: ReadonlyMap<string, KeyObject> } | undefined
  #signing: SigningKey | undefined
  #proving: ReadonlyMap<string, KeyObject> | undefined

  /** @throws AuthStartError when a given key is no RSA key in PEM */
  constructor(needs: Needs) {
    this.#needs = needs
    this.#given = needs.given === undefined ? undefined : readGiven(needs.given)
    needs.view.onChange(() => {
      this.#signing = undefined
      this.#proving = undefined
    })
  }

  /** The key that signs from now on. */
  signing(): SigningKey {
    if (this.#given !== undefined) return this.#given.signing
    const [newest] = this.#needs.view.signingKeys()
    if (newest === undefined) throw new Error('no signing key has been made yet')
    this.#signing ??= { id: newest.id, key: createPrivateKey(newest.privateKey) }
    return this.#signing
  }

  /** The keys that may have signed a token: the one that it names, or all when it names none (Service Center's). */
  proving(id: string | undefined): readonly KeyObject[] {
    this.#proving ??= new Map([
      ...this.#needs.view.signingKeys().map((record) => [record.id, createPublicKey(record.publicKey)] as const),
      ...(this.#given?.proving ?? []),
    ])
    if (id === undefined) return [...this.#proving.values()]
    const key = this.#proving.get(id)
    return key === undefined ? [] : [key]
  }

  /** Makes a key when there is none or the newest is too old, and lets go of those whose tokens have all ended. */
  async renew(): Promise<void> {
    if (this.#given !== undefined) return
    const { view, committer, clock, keyDays } = this.#needs
    const now = clock.now()
    const [newest] = view.signingKeys()
    const isDue = newest === undefined || (keyDays > 0 && now - newest.createdAt >= keyDays * DAY_MS)
    const fresh = isDue ? await newRecord(now) : undefined
    await committer.change(() => {
      const stored = view.signingKeys()
      // Another engine may have been faster.
      const isWanted = fresh !== undefined && stored[0]?.id === newest?.id
      const guards = isWanted ? [{ prefix: keys.signingKey(''), since: committer.revision }] : []
      const writes = isWanted ? [{ key: keys.signingKey(fresh.id), value: JSON.stringify(fresh) }] : []
      const over = stored.filter((_, index) => index > 0 && now - (stored[index - 1]?.createdAt ?? now) > OVERLAP_MS)
      return { guards, writes: [...writes, ...over.map(({ id }) => ({ key: keys.signingKey(id) }))], result: undefined }
    })
  }
}

async function newRecord(createdAt: number): Promise<SigningKeyRecord> {
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: MODULUS_BITS })
  return {
    id: nameOf(publicKey),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    createdAt,
  }
}

/** A key's name: part of the digest of its public half. */
function nameOf(publicKey: KeyObject): string {
  const bytes = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

function readGiven({ privateKey, publicKeys }: GivenKeys) {
  const key = readKey(() => createPrivateKey(privateKey.reveal()), 'auth.privateKeyFile')
  const own = createPublicKey(key)
  const all = [own, ...publicKeys.map((pem) => readKey(() => createPublicKey(pem), 'auth.publicKeyFiles'))]
  for (const { asymmetricKeyType, asymmetricKeyDetails } of all) {
    if (asymmetricKeyType !== 'rsa' || (asymmetricKeyDetails?.modulusLength ?? 0) < MODULUS_BITS) {
      throw new AuthStartError(`Keys that sign tokens must be RSA keys of at least ${MODULUS_BITS} bits.`)
    }
  }
  const proving = new Map(all.map((publicKey) => [nameOf(publicKey), publicKey]))
  return { signing: { id: nameOf(own), key }, proving }
}

function readKey(read: () => KeyObject, setting: string): KeyObject {
  try {
    return read()
  } catch (cause) {
    throw new AuthStartError(`A key of ${setting} cannot be read: it must be an RSA key in PEM, without a password.`, {
      cause,
    })
  }
}
