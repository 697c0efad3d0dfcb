import { generateKeyPairSync } from 'node:crypto'
import type { Account } from '@rollcall/protocol/accounts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { Secret } from '../../kernel/secret.ts'
import { Committer } from '../../storage/commit.ts'
import type { Fold, Store } from '../../storage/store.ts'
import { Auth } from './auth.ts'
import type { GivenKeys } from './key-ring.ts'
import type { Principal } from './types.ts'

const QUIET = { error() {}, warn() {}, info() {} }

export const ROOT_PASSWORD = 'Root-4-the-tests'
const PASSWORD = 'User-4-the-tests'
export const ADDRESS = '192.0.2.1'

/** The real parts of the storage, which a test hands in. */
interface Parts {
  readonly MemoryStore: new (needs: { readonly clock: ManualClock }) => Store
  readonly startFeed: (store: Store, folds: readonly Fold[]) => Promise<unknown>
}

/** The store and the time that several engines of a test share. */
export interface Ground extends Pick<Parts, 'startFeed'> {
  readonly store: Store
  readonly clock: ManualClock
}

export async function newGround({ MemoryStore, startFeed }: Parts): Promise<Ground> {
  const clock = new ManualClock()
  const store = new MemoryStore({ clock })
  await store.open()
  return { store, clock, startFeed }
}

interface Wish {
  readonly keyDays?: number
  readonly lockSeconds?: number
  readonly given?: GivenKeys | undefined
  readonly scope?: ReadonlySet<string> | 'all'
}

/** Access control of one engine, on ground that others may stand on too; not started yet. */
export async function newAuth({ store, clock, startFeed }: Ground, wish: Wish = {}): Promise<Auth> {
  const { keyDays = 90, lockSeconds = 900, given, scope = 'all' } = wish
  const committer = new Committer(store)
  const needs = { committer, clock, log: QUIET, keyDays, lockSeconds, scope, givenKeys: given, limitOf: () => 1000 }
  const auth = new Auth(needs)
  await startFeed(store, [auth.view])
  return auth
}

/** The same, started: root has `ROOT_PASSWORD`. */
export async function startAuth(ground: Ground, wish: Wish = {}): Promise<Auth> {
  const auth = await newAuth(ground, wish)
  await auth.start({ password: new Secret(ROOT_PASSWORD), reset: false })
  auth.stop()
  return auth
}

/** Root, as who signed in. */
export function rootOf(auth: Auth): Principal {
  return auth.view.principal('root') as Principal
}

export const account = (name: string, more: Account = {}): Account => ({
  name,
  password: PASSWORD,
  roles: ['viewer'],
  ...more,
})

/** Signs in. @returns the token */
export function signIn(auth: Auth, name: string, { password = PASSWORD, address = ADDRESS } = {}): Promise<string> {
  return auth.signIn.token({ name, password: new Secret(password), tokenLife: '', address })
}

/** @returns the token of root */
export function signInRoot(auth: Auth): Promise<string> {
  return signIn(auth, 'root', { password: ROOT_PASSWORD })
}

/** A pair of RSA keys in PEM. */
export function newPair(modulusLength = 2048) {
  const format = (type: 'spki' | 'pkcs8') => ({ type, format: 'pem' }) as const
  return generateKeyPairSync('rsa', {
    modulusLength,
    publicKeyEncoding: format('spki') as { type: 'spki'; format: 'pem' },
    privateKeyEncoding: format('pkcs8') as { type: 'pkcs8'; format: 'pem' },
  })
}

/** What is thrown, as code and detail. */
export async function refusalOf(run: () => unknown): Promise<string> {
  try {
    await run()
  } catch (error) {
    const { code, detail, message } = error as { code?: string; detail?: string; message: string }
    return code === undefined ? message : `${code} ${detail}`
  }
  return 'nothing was refused'
}
