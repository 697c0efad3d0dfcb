import { cp, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LmdbStore } from '../../../engine/src/storage/lmdb/lmdb-store.ts'
import { openTables } from '../../../engine/src/storage/lmdb/tables.ts'
import { headOf } from './lmdb-head.ts'
import { linesOf, put, StallingClock } from './store-under-test.ts'

/** Later than any checkpoint that a commit has asked for. */
const CHECKPOINT_MS = 300

let folder: string
let path: string
let clock: StallingClock
const opened: LmdbStore[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-log-'))
  path = join(folder, 'data')
  clock = new StallingClock()
})

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(at = path): Promise<LmdbStore> {
  const store = new LmdbStore({ path: at, clock })
  opened.push(store)
  await store.open()
  return store
}

/** The folder as a killed process would leave it. */
async function copy(name = 'killed'): Promise<string> {
  const to = join(folder, name)
  await rm(to, { recursive: true, force: true })
  await cp(path, to, { recursive: true, filter: (file) => !file.endsWith('engine.lock') })
  return to
}

/** Brings what has been written since the last one into LMDB; there must be something. */
async function checkpoint(): Promise<void> {
  const before = await transactions()
  // The one before may not be over yet, for its end is written before it is synced: then the next is asked for a little later.
  const look = () => {
    clock.advance(CHECKPOINT_MS)
    return transactions()
  }
  await expect.poll(look).toBeGreaterThan(before)
}

const transactions = async () => (await headOf(join(path, 'registry.mdb'))).transactions

const logOf = (at: string, number: 0 | 1) => join(at, `registry-${number}.wal`)

test('what is only in the log is there after a kill: values, deletions, leases and the revision', async () => {
  const store = await open()
  const lease = store.grantLease(10)
  await put(store, { key: 'a', value: '1' }, { key: 'gone', value: '1' }, { key: 'leased', value: '1', lease })
  await put(store, { key: 'gone' }, { key: 'a', value: '2' })
  const again = await open(await copy())
  expect(again.revision).toBe(2)
  expect(await linesOf(again)).toEqual(['a=2', 'leased=1'])
  expect(again.renewLeases([lease])).toEqual([true])
  expect(again.grantLease(1)).not.toBe(lease)
  expect(await again.commit([{ key: 'a', revision: 1 }], [{ key: 'a', value: '3' }])).toBeUndefined()
  expect(await again.commit([{ key: 'a', revision: 2 }], [{ key: 'a', value: '3' }])).toBe(3)
  await again.revokeLease(lease)
  expect(await linesOf(again)).toEqual(['a=3'])
})

test('killed again and again before anything left the log, nothing is lost', async () => {
  let at = path
  for (let round = 1; round <= 5; round++) {
    const store = await open(at)
    expect(store.revision).toBe(round - 1)
    await put(store, { key: `k${round}`, value: 'v' })
    const to = join(folder, `killed${round}`)
    await cp(at, to, { recursive: true, filter: (file) => !file.endsWith('engine.lock') })
    at = to
  }
  expect(await linesOf(await open(at))).toEqual(['k1=v', 'k2=v', 'k3=v', 'k4=v', 'k5=v'])
})

test('the log starts over when the database has what is in it, so it does not grow', async () => {
  const store = await open()
  const sizes: number[] = []
  for (let round = 0; round < 30; round++) {
    await put(store, { key: `k${round}`, value: 'v'.repeat(1000) })
    await checkpoint()
    sizes.push((await stat(logOf(path, 0))).size + (await stat(logOf(path, 1))).size)
    const killed = await open(await copy())
    expect(await linesOf(killed)).toHaveLength(round + 1)
    await killed.close()
  }
  expect(Math.max(...sizes)).toBeLessThan(10_000)
})

test('a log cut anywhere gives what was whole, in order', async () => {
  const store = await open()
  for (let round = 1; round <= 3; round++) await put(store, { key: `k${round}`, value: 'v' })
  const { size } = await stat(logOf(path, 0))
  let known = 0
  for (let length = 0; length <= size; length += 7) {
    const at = await copy()
    await truncate(logOf(at, 0), length)
    const killed = await open(at)
    const lines = await linesOf(killed)
    expect(lines).toEqual(['k1=v', 'k2=v', 'k3=v'].slice(0, lines.length))
    expect(lines.length).toBeGreaterThanOrEqual(known)
    known = lines.length
    expect(await put(killed, { key: 'next', value: 'v' })).toBe(lines.length + 1)
    await killed.close()
  }
})

test('a log that is damaged in its middle is refused by name, and stays as it is', async () => {
  const store = await open()
  for (let round = 1; round <= 3; round++) await put(store, { key: `k${round}`, value: 'v'.repeat(100) })
  const at = await copy()
  const file = logOf(at, 0)
  const bytes = await readFile(file)
  const middle = Math.floor(bytes.length / 2)
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  await writeFile(file, bytes)
  await expect(open(at)).rejects.toMatchObject({
    name: 'StoreUnavailableError',
    message: expect.stringMatching(/registry-0\.wal is damaged.*backup/),
  })
  expect(await readFile(file)).toEqual(bytes)
})

