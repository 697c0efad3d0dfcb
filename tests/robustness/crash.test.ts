import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCrashRounds, stopWhileWriting } from './crash-rounds.ts'

const ROUNDS = 30
/** A busy machine plays fewer rounds; `npm run crash` plays them all. */
const SECONDS_MAX = 60
const TIMEOUT_MS = 300_000

const STOP_AFTER_MS = 400

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-crash-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('kill -9 at any moment loses nothing that was acknowledged', { timeout: TIMEOUT_MS }, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  console.log(`seed ${seed}; again with: npm run crash -- --rounds ${ROUNDS} --seed ${seed}`)
  const summary = await runCrashRounds({
    rounds: ROUNDS,
    seed,
    secondsMax: SECONDS_MAX,
    flags: ['--store.kind', 'lmdb', '--store.path', join(folder, 'killed')],
    onRound: () => {},
  })
  console.log(JSON.stringify(summary))
  expect(summary.acknowledged).toBeGreaterThan(summary.rounds)
})

test('an orderly stop while 32 clients write loses nothing, and ends with code 0', {
  timeout: TIMEOUT_MS,
}, async () => {
  const flags = ['--store.kind', 'lmdb', '--store.path', join(folder, 'stopped')]
  expect(await stopWhileWriting(flags, STOP_AFTER_MS)).toBe(0)
})

test('a store that forgets is noticed', { timeout: TIMEOUT_MS }, async () => {
  const rounds = runCrashRounds({ rounds: 3, seed: 1, flags: ['--store.kind', 'memory'], onRound: () => {} })
  await expect(rounds).rejects.toThrow('is not what was acknowledged')
})
