import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import type { Write } from '../store.ts'
import { Checkpoints } from './checkpoints.ts'
import { CommitLog } from './commit-log.ts'
import { PendingCommits, pendingOf } from './pending-commits.ts'
import { openTables, type Tables } from './tables.ts'

let folder: string
let tables: Tables

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-checkpoints-'))
  tables = await openTables(join(folder, 'test.mdb'), ['test'])
})

afterEach(async () => {
  await tables.env.close()
  await rm(folder, { recursive: true })
})

/** Brings commits to LMDB on a disk that has no room for texts of more than 100 characters. @returns what stood in the way */
async function bringOver(...commits: readonly Write[]): Promise<unknown> {
  const pending = new PendingCommits()
  const take = async (changes: Iterable<{ readonly text?: string | undefined }>) => {
    for (const { text = '' } of changes) if (text.length > 100) throw new Error('no space left on device')
  }
  const small = { ...tables, room: { take } } as unknown as Tables
  const needs = { clock: new ManualClock(), log: new CommitLog(), pending, lastLease: () => '0' }
  const checkpoints = new Checkpoints(needs, small, 0)
  for (const [index, write] of commits.entries()) {
    const commit = pendingOf([write], { revision: index + 1, before: new Map(), ttlSeconds: () => 0 })
    pending.add(commit)
    checkpoints.add(commit)
  }
  await checkpoints.finish()
  return checkpoints.failure
}

const LARGE = 'x'.repeat(200)

test('what has no room stays in the log', async () => {
  expect(String(await bringOver({ key: 'a', value: LARGE }))).toContain('no space left')
  expect(tables.entries.get('a')).toBeUndefined()
})

test('what was removed or overwritten meanwhile needs no room', async () => {
  const writes = [{ key: 'a', value: LARGE }, { key: 'b', value: LARGE }, { key: 'a' }, { key: 'b', value: 'small' }]
  expect(await bringOver(...writes)).toBeUndefined()
  expect(tables.entries.get('a')).toBeUndefined()
  expect(tables.entries.get('b')).toBe('4\nsmall')
  expect(tables.facts.get('revision')).toBe('4,0')
})
