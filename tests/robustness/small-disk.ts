import { execFile } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { TestContext } from 'vitest'

const run = promisify(execFile)
const PAGE = Buffer.alloc(4096)
/** Larger than any small disk; what is larger is the disk of the machine, which must never be filled. */
const SMALL_BYTES_MAX = 1024 ** 3

/** A disk of a few megabytes, in memory. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string
  /** Writes until there is no room left. @throws Error of the system for any other reason */
  fill(): void
  /** Makes room again. */
  clear(): void
}

/** Skips the test where a small disk cannot be had. */
export async function mountSmallDisk(context: TestContext, size: string): Promise<SmallDisk> {
  if (process.getuid?.() !== 0) context.skip('only root may mount a small disk')
  const path = mkdtempSync(join(tmpdir(), 'rollcall-disk-'))
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]).catch(() => undefined)
  if (mounted === undefined) {
    rmSync(path, { recursive: true })
    context.skip('mounting is not allowed here')
  }
  const filler = join(path, 'filler')
  return {
    path,
    fill: () => fill(filler),
    clear: () => rmSync(filler),
    async [Symbol.asyncDispose]() {
      await run('umount', [path])
      rmSync(path, { recursive: true })
    },
  }
}

function fill(path: string): void {
  const { blocks, bsize } = statfsSync(dirname(path))
  if (blocks * bsize > SMALL_BYTES_MAX) throw new Error(`${path} does not lie on a small disk (any more)`)
  const file = openSync(path, 'w')
  try {
    while (writeSync(file, PAGE) === PAGE.length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}