test('a log without the commits before it is refused: the files are not of one backup', async () => {
  const store = await open()
  await put(store, { key: 'a', value: '1' })
  const before = await copy('before')
  await checkpoint()
  for (let round = 0; round < 3; round++) {
    await put(store, { key: 'a', value: `${round}` })
    await checkpoint()
  }
  await put(store, { key: 'a', value: 'last' })
  const mixed = await copy('mixed')
  await cp(join(before, 'registry.mdb'), join(mixed, 'registry.mdb'))
  await expect(open(mixed)).rejects.toMatchObject({
    name: 'StoreUnavailableError',
    message: expect.stringMatching(/do not belong together.*commit 1 is missing/),
  })
})

test('reading goes on while the database catches up, at one revision', async () => {
  const store = await open()
  for (let round = 0; round < 3000; round++)
    void store.commit([], [{ key: `k${String(round).padStart(4, '0')}`, value: '1' }])
  await store.commit([], [{ key: 'last', value: '1' }])
  const pages = store.read('k')[Symbol.asyncIterator]()
  const first = await pages.next()
  await checkpoint()
  await put(store, { key: 'k0000', value: '2' }, { key: 'k2999' }, { key: 'k9999', value: '2' })
  await checkpoint()
  const lines: string[] = first.value.map(({ key, value }: { key: string; value: string }) => `${key}=${value}`)
  for (let page = await pages.next(); !page.done; page = await pages.next()) {
    lines.push(...page.value.map(({ key, value }) => `${key}=${value}`))
  }
  expect(lines).toHaveLength(3000)
  expect(new Set(lines.map((line) => line.slice(-2)))).toEqual(new Set(['=1']))
})

test('a lease that was revoked does not come back with the log, nor one whose keys are gone', async () => {
  const store = await open()
  const [early, late, free, kept] = [10, 10, 10, 10].map((seconds) => store.grantLease(seconds)) as [
    string,
    string,
    string,
    string,
  ]
  await put(store, { key: 'early', value: '1', lease: early }, { key: 'kept', value: '1', lease: kept })
  await checkpoint()
  await put(store, { key: 'late', value: '1', lease: late }, { key: 'free', value: '1', lease: free })
  await store.revokeLease(early)
  await store.revokeLease(late)
  await put(store, { key: 'free', value: '2' }, { key: 'moved', value: '1', lease: kept }, { key: 'kept' })
  const killed = await open(await copy())
  expect(killed.renewLeases([early, late, free, kept])).toEqual([false, false, false, true])
  await killed.revokeLease(kept)
  expect(await linesOf(killed)).toEqual(['free=2'])
})

test('a cut overwriting from the start whose end reached the disk first is no damage', async () => {
  const store = await open()
  for (let round = 1; round <= 12; round++) await put(store, { key: `k${round}`, value: 'v'.repeat(200) })
  await checkpoint()
  await put(store, { key: 'other file', value: '1' })
  const at = await copy()
  const sizes = [(await stat(logOf(at, 0))).size, (await stat(logOf(at, 1))).size] as const
  const file = logOf(at, sizes[0] > sizes[1] ? 0 : 1)
  const bytes = await readFile(file)
  bytes.fill('new', 500, 900)
  await writeFile(file, bytes)
  const killed = await open(at)
  expect(await linesOf(killed)).toHaveLength(13)
  await put(killed, { key: 'next', value: '1' })
})

test('the log of another data folder is refused by name, even when its commits would fit', async () => {
  const other = await open(join(folder, 'other'))
  for (let round = 1; round <= 5; round++) await put(other, { key: `foreign${round}`, value: '1' })
  const store = await open()
  await put(store, { key: 'a', value: '1' })
  await put(store, { key: 'b', value: '1' })
  await store.close()
  const foreign = await copy('mixed')
  for (const number of [0, 1] as const) await cp(logOf(join(folder, 'other'), number), logOf(foreign, number))
  await expect(open(foreign)).rejects.toMatchObject({
    name: 'StoreUnavailableError',
    message: expect.stringMatching(/registry-0\.wal belongs to another data folder.*backup/),
  })
})

test('a log that is missing is refused by name: commits may be missing with it', async () => {
  const store = await open()
  await put(store, { key: 'a', value: '1' })
  const at = await copy()
  await rm(logOf(at, 1))
  await expect(open(at)).rejects.toMatchObject({
    name: 'StoreUnavailableError',
    message: expect.stringMatching(/registry-1\.wal is missing.*backup/),
  })
})

test('a folder of before there was a log opens, and has one from then on', async () => {
  const store = await open()
  await put(store, { key: 'a', value: '1' })
  await store.close()
  for (const number of [0, 1] as const) await rm(logOf(path, number))
  const tables = await openTables(join(path, 'registry.mdb'), ['2'])
  await tables.facts.put('format', '1')
  await tables.facts.remove('id')
  await tables.env.close()
  const again = await open()
  expect(await put(again, { key: 'b', value: '1' })).toBe(2)
  expect(await linesOf(await open(await copy()))).toEqual(['a=1', 'b=1'])
})

test('keys that only a database could not hold are refused before they reach the log', async () => {
  const store = await open()
  for (const key of ['', 'half \ud800', 'x'.repeat(1901)]) {
    await expect(put(store, { key, value: '1' })).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  }
  await put(store, { key: 'a', value: '1' })
  await store.close()
  expect(await linesOf(await open())).toEqual(['a=1'])
})
