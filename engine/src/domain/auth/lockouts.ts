import type { Clock } from '../../kernel/clock.ts'
import { fail } from '../../kernel/failure.ts'
import { LOCKOUTS_MAX, WAITING_SIGN_INS_MAX, WRONG_PASSWORDS_MAX } from '../../kernel/limits.ts'
import type { Committer } from '../../storage/commit.ts'
import { keys } from './keys.ts'
import type { AuthFailure, Lock } from './types.ts'
import type { AuthView } from './view.ts'

interface Needs {
  readonly view: AuthView
  readonly committer: Committer
  readonly clock: Clock
  /** How long a lock lasts, and how long it takes for one wrong password to be forgotten. */
  readonly lockSeconds: number
}

interface Attempts {
  /** Wrong passwords so far, and comparisons under way that may turn out wrong. */
  wrong: number
  underWay: number
  /** When the latest wrong one came or was last forgotten, milliseconds. */
  sinceMs: number
  waiting: (() => void)[]
}

/** Names that can belong to an account; locks of others are only remembered, never stored. */
const STORABLE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}::[A-Za-z0-9.:_-]{1,64}$/

/**
 * Counts wrong passwords by name and address. The third one locks the pair; locks are stored, so that they hold on all
 * engines and over a restart. However many try at the same time, no more than what is left is compared at once.
 */
export class Lockouts {
  readonly #view: AuthView
  readonly #committer: Committer
  readonly #clock: Clock
  readonly #lockMs: number
  readonly #attempts = new Map<string, Attempts>()
  /** Locks of names that cannot be stored, by key, with their end. */
  readonly #unstored = new Map<string, number>()

  constructor({ view, committer, clock, lockSeconds }: Needs) {
    this.#view = view
    this.#committer = committer
    this.#clock = clock
    this.#lockMs = lockSeconds * 1000
  }

  /**
   * Runs a comparison of a password. @returns whether it was right
   * @throws AccountBlocked when the name is locked at this address, and what `compare` throws
   */
  async attempt(name: string, address: string, compare: () => Promise<boolean>): Promise<boolean> {
    const key = `${name}::${address}`
    const attempts = await this.#enter(key)
    let isRight: boolean | undefined
    try {
      isRight = await compare()
    } finally {
      attempts.underWay -= 1
      if (isRight === false) this.#countWrong(key, attempts)
      this.#wake(key, attempts)
    }
    if (!isRight && attempts.wrong >= WRONG_PASSWORDS_MAX) await this.#lock(key)
    return isRight
  }

  /** Every lock that holds, and every pair with wrong passwords. */
  list(): Lock[] {
    const now = this.#clock.now()
    const locks = new Map<string, Lock>()
    for (const [key, { wrong, sinceMs }] of this.#attempts) {
      if (wrong > 0) locks.set(key, { key, status: 'attempted', releaseAt: seconds(sinceMs + wrong * this.#lockMs) })
    }
    for (const [key, endMs] of this.#unstored) locks.set(key, { key, status: 'banned', releaseAt: seconds(endMs) })
    for (const lock of this.#view.locks()) locks.set(lock.key, lock)
    return [...locks.values()].filter(({ releaseAt }) => releaseAt * 1000 > now)
  }

  /** Forgets what is over; called now and then. */
  async sweep(): Promise<void> {
    const now = this.#clock.now()
    for (const [key, endMs] of this.#unstored) if (endMs <= now) this.#unstored.delete(key)
    for (const [key, attempts] of this.#attempts) {
      this.#forgive(attempts)
      if (attempts.wrong === 0 && attempts.underWay === 0) this.#attempts.delete(key)
    }
    const over = [...this.#view.locks()].filter(({ releaseAt }) => releaseAt * 1000 <= now)
    const writes = over.slice(0, SWEPT_AT_ONCE_MAX).map(({ key }) => ({ key: keys.lock(key) }))
    await this.#committer.change(() => ({ guards: [], writes, result: undefined }))
  }

  async #enter(key: string): Promise<Attempts> {
    for (;;) {
      const attempts = this.#grow(key)
      this.#forgive(attempts)
      this.#checkLock(key, attempts)
      if (attempts.wrong + attempts.underWay < WRONG_PASSWORDS_MAX) {
        attempts.underWay += 1
        return attempts
      }
      if (attempts.waiting.length >= WAITING_SIGN_INS_MAX) {
        fail<AuthFailure>('TooManySignIns', 'too many sign-ins of this name from this address are waiting')
      }
      await new Promise<void>((resolve) => attempts.waiting.push(resolve))
    }
  }

  #checkLock(key: string, { wrong, sinceMs }: Attempts): void {
    const stored = this.#view.lock(key)
    const storedMs = stored?.status === 'banned' ? stored.releaseAt * 1000 : 0
    const endMs = Math.max(
      storedMs,
      this.#unstored.get(key) ?? 0,
      wrong < WRONG_PASSWORDS_MAX ? 0 : sinceMs + this.#lockMs,
    )
    if (endMs <= this.#clock.now()) return
    fail<AuthFailure>('AccountBlocked', `too many wrong passwords; wait until ${new Date(endMs).toISOString()}`)
  }

  #grow(key: string): Attempts {
    let attempts = this.#attempts.get(key)
    if (attempts === undefined) {
      if (this.#attempts.size >= LOCKOUTS_MAX) this.#dropOldest()
      attempts = { wrong: 0, underWay: 0, sinceMs: this.#clock.now(), waiting: [] }
      this.#attempts.set(key, attempts)
    }
    return attempts
  }

  #dropOldest(): void {
    for (const [key, { underWay }] of this.#attempts) {
      if (underWay > 0) continue
      this.#attempts.delete(key)
      return
    }
  }

  /** One wrong password is forgotten for each span of a lock that has passed. */
  #forgive(attempts: Attempts): void {
    const spans = Math.floor((this.#clock.now() - attempts.sinceMs) / this.#lockMs)
    if (spans <= 0) return
    attempts.wrong = Math.max(0, attempts.wrong - spans)
    attempts.sinceMs += spans * this.#lockMs
  }

  #countWrong(key: string, attempts: Attempts): void {
    if (attempts.wrong === 0) attempts.sinceMs = this.#clock.now()
    attempts.wrong += 1
    if (attempts.wrong >= WRONG_PASSWORDS_MAX) {
      // Holds from this moment, also before it is stored.
      if (this.#unstored.size >= LOCKOUTS_MAX) this.#unstored.clear()
      this.#unstored.set(key, this.#clock.now() + this.#lockMs)
    }
  }

  #wake(key: string, attempts: Attempts): void {
    const { waiting } = attempts
    attempts.waiting = []
    if (attempts.wrong === 0 && attempts.underWay === 0) this.#attempts.delete(key)
    for (const resume of waiting) resume()
  }

  async #lock(key: string): Promise<void> {
    if (!STORABLE.test(key) || this.#view.lockCount >= LOCKOUTS_MAX) return
    const value = JSON.stringify({ key, status: 'banned', releaseAt: seconds(this.#clock.now() + this.#lockMs) })
    const writes = [{ key: keys.lock(key), value }]
    // A store that cannot keep it changes nothing: the lock holds in memory all the same.
    await this.#committer.change(() => ({ guards: [], writes, result: undefined })).catch(() => undefined)
  }
}

const SWEPT_AT_ONCE_MAX = 100

function seconds(ms: number): number {
  return Math.ceil(ms / 1000)
}
