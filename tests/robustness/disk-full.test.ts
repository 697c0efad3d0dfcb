import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'

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
  if (process.getuid?.() !== 0) context.skip('only root may mount a small disk')
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]).catch(() => undefined)
  if (mounted === undefined) context.skip('mounting is not allowed here')
  try {
    const seen = await report(process.execPath, [WRITER, join(folder, 'data'), 'delete'])
    expect(seen).toMatchObject({ ...WANTED, later: 'kept', revoked: 'kept' })
    expect(seen.acknowledged).toBeGreaterThan(100)
  } finally {
    await run('umount', [folder])
  }
})
