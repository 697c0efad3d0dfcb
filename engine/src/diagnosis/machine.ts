import { readdir, readFile, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { type Finding, judgeClock, judgeDisk, judgeLimits, judgePermissions, judgeUnreadable } from './findings.ts'

const MODE_BITS = 0o777

/** What there is to say about the machine and a data folder on it. @param now ms since the epoch */
export async function examineMachine(folder: string | undefined, now: number): Promise<readonly Finding[]> {
  const limits = judgeLimits(await openFilesLimit())
  if (folder === undefined) return [limits, judgeClock(now, 0)]
  try {
    return [limits, ...(await judgeFolder(folder, now))]
  } catch (error) {
    const { code = '', path = folder } = error as NodeJS.ErrnoException
    return [limits, judgeUnreadable(path, code)]
  }
}

async function judgeFolder(folder: string, now: number): Promise<readonly Finding[]> {
  const { path, files } = await filesOf(folder)
  const { bavail, bsize } = await statfs(path)
  const used = files.reduce((sum, { size }) => sum + size, 0)
  const newest = files.reduce((latest, { mtimeMs }) => Math.max(latest, mtimeMs), 0)
  const places = files.map((file) => ({ path: file.path, mode: file.mode & MODE_BITS, owner: file.uid }))
  return [judgeDisk({ free: bavail * bsize, used }), judgePermissions(places, getuid?.() ?? 0), judgeClock(now, newest)]
}

/** The folder first, then what is in it. */
async function filesOf(path: string) {
  const names = await readdir(path)
  const found = [path, ...names.map((name) => join(path, name))].map(async (place) => {
    // LMDB's maps have holes: what counts is what lies on the disk.
    const { mode, uid, mtimeMs, blocks } = await stat(place)
    return { path: place, mode, uid, mtimeMs, size: blocks * BLOCK_BYTES }
  })
  return { path, files: await Promise.all(found) }
}

const BLOCK_BYTES = 512

/** The soft limit of this very process; undefined where the system does not tell. */
async function openFilesLimit(): Promise<number | undefined> {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => '')
  const [, soft] = /^Max open files\s+(\d+)/m.exec(text) ?? []
  return soft === undefined ? undefined : Number(soft)
}
