import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { applyFrames } from './apply-frames.ts'
import { encodeFrame, type LoggedChange, SALT_BYTES } from './log-frames.ts'
import { openTables, type Tables } from './tables.ts'

let folder: string
let tables: Tables

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-frames-'))
  tables = await openTables(join(folder, 'test.mdb'), ['test'])
})

afterEach(async () => {
  await tables.env.close()
  await rm(folder, { recursive: true })
})

/** Brings changes to LMDB, each in a frame of another use of the log, on a disk that has no room for texts of more than 100 characters. */
async function bringOver(...changes: readonly LoggedChange[]): Promise<void> {
  const take = async (taken: Iterable<{ readonly text?: string | undefined }>) => {
    for (const { text = '' } of taken) if (text.length > 100) throw new Error('no space left on device')
  }
  const small = { ...tables, room: { take } } as unknown as Tables
  const frames = changes.map((change, index) =>
    encodeFrame(Buffer.alloc(SALT_BYTES, index), [{ revision: index + 1, changes: [change] }]),
  )
  await applyFrames(small, { frames: Buffer.concat(frames), revision: `${changes.length},0` })
}

const LARGE = 'x'.repeat(200)

test('what the frames change is there, in their order, with what is noted', async () => {
  await bringOver(
    { key: 'a', text: '1' },
    { key: 'b', text: 'ü' },
    { key: 'a', text: '2' },
    { key: 'gone', text: undefined },
  )
  expect([...tables.entries.getRange({ start: '' })]).toEqual([
    { key: 'a', value: '2' },
    { key: 'b', value: 'ü' },
  ])
  expect(tables.facts.get('revision')).toBe('4,0')
})

test('what has no room is refused whole', async () => {
  await expect(bringOver({ key: 'a', text: '1' }, { key: 'b', text: LARGE })).rejects.toThrow('no space left')
  expect(tables.entries.get('a')).toBeUndefined()
  expect(tables.facts.get('revision')).toBeUndefined()
})

test('what was removed or overwritten meanwhile needs no room', async () => {
  await bringOver(
    { key: 'a', text: LARGE },
    { key: 'b', text: LARGE },
    { key: 'a', text: undefined },
    { key: 'b', text: 'small' },
  )
  expect(tables.entries.get('a')).toBeUndefined()
  expect(tables.entries.get('b')).toBe('small')
})

test('bytes that are no frames are refused, and change nothing', async () => {
  const frame = encodeFrame(Buffer.alloc(SALT_BYTES), [{ revision: 1, changes: [{ key: 'a', text: '1' }] }])
  const frames = Buffer.concat([frame, frame.subarray(0, frame.length - 1)])
  await expect(applyFrames(tables, { frames, revision: '2,0' })).rejects.toThrow('no frame of the log')
  expect(tables.entries.get('a')).toBeUndefined()
})
