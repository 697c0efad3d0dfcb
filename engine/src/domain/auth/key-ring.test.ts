import { describe, expect, test } from 'vitest'
import { Secret } from '../../kernel/secret.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { Auth } from './auth.ts'
import { ADDRESS, newAuth, newGround, newPair, ROOT_PASSWORD, refusalOf, signInRoot, startAuth } from './test-auth.ts'

const PARTS = { MemoryStore, startFeed }

const DAY_MS = 86_400_000

/** A token of root that lives as long as any may. */
const longToken = (auth: Auth) =>
  auth.signIn.token({ name: 'root', password: new Secret(ROOT_PASSWORD), tokenLife: '24h', address: ADDRESS })

const kidOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid

/** Renews the keys of an engine, as its chores do every minute. */
async function renew(auth: Auth): Promise<void> {
  await auth.start({ password: undefined, reset: false })
  auth.stop()
}

describe('keys that were made', () => {
  test('one is made at the first start, and its tokens outlive a restart and hold on other engines', async () => {
    const ground = await newGround(PARTS)
    const first = await startAuth(ground)
    const token = await longToken(first)
    const second = await startAuth(ground)
    expect(second.view.signingKeys()).toHaveLength(1)
    expect(second.tokens.principal(token)).toMatchObject({ account: 'root', isAdmin: true })
  })

  test('an old one is replaced, and still proves its tokens until the last of them has ended', async () => {
    const ground = await newGround(PARTS)
    const auth = await startAuth(ground, { keyDays: 2 })
    ground.clock.advance(2 * DAY_MS - 1)
    await renew(auth)
    const old = await longToken(auth)
    ground.clock.advance(1)
    await renew(auth)
    expect(auth.view.signingKeys()).toHaveLength(2)
    const fresh = await longToken(auth)
    expect(kidOf(fresh)).not.toBe(kidOf(old))
    expect(auth.tokens.principal(old).account).toBe('root')
    expect(auth.tokens.principal(fresh).account).toBe('root')

    ground.clock.advance(DAY_MS - 1001)
    await renew(auth)
    expect(auth.tokens.principal(old).account).toBe('root')
    ground.clock.advance(1001)
    expect(await refusalOf(() => auth.tokens.principal(old))).toBe('Unauthorized 401205: Token is expired')
    ground.clock.advance(3_600_001)
    await renew(auth)
    expect(auth.view.signingKeys().map(({ id }) => id)).toEqual([kidOf(fresh)])
  })

  test('with keyDays 0 it is kept for ever', async () => {
    const ground = await newGround(PARTS)
    const auth = await startAuth(ground, { keyDays: 0 })
    ground.clock.advance(4 * DAY_MS)
    await renew(auth)
    expect(auth.view.signingKeys()).toHaveLength(1)
  })

  test('engines that start or replace at once agree on one', async () => {
    const ground = await newGround(PARTS)
    const engines = await Promise.all([1, 2, 3].map(() => newAuth(ground, { keyDays: 1 })))
    await Promise.all(engines.map(renew))
    expect(engines[0]?.view.signingKeys()).toHaveLength(1)
    ground.clock.advance(DAY_MS)
    await Promise.all(engines.map(renew))
    expect(engines[0]?.view.signingKeys()).toHaveLength(2)
  })

  test('a token of a key that nobody has is refused', async () => {
    const token = await longToken(await startAuth(await newGround(PARTS)))
    const other = await startAuth(await newGround(PARTS))
    expect(await refusalOf(() => other.tokens.principal(token))).toBe(
      'Unauthorized 401201: the signature of the token is not ours',
    )
  })
})

describe('keys that were given', () => {
  const old = newPair()
  const current = newPair()
  const given = (pair: typeof old, ...former: readonly (typeof old)[]) => ({
    privateKey: new Secret(pair.privateKey),
    publicKeys: former.map(({ publicKey }) => publicKey),
  })

  test('sign, and none is made or stored', async () => {
    const auth = await startAuth(await newGround(PARTS), { given: given(current) })
    expect(auth.tokens.principal(await longToken(auth)).account).toBe('root')
    expect(auth.view.signingKeys()).toEqual([])
  })

  test('former ones prove their tokens as long as they are listed', async () => {
    const ground = await newGround(PARTS)
    const token = await longToken(await startAuth(ground, { given: given(old) }))
    const during = await startAuth(ground, { given: given(current, old) })
    expect(during.tokens.principal(token).account).toBe('root')
    expect(kidOf(await longToken(during))).not.toBe(kidOf(token))
    const after = await startAuth(ground, { given: given(current) })
    expect(await refusalOf(() => after.tokens.principal(token))).toMatch(/^Unauthorized 401201: /)
  })

  test('tokens of a key that was made are good while it is in the store', async () => {
    const ground = await newGround(PARTS)
    const token = await longToken(await startAuth(ground))
    const auth = await startAuth(ground, { given: given(current) })
    expect(auth.tokens.principal(token).account).toBe('root')
  })

  test.each([
    ['no key at all', { privateKey: new Secret('secret'), publicKeys: [] }, /auth.privateKeyFile cannot be read/],
    ['a former key that is none', { ...given(current), publicKeys: ['x'] }, /auth.publicKeyFiles cannot be read/],
    ['a key that is too short', given(newPair(1024)), /at least 2048 bits/],
  ])('%s: the engine does not start, and says why', async (_, keys, reason) => {
    const ground = await newGround(PARTS)
    expect(await refusalOf(() => newAuth(ground, { given: keys }))).toMatch(reason)
  })
})

test('whoever signs in gets a token of the newest key', async () => {
  const auth = await startAuth(await newGround(PARTS))
  expect(kidOf(await signInRoot(auth))).toBe(auth.view.signingKeys()[0]?.id)
})
