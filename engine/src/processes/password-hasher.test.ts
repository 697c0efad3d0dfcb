import { randomBytes, scryptSync } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { ManualClock } from '../kernel/manual-clock.ts'
import { PasswordHasher } from './password-hasher.ts'

const hasher = new PasswordHasher(new ManualClock())
const OPTIONS = { length: 32, cost: 1024, blockSize: 8, parallelization: 1, maxmem: 64 * 1024 * 1024 }

afterEach(() => hasher.stop())

test('makes the hashes that scrypt makes, also in a new process after the last has ended', async () => {
  for (const password of ['Right-1-password', 'pässwörd-𝄞', '']) {
    const salt = randomBytes(16)
    const { length, ...options } = OPTIONS
    const expected = scryptSync(password, salt, length, options)
    expect((await hasher.derive(password, salt, OPTIONS)).equals(expected)).toBe(true)
    hasher.stop()
  }
})

test('a hash that cannot be made is an error, and the next one is made', async () => {
  const salt = randomBytes(16)
  await expect(hasher.derive('x', salt, { ...OPTIONS, cost: 1000 })).rejects.toThrow('could not be hashed')
  expect(await hasher.derive('x', salt, OPTIONS)).toHaveLength(32)
})
