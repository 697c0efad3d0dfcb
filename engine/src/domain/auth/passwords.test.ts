import { scryptSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../kernel/secret.ts'
import { Passwords } from './passwords.ts'

const passwords = new Passwords()
const RIGHT = new Secret('Right-1-password')

test('a hash is of its password only, and no two are the same', async () => {
  const [one, other] = await Promise.all([passwords.hash(RIGHT), passwords.hash(RIGHT)])
  expect(one).toMatch(/^16384\$8\$1\$[0-9a-f]{32}\$[0-9a-f]{64}$/)
  expect(one).not.toBe(other)
  expect(await passwords.matches(RIGHT, one)).toBe(true)
  expect(await passwords.matches(new Secret('Right-1-passwore'), one)).toBe(false)
})

test('hashes of Service Center are read', async () => {
  const salt = Buffer.from('0123456789abcdef', 'hex')
  const hash = scryptSync(RIGHT.reveal(), salt, 32, { N: 1024, r: 8, p: 1 })
  const stored = `1024$8$1$${salt.toString('hex')}$${hash.toString('hex')}`
  expect(await passwords.matches(RIGHT, stored)).toBe(true)
  expect(await passwords.matches(new Secret('x'), stored)).toBe(false)
})

describe('never right is', () => {
  test.each([
    ['an unknown account', undefined],
    ['an empty hash', ''],
    ['bcrypt of very old versions', '$2a$14$GV6dAhcQmTHGYdYVDvzfUOWcuRkxGSCJpGQHEhKvTCVnLRxsbGrDe'],
    ['a hash that costs more memory than there should be', `9999999$99$99$${'00'.repeat(16)}$${'00'.repeat(32)}`],
    ['a hash that is no power of two', `1000$8$1$${'00'.repeat(16)}$${'00'.repeat(32)}`],
  ])('%s', async (_, stored) => {
    expect(await passwords.matches(RIGHT, stored)).toBe(false)
  })
})

test('an unknown name costs as much work as a known one', async () => {
  const stored = await passwords.hash(RIGHT)
  const work = async (hash: string | undefined) => {
    const before = process.cpuUsage()
    for (let time = 0; time < 5; time++) await passwords.matches(RIGHT, hash)
    const { user, system } = process.cpuUsage(before)
    return user + system
  }
  const ratio = (await work(undefined)) / (await work(stored))
  // Without the comparison it would be a thousandth.
  expect(ratio).toBeGreaterThan(0.2)
})

test('waiting ones have a bound, and are refused beyond it', async () => {
  const quick = `2$1$1$${'00'.repeat(16)}$${'00'.repeat(32)}`
  const attempts = Array.from({ length: 210 }, () => passwords.matches(RIGHT, quick).catch(({ code }) => code))
  const answers = await Promise.all(attempts)
  expect(answers.filter((answer) => answer === 'TooManySignIns')).toHaveLength(8)
  expect(answers.filter((answer) => answer === false)).toHaveLength(202)
})
