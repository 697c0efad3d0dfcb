import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LmdbJournal } from '../../../engine/src/storage/lmdb/lmdb-journal.ts'
import { noteFormat, openTables } from '../../../engine/src/storage/lmdb/tables.ts'
import { StoreUnavailableError } from '../../../engine/src/storage/store.ts'
import { headOf } from '../store/lmdb-head.ts'
import { allOf, SettableClock, textsOf } from './journal-under-test.ts'

const WRITER = new URL('./journal-writer.ts', import.meta.url).pathname
const KILLS = 4

let folder: string
let path: string
let clock: SettableClock
const opened: LmdbJournal[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-journal-'))
  path = join(folder, 'journal.mdb')
  clock = new SettableClock()
})

afterEach(async () => {
  for (const journal of opened.splice(0)) await journal.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(): Promise<LmdbJournal> {
  const journal = new LmdbJournal({ path, clock, onLost: () => {} })
  opened.push(journal)
  await journal.open()
  return journal
}

async function refusal(): Promise<Error> {
  return open().then(
    () => new Error('it opened'),
    (error: Error) => error,
  )
}

async function made(): Promise<void> {
  const journal = await open()
  await journal.append(
    'audit',
    Array.from({ length: 2000 }, () => 'x'.repeat(200)),
  )
  await journal.close()
}

test('everything is there after opening again, and sequences and times go on, also after a drop of everything', async () => {
  const first = await open()
  await first.append('audit', ['a', 'b'])
  await first.append('metrics', ['m'])
  clock.advance(10)
  await first.dropBefore('metrics', clock.now())
  await first.append('audit', ['not waited for'], { durable: false })
  await first.close()
  clock.set(-1000)
  const second = await open()
  await second.append('metrics', ['n'])
  expect(await textsOf(second, 'audit')).toEqual(['a', 'b', 'not waited for'])
  expect(await allOf(second, 'metrics')).toEqual([{ sequence: 2, time: clock.now() + 990, text: 'n' }])
})

/** Lets the writer run until it has acknowledged some appends, then kills it. @returns the acknowledged numbers */
async function killWriter(): Promise<readonly number[]> {
  const child = spawn(process.execPath, [WRITER, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const acknowledged: number[] = []
  const lines = createInterface(child.stdout)
  lines.on('line', (line) => {
    acknowledged.push(Number(line))
    if (acknowledged.length === 120) child.kill('SIGKILL')
  })
  await Promise.all([once(child, 'exit'), once(lines, 'close')])
  return acknowledged
}

test('a killed process loses nothing that it acknowledged, and leaves no half of an append', async () => {
  for (let kill = 1; kill <= KILLS; kill++) {
    const before = await open().then(async (journal) => {
      const count = (await allOf(journal, 'audit')).length
      await journal.close()
      return count
    })
    const acknowledged = await killWriter()
    const journal = await open()
    const entries = await allOf(journal, 'audit')
    await journal.close()
    const halves = entries.slice(before).map(({ text }) => text.split(' ').slice(0, 2).join(' '))
    for (const number of acknowledged) expect(halves).toContain(`${number} second`)
    expect(halves.filter((half) => half.endsWith('first'))).toHaveLength(halves.length / 2)
    expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => index + 1))
  }
})

test('a file that is no database is refused by name, and stays as it is', async () => {
  const content = 'these are notes\n'.repeat(2000)
  await writeFile(path, content)
  expect(await refusal()).toMatchObject({
    name: 'StoreUnavailableError',
    message: expect.stringMatching(/journal\.mdb.*move it away/),
  })
  expect(await readFile(path, 'utf8')).toBe(content)
})

test.each([2, 10])('a file that was cut to 1/%d is refused by name, and stays as long as it is', async (part) => {
  await made()
  const length = Math.floor((await headOf(path)).usedBytes / part / 4096) * 4096
  await truncate(path, length)
  const error = await refusal()
  expect(error).toBeInstanceOf(StoreUnavailableError)
  expect(error.message).toMatch(/journal\.mdb.*undamaged/)
  expect((await stat(path)).size).toBe(length)
})

test.each(['1', 'journal-99'])('a file of format %s is refused by name', async (format) => {
  const other = await openTables(path, [format])
  noteFormat(other, format)
  await other.env.close()
  expect((await refusal()).message).toMatch(
    new RegExp(`journal\\.mdb has format ${format}, this version reads format journal-1`),
  )
})

test('a journal that cannot be made is refused with what to do', async () => {
  await writeFile(join(folder, 'file'), '')
  path = join(folder, 'file', 'journal.mdb')
  expect(await refusal()).toMatchObject({
    name: 'StoreUnavailableError',
    message: expect.stringMatching(/cannot open the journal .*journal\.mdb.*may be written/),
  })
})
