import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changesIn, decodeFrames, encodeFrame, type LoggedCommit, SALT_BYTES } from './log-frames.ts'

const SALT = Buffer.alloc(SALT_BYTES, 7)
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('a\n1 2\nb', '0\n', '3 \n'))
const change = fc.record({ key: text, text: fc.option(text, { nil: undefined }) })
/** Groups of commits, as they share frames, with revisions one after the other. */
const groups = fc.array(fc.array(fc.array(change, { maxLength: 4 }), { minLength: 1, maxLength: 4 }), { maxLength: 5 })

function numbered(changes: readonly LoggedCommit['changes'][][]): LoggedCommit[][] {
  let revision = 41
  return changes.map((group) => group.map((one) => ({ revision: ++revision, changes: one })))
}

const fileOf = (frames: readonly (readonly LoggedCommit[])[], salt = SALT) =>
  Buffer.concat(frames.map((commits) => encodeFrame(salt, commits)))

describe('what was written is read', () => {
  test('whatever the texts are, and whatever an earlier use of the file left behind it', () => {
    fc.assert(
      fc.property(groups, groups, (now, earlier) => {
        const frames = numbered(now)
        const old = fileOf(numbered(earlier), randomBytes(SALT_BYTES))
        const content = decodeFrames(Buffer.concat([fileOf(frames), old]), 0)
        if (frames.length === 0) return
        expect(content).toEqual({ commits: frames.flat(), salt: SALT, end: fileOf(frames).length })
      }),
    )
  })

  test('up to the last whole frame, wherever the file was cut', () => {
    fc.assert(
      fc.property(groups, fc.nat(), (now, cut) => {
        const frames = numbered(now)
        if (frames.length === 0) return
        const file = fileOf(frames)
        const length = cut % file.length
        let whole = 0
        while (fileOf(frames.slice(0, whole + 1)).length <= length) whole++
        expect(decodeFrames(file.subarray(0, length), 0)?.commits).toEqual(frames.slice(0, whole).flat())
      }),
    )
  })

  test('up to a last frame of which any byte is wrong', () => {
    fc.assert(
      fc.property(groups, fc.nat(), (now, place) => {
        const frames = numbered(now)
        if (frames.length === 0) return
        const file = fileOf(frames)
        const before = fileOf(frames.slice(0, -1)).length
        const at = before + (place % (file.length - before))
        file[at] = (file[at] ?? 0) ^ 1
        expect(decodeFrames(file, 0)?.commits).toEqual(frames.slice(0, -1).flat())
      }),
    )
  })
})

test('a broken frame with a whole one of the same use behind it is damage', () => {
  const frames = numbered([[[{ key: 'a', text: '1' }]], [[{ key: 'b', text: '2' }]], [[{ key: 'c', text: '3' }]]])
  const file = fileOf(frames)
  const at = fileOf(frames.slice(0, 1)).length + 40
  file[at] = (file[at] ?? 0) ^ 1
  expect(decodeFrames(file, 0)).toBeUndefined()
  expect(decodeFrames(file, 43)).toBeUndefined()
})

test('a frame overwritten by one that was cut is no damage while the database has all that stood there', () => {
  const frames = numbered([[[{ key: 'a', text: '1' }]], [[{ key: 'b', text: '2' }]], [[{ key: 'c', text: '3' }]]])
  const file = fileOf(frames)
  file.fill('x', fileOf(frames.slice(0, 1)).length + 40, fileOf(frames.slice(0, 1)).length + 44)
  expect(decodeFrames(file, 44)?.commits).toEqual(frames.slice(0, 1).flat())
})

test('a value that looks like a frame is no frame', () => {
  const fake = fileOf(numbered([[[{ key: 'x', text: 'y' }]]]), randomBytes(SALT_BYTES)).toString('latin1')
  const frames = numbered([[[{ key: 'a', text: fake }]], [[{ key: 'b', text: '2' }]]])
  const file = fileOf(frames)
  expect(decodeFrames(file.subarray(0, file.length - 3), 0)?.commits).toEqual(frames.slice(0, 1).flat())
})

test('an empty file, zeros and foreign bytes hold nothing', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(5000), Buffer.from('hello\n'.repeat(500))]) {
    expect(decodeFrames(bytes, 0)).toEqual({ commits: [], salt: undefined, end: 0 })
  }
})

test('of a million changes in one commit none is left out', () => {
  const changes = Array.from({ length: 1_000_000 }, (_, index) => ({ key: `k${index}`, text: undefined }))
  const found = changesIn(encodeFrame(Buffer.alloc(SALT_BYTES), [{ revision: 1, changes }]))
  expect(found.length).toBe(changes.length)
  expect(found.at(-1)).toEqual(changes.at(-1))
})
