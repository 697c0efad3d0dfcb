import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Follower } from './follower.ts'
import { encodeFrame, SALT_BYTES } from './log-frames.ts'
import { noteFormat, openTables, type Tables } from './tables.ts'

let folder: string
let path: string
let tables: Tables
let follower: Follower

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-follower-'))
  path = join(folder, 'test.mdb')
  tables = await openTables(path, ['test'])
  noteFormat(tables, 'test')
  follower = new Follower(tables)
})

afterEach(async () => {
  await follower.close()
  await tables.env.close()
  await rm(folder, { recursive: true })
})

/** Too much for the thread that answers requests. */
const LARGE = 'x'.repeat(200_000)

function framesOf(key: string, text: string): Buffer {
  return encodeFrame(Buffer.alloc(SALT_BYTES), [{ revision: 1, changes: [{ key, text }] }])
}

test('what it has written is seen at once, also by who has just read', async () => {
  for (const text of ['1', LARGE, '2', `${LARGE}3`, '4']) {
    const following = follower.follow({ frames: framesOf('a', text), revision: '1,0' })
    tables.entries.get('a')
    await following
    expect(tables.entries.get('a')).toBe(text)
  }
})

test('what it refuses is told with the reason, and the next is taken', async () => {
  const broken = framesOf('a', LARGE).subarray(1)
  await expect(follower.follow({ frames: broken, revision: '1,0' })).rejects.toThrow('no frame of the log')
  await follower.follow({ frames: framesOf('a', '1'), revision: '1,0' })
  expect(tables.entries.get('a')).toBe('1')
})

test('when a thread cannot begin, the reason is told, and the next batch is written without one', async () => {
  const path = join(folder, 'other.mdb')
  await writeFile(path, 'something else entirely')
  const elsewhere = new Follower({ ...tables, path })
  const following = { frames: framesOf('a', LARGE), revision: '1,0' }
  await expect(elsewhere.follow(following)).rejects.toThrow('is not a database')
  await elsewhere.follow(following)
  expect(tables.entries.get('a')).toBe(LARGE)
  await expect(elsewhere.follow(following)).rejects.toThrow('is not a database')
  await elsewhere.close()
})

test('one that was never asked has nothing to close', async () => {
  await new Follower(tables).close()
})

test('the last batch is written without the thread', async () => {
  await follower.follow({ frames: framesOf('a', LARGE), revision: '1,0' })
  await follower.finish({ frames: framesOf('b', LARGE), revision: '2,0' })
  expect([tables.entries.get('a'), tables.entries.get('b')]).toEqual([LARGE, LARGE])
})
