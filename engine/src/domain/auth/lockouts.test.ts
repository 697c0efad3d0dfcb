import { beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../../kernel/secret.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { Auth } from './auth.ts'
import type { Ground } from './test-auth.ts'
import {
  ADDRESS,
  account,
  newAuth,
  newGround,
  ROOT_PASSWORD,
  refusalOf,
  rootOf,
  signIn,
  startAuth,
} from './test-auth.ts'

const PARTS = { MemoryStore, startFeed }

const LOCK_SECONDS = 60
const WRONG = 'Unauthorized 401202: User name or password is wrong'

let ground: Ground
let auth: Auth

beforeEach(async () => {
  ground = await newGround(PARTS)
  auth = await startAuth(ground, { lockSeconds: LOCK_SECONDS })
})

const guess = (name = 'root', { address = ADDRESS, by = auth } = {}) =>
  refusalOf(() => signIn(by, name, { password: 'Wrong-4-the-tests', address }))
const enter = (by = auth, address = ADDRESS) =>
  refusalOf(() => signIn(by, 'root', { password: ROOT_PASSWORD, address }))
async function lock(name = 'root'): Promise<void> {
  for (let time = 0; time < 3; time++) expect(await guess(name)).toBe(WRONG)
}
const IN = 'nothing was refused'
const LOCKED = /^AccountBlocked too many wrong passwords; wait until 2023-11-14T22:14:20.000Z$/

describe('three wrong passwords', () => {
  test('lock the name at the address, also for the right password, and say until when', async () => {
    await lock()
    expect(await guess()).toMatch(LOCKED)
    expect(await enter()).toMatch(LOCKED)
    expect(auth.accounts.locks()).toEqual([
      { key: `root::${ADDRESS}`, status: 'banned', releaseAt: ground.clock.now() / 1000 + LOCK_SECONDS },
    ])
  })

  test('lock nobody at another address, and no other name', async () => {
    await lock()
    expect(await enter(auth, '192.0.2.2')).toBe(IN)
    expect(await guess('somebody')).toBe(WRONG)
  })

  test('lock for as long as the setting says, and no longer', async () => {
    await lock()
    ground.clock.advance(LOCK_SECONDS * 1000 - 1)
    expect(await enter()).toMatch(LOCKED)
    ground.clock.advance(1)
    expect(await enter()).toBe(IN)
    expect(auth.accounts.locks().filter(({ status }) => status === 'banned')).toEqual([])
  })

  test('lock on every engine of the store, and over a restart', async () => {
    const other = await newAuth(ground, { lockSeconds: LOCK_SECONDS })
    await lock()
    expect(await enter(other)).toMatch(LOCKED)
    const restarted = await newAuth(ground, { lockSeconds: LOCK_SECONDS })
    expect(await enter(restarted)).toMatch(LOCKED)
  })

  test('lock names that no account has, and that none can have, in the same way', async () => {
    for (const name of ['ghost', '', 'a name/with :: everything', 'x'.repeat(500)]) {
      await lock(name)
      expect(await guess(name)).toMatch(LOCKED)
    }
  })

  test('are as many as are compared, however many are tried at once', async () => {
    const said = await Promise.all(Array.from({ length: 64 }, () => guess()))
    expect(said.filter((text) => text === WRONG)).toHaveLength(3)
    expect(said.filter((text) => LOCKED.test(text))).toHaveLength(61)
  })
})

test('a wrong password is forgotten after the time of a lock, one by one', async () => {
  await guess()
  await guess()
  ground.clock.advance(LOCK_SECONDS * 1000)
  expect(await guess()).toBe(WRONG)
  expect(await enter()).toBe(IN)
  expect(await guess()).toBe(WRONG)
  expect(await enter()).toMatch(/^AccountBlocked /)
})

test('locks that are over leave the store with the chores of the next minute', async () => {
  await auth.start({ password: undefined, reset: false })
  await lock()
  const stored = async () => {
    let count = 0
    for await (const page of ground.store.read('/cse-sr/account-locks/')) count += page.length
    return count
  }
  expect(await stored()).toBe(1)
  ground.clock.advance(LOCK_SECONDS * 1000)
  await expect.poll(stored).toBe(0)
  auth.stop()
})

test('one who changes his password is locked like one who signs in', async () => {
  await auth.accounts.create(rootOf(auth), account('ann'))
  const principal = auth.tokens.principal(await signIn(auth, 'ann'))
  const change = (current: string) =>
    refusalOf(() =>
      auth.accounts.changePassword(principal, {
        name: 'ann',
        current: new Secret(current),
        password: new Secret('Another-4-the-tests'),
        address: ADDRESS,
      }),
    )
  for (let time = 0; time < 3; time++) {
    expect(await change('Wrong-4-the-tests')).toBe('Unauthorized 401207: Password is wrong')
  }
  expect(await change('User-4-the-tests')).toMatch(LOCKED)
  expect(await refusalOf(() => signIn(auth, 'ann'))).toMatch(LOCKED)
})
