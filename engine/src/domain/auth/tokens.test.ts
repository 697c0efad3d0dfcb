import { createHmac, createPrivateKey, createSign, type KeyObject } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../kernel/secret.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { Auth } from './auth.ts'
import type { Ground } from './test-auth.ts'
import { account, newGround, newPair, refusalOf, rootOf, signIn, signInRoot, startAuth } from './test-auth.ts'

const PARTS = { MemoryStore, startFeed }

const pair = newPair()
const stranger = newPair()
const KEY = createPrivateKey(pair.privateKey)

let ground: Ground
let auth: Auth

beforeAll(async () => {
  ground = await newGround(PARTS)
  auth = await startAuth(ground, { given: { privateKey: new Secret(pair.privateKey), publicKeys: [] } })
})

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const seconds = (): number => Math.floor(ground.clock.now() / 1000)

/** A token that anybody who has the key can make. */
function forge(claims: object, { header = {}, key = KEY }: { header?: object; key?: KeyObject } = {}): string {
  const text = `${part({ alg: 'RS512', typ: 'JWT', ...header })}.${part(claims)}`
  return `${text}.${createSign('sha512').update(text).sign(key, 'base64url')}`
}
const good = () => ({ account: 'root', roles: ['admin'], exp: seconds() + 60 })

test('what was issued is what Service Center issues, and names the account', async () => {
  const token = await signInRoot(auth)
  const [header = '', payload = ''] = token.split('.').map((text) => Buffer.from(text, 'base64url').toString())
  expect(JSON.parse(header)).toMatchObject({ alg: 'RS512', typ: 'JWT' })
  expect(JSON.parse(payload)).toMatchObject({ account: 'root', roles: ['admin'], exp: seconds() + 12 * 3600 })
  expect(auth.tokens.principal(token)).toMatchObject({ account: 'root', isAdmin: true })
})

test('a token that Service Center signed with a shared key is good', () => {
  expect(auth.tokens.principal(forge(good())).account).toBe('root')
})

describe('refused is', () => {
  const REFUSED: [string, () => string, string][] = [
    ['no token', () => '', '401201: token contains an invalid number of segments'],
    ['a text', () => 'root', '401201: token contains an invalid number of segments'],
    ['too many parts', () => `${forge(good())}.x`, '401201: token contains an invalid number of segments'],
    [
      'no signature',
      () => `${forge(good()).replace(/[^.]*$/, '')}`,
      '401201: token contains an invalid number of segments',
    ],
    [
      'the algorithm none',
      () => `${part({ alg: 'none' })}.${part(good())}.x`,
      '401201: the token is not signed with RS512',
    ],
    [
      'a weaker algorithm',
      () => forge(good(), { header: { alg: 'RS256' } }),
      '401201: the token is not signed with RS512',
    ],
    [
      'one that is signed with the public key as a password',
      () => {
        const text = `${part({ alg: 'HS512', typ: 'JWT' })}.${part(good())}`
        return `${text}.${createHmac('sha512', pair.publicKey).update(text).digest('base64url')}`
      },
      '401201: the token is not signed with RS512',
    ],
    [
      'one signed by a stranger',
      () => forge(good(), { key: createPrivateKey(stranger.privateKey) }),
      '401201: the signature of the token is not ours',
    ],
    [
      'one that brings its own key',
      () => forge(good(), { key: createPrivateKey(stranger.privateKey), header: { jwk: { kty: 'RSA' }, kid: '../x' } }),
      '401201: the signature of the token is not ours',
    ],
    [
      'one whose claims were changed',
      () => {
        const [header, , signature] = forge({ ...good(), account: 'viewer' }).split('.')
        return [header, part(good()), signature].join('.')
      },
      '401201: the signature of the token is not ours',
    ],
    ['no JSON', () => `${Buffer.from('{').toString('base64url')}.x.x`, '401201: the token cannot be read'],
    ['one that is over', () => forge({ ...good(), exp: seconds() }), '401205: Token is expired'],
    ['one that is not good yet', () => forge({ ...good(), nbf: seconds() + 9 }), '401205: Token is expired'],
    ['one without an end', () => forge({ account: 'root' }), '401201: the token has no end'],
    ['one of nobody', () => forge({ exp: seconds() + 60 }), '401201: the token names no account'],
    ['one of somebody unknown', () => forge({ ...good(), account: 'ghost' }), '401206: account [ghost] is deleted'],
    [
      'one that was given for another password',
      () => forge({ ...good(), credential: 'former' }),
      '401205: the password of account [root] has been changed',
    ],
    ['one that is too long', () => forge({ ...good(), more: 'x'.repeat(9000) }), '401201: the token is too long'],
  ]

  test.each(REFUSED)('%s', async (_, token, detail) => {
    expect(await refusalOf(() => auth.tokens.principal(token()))).toBe(`Unauthorized ${detail}`)
  })
})

test('what roles a token claims does not count, only what the account has', async () => {
  await auth.accounts.create(rootOf(auth), account('modest'))
  const principal = auth.tokens.principal(forge({ ...good(), account: 'modest', roles: ['admin'] }))
  expect(principal).toMatchObject({ isAdmin: false, roles: ['viewer'] })
})

describe('two engines on one store', () => {
  test.each<[string, (by: Auth, name: string) => Promise<unknown>, RegExp]>([
    ['an account is deleted', (by, name) => by.accounts.remove(rootOf(by), name), /^Unauthorized 401206/],
    [
      'an account is closed',
      (by, name) => by.accounts.change(rootOf(by), name, { status: 'inactive' }),
      /^Unauthorized 401206/,
    ],
    [
      'a password is changed',
      (by, name) => {
        const passwords = { current: new Secret(''), password: new Secret('Another-4-the-tests') }
        return by.accounts.changePassword(rootOf(by), { name, ...passwords, address: '' })
      },
      /^Unauthorized 401205/,
    ],
  ])('%s on one: its tokens end on the other, for requests and open connections', async (_, lose, refusal) => {
    const shared = await newGround(PARTS)
    const [one, other] = [await startAuth(shared), await startAuth(shared)]
    await one.accounts.create(rootOf(one), account('ann'))
    const token = await signIn(other, 'ann')
    const known = other.tokens.principal(token)
    expect(other.tokens.current(known)).toMatchObject({ account: 'ann' })
    await lose(one, 'ann')
    expect(await refusalOf(() => other.tokens.principal(token))).toMatch(refusal)
    expect(other.tokens.current(known)).toBeUndefined()
  })

  test('a role is changed on one: the other goes by it at once', async () => {
    const shared = await newGround(PARTS)
    const [one, other] = [await startAuth(shared), await startAuth(shared)]
    await one.accounts.create(rootOf(one), account('ann'))
    const token = await signIn(other, 'ann')
    expect(other.tokens.principal(token).grants.get('service:get')).toBe('all')
    await one.roles.change(rootOf(one), 'viewer', [])
    expect(other.tokens.principal(token).grants.size).toBe(0)
  })
})

test('a connection that stays open ends with its token', async () => {
  const token = await signInRoot(auth)
  const principal = auth.tokens.principal(token)
  ground.clock.advance(12 * 3_600_000 - 1000)
  expect(auth.tokens.current(principal)).toMatchObject({ account: 'root' })
  ground.clock.advance(1000)
  expect(auth.tokens.current(principal)).toBeUndefined()
})
