import { randomBytes } from 'node:crypto'
import { constants, write as writeFile } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Revision } from '../store.ts'
import { StoreUnavailableError } from '../store.ts'
import { syncFolder } from './folder.ts'
import type { LoggedCommit } from './log-frames.ts'
import { decodeFrames, encodeFrame, SALT_BYTES } from './log-frames.ts'

const NAMES = ['registry-0.log', 'registry-1.log'] as const
/** Where the system can, a write returns when it is on the disk; elsewhere a sync follows it. */
const WRITES_ARE_SYNCED = process.platform === 'linux'

interface LogFile {
  readonly path: string
  readonly handle: FileHandle
  salt: Buffer | undefined
  /** Where the next frame goes. */
  end: number
  /** Of the last commit in it; 0: none. */
  last: Revision
}

/**
 * What was committed lately, in the order of revisions, synced to disk: LMDB follows at its leisure. Two files take
 * turns, each overwritten from its start once LMDB holds all that is in it, for overwriting costs a disk less than growing.
 */
export class CommitLog {
  #files: readonly LogFile[] = []
  #active: LogFile | undefined

  /**
   * Opens the files of a folder, making them if needed.
   * @param after revision up to which LMDB holds everything
   * @returns the commits after it, without a gap
   * @throws StoreUnavailableError when the files are damaged, or do not belong to what LMDB holds
   */
  async open(folder: string, after: Revision): Promise<LoggedCommit[]> {
    const found: LoggedCommit[] = []
    for (const name of NAMES) {
      const path = join(folder, name)
      const handle = await open(
        path,
        constants.O_CREAT | constants.O_RDWR | (WRITES_ARE_SYNCED ? constants.O_DSYNC : 0),
        0o600,
      )
      const content = await readFrames(path, handle)
      this.#files = [
        ...this.#files,
        { path, handle, salt: content.salt, end: content.end, last: content.commits.at(-1)?.revision ?? 0 },
      ]
      found.push(...content.commits)
    }
    await syncFolder(folder)
    this.#active = this.#files.reduce((latest, file) => (file.last > latest.last ? file : latest))
    const missing = found.filter(({ revision }) => revision > after).sort((one, other) => one.revision - other.revision)
    missing.forEach(({ revision }, index) => {
      if (revision !== after + 1 + index) throw new StoreUnavailableError(gap(folder, after + 1 + index))
    })
    return missing
  }

  /** Resolves when all of them are on the disk; when it rejects none of them is in the log. One call at a time. */
  async append(commits: readonly LoggedCommit[]): Promise<void> {
    const file = this.#active
    if (file === undefined) throw new StoreUnavailableError('the store is closed')
    file.salt ??= randomBytes(SALT_BYTES)
    const frame = encodeFrame(file.salt, commits)
    try {
      for (let written = 0; written < frame.length; ) {
        const bytesWritten = await write(file.handle.fd, frame.subarray(written), file.end + written)
        if (bytesWritten === 0) throw new Error('the disk takes no more bytes')
        written += bytesWritten
      }
      if (!WRITES_ARE_SYNCED) await file.handle.datasync()
    } catch (error) {
      // It may stand there all the same, and must not be found by the next start.
      await file.handle.truncate(file.end).catch(() => {})
      throw error
    }
    file.end += frame.length
    file.last = commits.at(-1)?.revision ?? file.last
  }

  /** What comes next goes to the other file, if LMDB holds all that is in that one. @param applied what LMDB holds */
  turn(applied: Revision): void {
    const other = this.#files.find((file) => file !== this.#active)
    if (other === undefined || other.last > applied) return
    other.end = 0
    other.salt = undefined
    this.#active = other
  }

  async close(): Promise<void> {
    const files = this.#files
    this.#files = []
    this.#active = undefined
    for (const { handle } of files) await handle.close()
  }
}

/** One write; a quarter of what the file handle's own costs. @returns bytes written, perhaps not all */
function write(fd: number, bytes: Buffer, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    writeFile(fd, bytes, 0, bytes.length, at, (error, written) => (error === null ? resolve(written) : reject(error)))
  })
}

async function readFrames(path: string, handle: FileHandle) {
  const { size } = await handle.stat()
  const bytes = Buffer.allocUnsafe(size)
  for (let at = 0; at < size; ) {
    const { bytesRead } = await handle.read(bytes, at, size - at, at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  const content = decodeFrames(bytes)
  if (content === undefined) {
    throw new StoreUnavailableError(`${path} is damaged in its middle: bring back the whole folder from a backup`)
  }
  return content
}

function gap(folder: string, revision: Revision): string {
  return `the files of ${folder} do not belong together (commit ${revision} is missing): bring back the whole folder`
}
