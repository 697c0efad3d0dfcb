import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LmdbStore } from '../../../engine/src/storage/lmdb/lmdb-store.ts'
import { openTables } from '../../../engine/src/storage/lmdb/tables.ts'
import { StoreInUseError, StoreUnavailableError } from '../../../engine/src/storage/store.ts'
import { headOf } from './lmdb-head.ts'
import { entriesOf, linesOf, put, Recorder, StallingClock, settle } from './store-under-test.ts'

const HOLDER = new URL('./lmdb-holder.ts', import.meta.url).pathname

let folder: string
let path: string
let clock: StallingClock
const opened: LmdbStore[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-files-'))
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

/** A store with something in it, closed. @returns its database file */
async function made(): Promise<string> {
  const store = await open()
  await put(store, ...Array.from({ length: 2000 }, (_, index) => ({ key: `k${index}`, value: 'v'.repeat(200) })))
  await store.close()
  return join(path, 'registry.mdb')
}

async function refusal(at = path): Promise<Error> {
  return open(at).then(
    () => new Error('it opened'),
    (error: Error) => error,
  )
}

test('everything is there after opening again, and revisions go on', async () => {
  const first = await open()
  const lease = first.grantLease(10)
  await put(first, { key: 'a', value: '1' }, { key: 'b', value: '1', lease }, { key: 'gone', value: '1' })
  await put(first, { key: 'gone' })
  const before = await entriesOf(first)
  await first.close()
  const second = await open()
  expect(second.revision).toBe(2)
  expect(await entriesOf(second)).toEqual(before)
  expect(await put(second, { key: 'c', value: '1' })).toBe(3)
  const lost = new Recorder()
  second.watch('', 1, lost)
  expect(lost).toMatchObject({ batches: [], compactions: 1 })
})

test('leases have their full time again after opening, with all that is bound to them', async () => {
  const first = await open()
  const lease = first.grantLease(10)
  await put(first, { key: 'a', value: '1', lease }, { key: 'b', value: '1', lease }, { key: 'c', value: '1', lease })
  await put(first, { key: 'b', value: '2' })
  clock.advance(8_000)
  await first.close()
  const second = await open()
  clock.advance(9_500)
  await settle(second)
  expect(await linesOf(second)).toHaveLength(3)
  clock.advance(700)
  await settle(second)
  expect(await linesOf(second)).toEqual(['b=2'])
})

test('ids of leases do not come back after opening again, even when the machine is set back in time', async () => {
  const first = await open()
  const ids = [first.grantLease(10), first.grantLease(10), first.grantLease(10)]
  await put(first, { key: 'a', value: '1', lease: ids[0] as string })
  await first.revokeLease(ids[0] as string)
  await first.close()
  const past = new StallingClock()
  past.stall(-86_400_000)
  clock = past
  const second = await open()
  expect(ids).not.toContain(second.grantLease(10))
})

test('keys of up to 1900 bytes are kept; longer ones and broken text are refused, alone', async () => {
  const store = await open()
  const longest = `${'é'.repeat(949)}ab`
  await put(store, { key: longest, value: '1' })
  for (const key of [`${longest}c`, 'x'.repeat(3000), 'half \ud800']) {
    await expect(put(store, { key, value: '1' })).rejects.toBeInstanceOf(StoreUnavailableError)
    expect(await store.commit([{ key, revision: 0 }], [{ key }])).toBe(1)
  }
  expect(await linesOf(store, longest)).toEqual([`${longest}=1`])
  expect(store.revision).toBe(1)
})

async function hold(): Promise<{ child: ChildProcess; said: string; errors: () => string }> {
  const child = spawn(process.execPath, [HOLDER, path], { stdio: ['pipe', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += String(chunk)
  })
  const [said] = await once(child.stdout, 'data')
  return { child, said: String(said).trim(), errors: () => errors }
}

test('a second process is told that the folder is in use, and harms nothing', async () => {
  const store = await open()
  await put(store, { key: 'a', value: '1' })
  const { child, said, errors } = await hold()
  if (child.exitCode === null) await once(child, 'exit')
  expect(said).toBe('StoreInUseError')
  expect(errors()).toBe('')
  expect(await put(store, { key: 'a', value: '2' })).toBe(2)
  expect(await linesOf(store)).toEqual(['a=2'])
  expect(await refusal()).toBeInstanceOf(StoreInUseError)
  expect(await put(store, { key: 'a', value: '3' })).toBe(3)
})

test('a killed process leaves the folder free at once, with what it had written; nothing is on its stderr', async () => {
  const { child, said, errors } = await hold()
  expect(said).toBe('open')
  expect(await refusal()).toBeInstanceOf(StoreInUseError)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(errors()).toBe('')
  expect(await linesOf(await open())).toEqual([`held by ${child.pid}=1`])
})

test.each([
  ['text', 'hello\n'.repeat(5000)],
  ['a few bytes', 'hello'],
  ['zeros', '\0'.repeat(65536)],
])('a file of %s is refused, and stays as it is', async (_what, content) => {
  const file = await made()
  await writeFile(file, content)
  expect(await refusal()).toMatchObject({
    name: 'StoreUnavailableError',
    message: expect.stringMatching(/move it away/),
  })
  expect(await readFile(file, 'utf8')).toBe(content)
})

test.each([2, 10, 50])('a file that was cut to 1/%d is refused, and stays as long as it is', async (part) => {
  const file = await made()
  const length = Math.floor((await headOf(file)).usedBytes / part / 4096) * 4096 || 8192
  await truncate(file, length)
  expect(await refusal()).toMatchObject({ name: 'StoreUnavailableError', message: expect.stringMatching(/undamaged/) })
  expect((await stat(file)).size).toBe(length)
})

test.each(['file/data', 'file'])('a folder that cannot be made is refused at once: %s', async (name) => {
  await writeFile(join(folder, 'file'), '')
  const store = new LmdbStore({ path: join(folder, name), clock })
  await expect(store.open()).rejects.toMatchObject({
    name: 'StoreUnavailableError',
    message: expect.stringMatching(/cannot open the data folder.*may be written/),
  })
})

test('where no folder can ever be made, that is said too', async (context) => {
  if (process.platform !== 'linux') context.skip('no /proc')
  const store = new LmdbStore({ path: '/proc/nothing/data', clock })
  await expect(store.open()).rejects.toMatchObject({ name: 'StoreUnavailableError' })
})

test('data of an unknown format is refused, and so is the database of another program', async () => {
  const file = await made()
  const newer = await openTables(file, ['2'])
  await newer.facts.put('format', '99')
  await newer.env.close()
  expect((await refusal()).message).toMatch(/format 99.*use the Rollcall that wrote it/)
  await rm(file)
  const foreign = await openTables(file, ['2'])
  await foreign.facts.drop()
  await foreign.env.openDB({ name: 'something else' }).put('key', 'value')
  await foreign.env.close()
  expect(await refusal()).toMatchObject({
    name: 'StoreUnavailableError',
    message: expect.stringMatching(/another folder/),
  })
})

test('a place that cannot be a data folder is refused with what to do', async () => {
  await writeFile(path, 'a file')
  const places = [path, join(path, 'below a file')]
  for (const place of places) {
    const error = await refusal(place)
    expect(error).toBeInstanceOf(StoreUnavailableError)
    expect(error.message).toMatch(/check that it is a folder/)
  }
  expect(await readFile(path, 'utf8')).toBe('a file')
})

test('a lock file that is something else is refused', async () => {
  await mkdir(path)
  await writeFile(join(path, 'engine.lock'), 'not a lock\n'.repeat(500))
  expect(await refusal()).toBeInstanceOf(StoreUnavailableError)
  expect(await readdir(path)).toEqual(['engine.lock'])
})
