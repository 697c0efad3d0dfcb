import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { SeededRandom } from './crash-random.ts'
import { CrashWriter } from './crash-writer.ts'
import { mountSmallDisk } from './small-disk.ts'

const run = promisify(execFile)
const WRITER = new URL('./disk-full-writer.ts', import.meta.url).pathname
const LIMIT_BLOCKS = 4096
const TIMEOUT_MS = 60_000

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-full-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const WANTED = {
  errors: ['StoreUnavailableError'],
  chain: Array.from({ length: 4 }, () => 'StoreUnavailableError'),
  isKeptAsAcknowledged: true,
  isReopenedAsShown: true,
  leaseAlive: true,
  revisionsMatch: true,
}

async function report(command: string, args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(command, args, { timeout: TIMEOUT_MS })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

test('a file that may not grow: what is refused is not kept, what was acknowledged stays', async (context) => {
  if (process.platform === 'win32') context.skip('no limits on file sizes')
  const script = `trap '' XFSZ; ulimit -f ${LIMIT_BLOCKS}; exec "$0" "$1" "$2" delete`
  const seen = await report('sh', ['-c', script, process.execPath, WRITER, join(folder, 'data')])
  expect(seen).toMatchObject({ ...WANTED, later: 'kept', revoked: 'kept' })
  expect(seen.acknowledged).toBeGreaterThan(100)
})

test('a full disk: what is refused is not kept, and a restart finds what was acknowledged', async (context) => {
  await using disk = await mountSmallDisk(context, '4m')
  const seen = await report(process.execPath, [WRITER, join(disk.path, 'data'), 'delete'])
  expect(seen).toMatchObject({ ...WANTED, later: 'kept', revoked: 'kept' })
  expect(seen.acknowledged).toBeGreaterThan(100)
})

test('a disk that fills up under a running engine: refused requests leave nothing, and writes go on when there is room', {
  timeout: TIMEOUT_MS,
}, async (context) => {
  await using disk = await mountSmallDisk(context, '24m')
  const flags = ['--store.path', join(disk.path, 'data'), '--log.level', 'silent']
  const writers = Array.from({ length: 8 }, (_, n) => new CrashWriter(`full-${n}`, new SeededRandom(n)))
  const all = <T>(work: (writer: CrashWriter) => Promise<T>) => Promise.all(writers.map(work))
  let engine = await EngineProcess.start(flags)
  try {
    for (const _ of [1, 2]) {
      disk.fill()
      // Reads are answered and leases renewed while the disk is full.
      const refusals = await all((writer) => writer.writeUntilFull(engine.url))
      expect(new Set(refusals), engine.ending).toEqual(new Set(['500011']))
      await all((writer) => writer.check(engine.url))
      disk.clear()
      await all((writer) => writer.writeThrough(engine.url, 20))
      await engine.crash()
      engine = await EngineProcess.start(flags)
      await all((writer) => writer.check(engine.url))
    }
  } finally {
    await engine.crash()
  }
})

test('a disk that is full already: a new data folder is refused in a sentence, and made when there is room', {
  timeout: TIMEOUT_MS,
}, async (context) => {
  await using disk = await mountSmallDisk(context, '16m')
  const flags = ['--store.path', join(disk.path, 'data'), '--log.level', 'silent']
  disk.fill()
  const refused = EngineProcess.spawn(flags)
  expect(await refused.end(), refused.output).toBe(5)
  expect(refused.output).toMatch(/The store cannot be opened: .*(?:no space left|full)/i)
  disk.clear()
  const engine = await EngineProcess.start(flags)
  expect(await engine.stop()).toBe(0)
})
