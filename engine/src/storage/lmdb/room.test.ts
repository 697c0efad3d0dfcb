import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Change, Room } from './room.ts'
import { countsOf, openTables, type Tables } from './tables.ts'

const KEYS = 5000

/** Keys near one another and far apart, texts from nothing to many pages; without a text it is a removal. */
const batches = fc.array(
  fc.record({
    count: fc.integer({ min: 1, max: 1500 }),
    step: fc.integer({ min: 1, max: 97 }),
    length: fc.option(fc.constantFrom(0, 1, 40, 300, 1300, 1800, 2100, 9000), { nil: undefined }),
    letter: fc.constantFrom('a', 'é', '中'),
    place: fc.constantFrom('key/', '域'.repeat(150)),
  }),
  { minLength: 1, maxLength: 8 },
)

test('LMDB never needs more room than was taken for it, while a reader keeps it from using pages again', async () => {
  await fc.assert(
    fc.asyncProperty(batches, async (rounds) => {
      const folder = await mkdtemp(join(tmpdir(), 'rollcall-room-'))
      const path = join(folder, 'test.mdb')
      const tables = await openTables(path, ['test'])
      const reader = tables.env.useReadTransaction()
      try {
        for (const [round, { count, step, length, letter, place }] of rounds.entries()) {
          const text = length === undefined ? undefined : letter.repeat(length)
          const changes = Array.from(
            { length: count },
            (_, n): Change => ({ key: `${place}${(round * 31 + n * step) % KEYS}`, text }),
          )
          expect(await growthBesideRoom(tables, path, changes)).toBe(0)
        }
      } finally {
        reader.done()
        await tables.env.close()
        await rm(folder, { recursive: true })
      }
    }),
    { numRuns: 12 },
  )
})

test('what another thread has made of the file meanwhile stays as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-room-'))
  const path = join(folder, 'test.mdb')
  const tables = await openTables(path, ['test'])
  try {
    const counts = countsOf(tables.entries)
    const file = join(folder, 'file')
    await writeFile(file, '')
    const room = await Room.of(file)
    const written = Buffer.alloc(counts.pageSize * 2000, 'x')
    await writeFile(file, written)
    await room.take([{ key: 'a', text: 'a' }], { ...counts, lastPageNumber: 1999 })
    const bytes = await readFile(file)
    expect(bytes.length).toBeGreaterThan(written.length)
    expect(bytes.subarray(0, written.length).equals(written)).toBe(true)
  } finally {
    await tables.env.close()
    await rm(folder, { recursive: true })
  }
})

/** @returns by how many bytes LMDB itself makes the file longer */
async function growthBesideRoom({ env, entries, room }: Tables, path: string, changes: Change[]): Promise<number> {
  await room.take(changes, countsOf(entries))
  const { size } = await stat(path)
  await env.batch(() => {
    for (const { key, text } of changes) void (text === undefined ? entries.remove(key) : entries.put(key, text))
  })
  return (await stat(path)).size - size
}
