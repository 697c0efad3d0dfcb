import fs, { mkdtempSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, open as openHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CommitLog } from './commit-log.ts'
import type { LoggedCommit } from './log-frames.ts'

const ID = Buffer.alloc(8, 3)
const realWrite = fs.write

let folder: string
const logs: CommitLog[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-commits-'))
})

afterEach(async () => {
  restoreDisk()
  for (const log of logs.splice(0)) await log.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Opens the log of the folder; the others stay as a killed process would leave them. */
async function open(applied = 0, hasLog = false) {
  const log = new CommitLog()
  logs.push(log)
  const commits = await log.open({ folder, applied, id: ID, hasLog })
  return {
    log,
    revisions: commits.map(({ revision }) => revision),
    keys: commits.map(({ changes }) => changes[0]?.key),
  }
}

const commit = (revision: number, key = `k${revision}`, length = 10): LoggedCommit => ({
  revision,
  changes: [{ key, text: 'v'.repeat(length) }],
})

/** From now on the disk takes writes and says that it did not, and lets nothing be cut off. */
async function breakDisk(): Promise<void> {
  const failing = (...args: Parameters<typeof realWrite>) => {
    const done = args.pop() as unknown as (error: Error) => void
    Reflect.apply(realWrite, fs, [...args, () => done(new Error('EIO: i/o error, write'))])
  }
  Object.assign(fs, { write: failing })
  syncBuiltinESMExports()
  vi.spyOn(await handlePrototype(), 'truncate').mockRejectedValue(new Error('EIO: i/o error, ftruncate'))
}

function restoreDisk(): void {
  Object.assign(fs, { write: realWrite })
  syncBuiltinESMExports()
  vi.restoreAllMocks()
}

async function handlePrototype(): Promise<FileHandle> {
  const handle = await openHandle(folder)
  await handle.close()
  return Object.getPrototypeOf(handle)
}

test('a refused frame that stands there all the same is cut off before anything else is written', async () => {
  const { log } = await open()
  await log.append([commit(1)])
  await breakDisk()
  await expect(log.append([commit(2, 'refused')])).rejects.toThrow('EIO')
  log.turn(1)
  await expect(log.append([commit(2, 'refused too')])).rejects.toThrow('ftruncate')
  restoreDisk()
  await log.append([commit(2, 'kept')])
  expect(await open()).toMatchObject({ revisions: [1, 2], keys: ['k1', 'kept'] })
})

test('a refused frame that stands there all the same is cut off at the end', async () => {
  const { log } = await open()
  await log.append([commit(1)])
  await breakDisk()
  await expect(log.append([commit(2, 'refused')])).rejects.toThrow('EIO')
  restoreDisk()
  await log.close()
  expect(await open()).toMatchObject({ revisions: [1] })
})

test('hundreds of thousands of commits in one file are read', async () => {
  const { log } = await open()
  const count = 200_000
  await log.append(Array.from({ length: count }, (_, index) => commit(index + 1, 'k', 1)))
  expect((await open()).revisions).toHaveLength(count)
})

test('the files take turns only when the database has what is in the other', async () => {
  const { log } = await open()
  for (let revision = 1; revision <= 40; revision++) {
    await log.append([commit(revision)])
    log.turn(Math.max(0, revision - 7))
    const { revisions } = await open(Math.max(0, revision - 7))
    expect(revisions.at(0)).toBe(Math.max(0, revision - 7) + 1)
    expect(revisions.at(-1)).toBe(revision)
  }
})

test('a file that a huge commit made large becomes small again', async () => {
  const { log } = await open()
  const huge = 40_000_000
  await log.append([commit(1, 'huge', huge)])
  for (let revision = 2; revision < 6; revision++) {
    log.turn(revision - 1)
    await log.append([commit(revision)])
  }
  const bytes = [0, 1].map((number) => statSync(join(folder, `registry-${number}.wal`)).size)
  expect(Math.max(...bytes)).toBeLessThan(1000)
  expect(await open(4)).toMatchObject({ revisions: [5] })
})
