import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { fail } from '../../kernel/failure.ts'
import { PASSWORD_CHECKS_MAX, WAITING_SIGN_INS_MAX } from '../../kernel/limits.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { AuthFailure } from './types.ts'

interface Stored {
  readonly cost: number
  readonly blockSize: number
  readonly parallelization: number
  readonly salt: Buffer
  readonly hash: Buffer
}

const COST = { cost: 16_384, blockSize: 8, parallelization: 1 } as const
const SALT_BYTES = 16
const HASH_BYTES = 32
const PARALLELIZATION_MAX = 16
const MEMORY_BYTES_MAX = 128 * 1024 * 1024

/** What scrypt is asked for; `maxmem` in bytes. */
interface HashOptions extends Pick<Stored, 'cost' | 'blockSize' | 'parallelization'> {
  readonly length: number
  readonly maxmem: number
}

/** Does the work of scrypt. */
export interface Hasher {
  derive(password: string, salt: Buffer, options: HashOptions): Promise<Buffer>
  /** Lets go of what it works with. */
  stop(): void
}

const scryptOnThreads = promisify<string, Buffer, number, object, Buffer>(scrypt)

/** On the threads that Node has for such work. */
const THREADS: Hasher = {
  derive: (password, salt, { length, ...options }) => scryptOnThreads(password, salt, length, options),
  stop() {},
}

/** Compared with when there is no account, so that the answer takes as long as for one that exists. */
const NOBODY: Stored = { ...COST, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) }

/**
 * Hashes and compares passwords, few at a time. Stored form: `N$r$p$salt$hash` in hex, as
 * Service Center reads and writes it.
 */
export class Passwords {
  readonly #hasher: Hasher
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(hasher: Hasher = THREADS) {
    this.#hasher = hasher
  }

  /** @throws TooManySignIns */
  async hash(password: Secret): Promise<string> {
    const salt = randomBytes(SALT_BYTES)
    const hash = await this.#derive(password, { ...COST, salt, hash: Buffer.alloc(HASH_BYTES) })
    const { cost, blockSize, parallelization } = COST
    return [cost, blockSize, parallelization, salt.toString('hex'), hash.toString('hex')].join('$')
  }

  /** Whether this is the password behind a stored hash; for an unknown account as slow as for a known one. @throws TooManySignIns */
  async matches(password: Secret, stored: string | undefined): Promise<boolean> {
    const known = stored === undefined ? undefined : parse(stored)
    const expected = known ?? NOBODY
    const hash = await this.#derive(password, expected)
    return timingSafeEqual(hash, expected.hash) && known !== undefined
  }

  stop(): void {
    this.#hasher.stop()
  }

  async #derive(password: Secret, { salt, hash, ...cost }: Stored): Promise<Buffer> {
    if (this.#running >= PASSWORD_CHECKS_MAX) await this.#turn()
    else this.#running += 1
    try {
      const options = { length: hash.length, ...cost, maxmem: MEMORY_BYTES_MAX }
      return await this.#hasher.derive(password.reveal(), salt, options)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= WAITING_SIGN_INS_MAX) {
      fail<AuthFailure>('TooManySignIns', `${WAITING_SIGN_INS_MAX} sign-ins are waiting already; try again in a while`)
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}

/** Reads a stored hash; undefined for one of another kind (bcrypt of very old versions), or that nobody could have made. */
function parse(stored: string): Stored | undefined {
  const match = /^(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([0-9a-f]{8,128})\$([0-9a-f]{32,128})$/.exec(stored)
  if (match === null) return undefined
  const [cost = 0, blockSize = 0, parallelization = 0] = match.slice(1, 4).map(Number)
  const [salt = '', hash = ''] = match.slice(4)
  const isPower = cost > 1 && Number.isInteger(Math.log2(cost))
  if (!isPower || blockSize < 1 || parallelization < 1 || parallelization > PARALLELIZATION_MAX) return undefined
  if (cost * blockSize * 128 > MEMORY_BYTES_MAX / 2) return undefined
  return { cost, blockSize, parallelization, salt: Buffer.from(salt, 'hex'), hash: Buffer.from(hash, 'hex') }
}
