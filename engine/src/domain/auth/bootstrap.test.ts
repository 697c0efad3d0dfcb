import { describe, expect, test } from 'vitest'
import { Secret } from '../../kernel/secret.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { newAuth, newGround, refusalOf, rootOf, signIn, startAuth } from './test-auth.ts'

const PARTS = { MemoryStore, startFeed }

const start = async (ground: Awaited<ReturnType<typeof newGround>>, text?: string, reset = false) => {
  const auth = await newAuth(ground)
  const made = await auth.start({ password: text === undefined ? undefined : new Secret(text), reset })
  auth.stop()
  return { auth, made: made?.reveal() }
}

describe('the password of root', () => {
  test('is made up at the first start, strong, told once, and not stored in clear', async () => {
    const ground = await newGround(PARTS)
    const { auth, made = '' } = await start(ground)
    expect(made).toMatch(/^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[-_.+=%@]).{24}$/)
    expect(await refusalOf(() => signIn(auth, 'root', { password: made }))).toBe('nothing was refused')
    expect((await start(ground)).made).toBeUndefined()
    for await (const page of ground.store.read('')) expect(JSON.stringify(page)).not.toContain(made)
    const { made: another } = await start(await newGround(PARTS))
    expect(another).not.toBe(made)
  })

  test('is the given one, and that is not told', async () => {
    const { auth, made } = await start(await newGround(PARTS), 'Given-1-password')
    expect(made).toBeUndefined()
    expect(await refusalOf(() => signIn(auth, 'root', { password: 'Given-1-password' }))).toBe('nothing was refused')
  })

  test('is left alone at a later start, whatever is given', async () => {
    const ground = await newGround(PARTS)
    await start(ground, 'Given-1-password')
    const { auth } = await start(ground, 'Other-2-password')
    expect(await refusalOf(() => signIn(auth, 'root', { password: 'Other-2-password' }))).toMatch(/^Unauthorized/)
  })

  test.each([
    ['made up', undefined],
    ['given', 'Other-2-password'],
  ])('is another after a reset (%s), and the tokens of before have ended', async (_, text) => {
    const ground = await newGround(PARTS)
    const { auth: before } = await start(ground, 'Given-1-password')
    const token = await signIn(before, 'root', { password: 'Given-1-password' })
    const { auth, made } = await start(ground, text, true)
    expect(await refusalOf(() => signIn(auth, 'root', { password: made ?? text ?? '' }))).toBe('nothing was refused')
    expect(await refusalOf(() => auth.tokens.principal(token))).toMatch(/^Unauthorized 401205/)
    expect(await refusalOf(() => signIn(auth, 'root', { password: 'Given-1-password' }))).toMatch(
      /^Unauthorized 401202/,
    )
  })

  test('a reset opens root again when it was closed or lost its role', async () => {
    const ground = await newGround(PARTS)
    const { auth } = await start(ground, 'Given-1-password')
    const record = { ...auth.view.account('root')?.record, status: 'inactive', roles: ['viewer'] }
    const write = { key: '/cse-sr/accounts/root', value: JSON.stringify(record) }
    await ground.store.commit([], [write])
    expect(auth.view.principal('root')).toBeUndefined()
    const { auth: after } = await start(ground, 'Given-1-password', true)
    expect(rootOf(after)).toMatchObject({ isAdmin: true })
  })

  test.each([
    ['short', /too weak: it must have/],
    ['nodigitsorcapitals', /too weak/],
    ['Complicated_password1', /guides and samples/],
    ['P@ssw0rd1', /guides and samples/],
  ])('%s is refused, and nothing is stored of root', async (text, reason) => {
    const ground = await newGround(PARTS)
    expect(await refusalOf(() => start(ground, text))).toMatch(reason)
    expect((await newAuth(ground)).view.account('root')).toBeUndefined()
  })
})

describe('roles', () => {
  test('are there from the beginning, and those of an operator come back only on a new engine', async () => {
    const ground = await newGround(PARTS)
    const auth = await startAuth(ground)
    const names = () => auth.roles.list().map(({ name }) => name)
    expect(names()).toEqual(['admin', 'developer', 'operator', 'viewer'])
    await auth.roles.remove(rootOf(auth), 'viewer')
    await startAuth(ground)
    expect(names()).toEqual(['admin', 'developer', 'operator'])
  })
})

describe('the scope of access control', () => {
  test.each([
    ['all', 'service ops account role'],
    [new Set(['ops']), 'ops account role'],
    [new Set<string>(), 'account role'],
  ] as const)('%o covers %s', async (scope, covered) => {
    const auth = await newAuth(await newGround(PARTS), { scope })
    const types = ['service', 'ops', 'account', 'role'].filter((type) => auth.covers(type))
    expect(types.join(' ')).toBe(covered)
  })
})
