import { randomBytes } from 'node:crypto'
import { constants, write as writeFile } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Revision } from '../store.ts'
import { StoreUnavailableError } from '../store.ts'
import { syncFolder } from './folder.ts'
import type { LoggedCommit } from './log-frames.ts'
import { decodeFrames, encodeFrame, SALT_BYTES } from './log-frames.ts'

/** Not called logs: people and their tools delete logs. */
const NAMES = ['registry-0.wal', 'registry-1.wal'] as const
/** Where the system can, a write returns when it is on the disk; elsewhere a sync follows it. */
const WRITES_ARE_SYNCED = process.platform === 'linux'
/** A file that one huge commit made larger is cut when its turn comes again: each start reads all of it. */
const BYTES_KEPT_MAX = 32 * 1024 * 1024

interface LogFile {
  readonly path: string
  readonly handle: FileHandle
  /** How long it is, or was before it was cut last. */
  bytes: number
  /** Of this use of the file; undefined: nothing that it holds is needed, the next frame goes to its start. */
  salt: Buffer | undefined
  /** Where the next frame goes. */
  end: number
  /** Of the last commit in it; 0: none. */
  last: Revision
}

/** What a log must fit to. */
interface Database {
  readonly folder: string
  /** Revision up to which LMDB holds everything. */
  readonly applied: Revision
  readonly id: Buffer
  /** Whether the folder had a log before. */
  readonly hasLog: boolean
}

/**
 * What was committed lately, in the order of revisions, synced to disk: LMDB follows at its leisure. Two files take
 * turns, each overwritten from its start once LMDB holds all that is in it, for overwriting costs a disk less than growing.
 */
export class CommitLog {
  #files: readonly LogFile[] = []
  #active: LogFile | undefined
  #id: Buffer = Buffer.alloc(0)
  #applied: Revision = 0
  #isTurnDue = false
  /** Whether a frame that was refused may stand behind the end of the active file. */
  #hasRefused = false

  /**
   * Opens the files of a folder, making them if it had none.
   * @returns the commits that LMDB lacks, without a gap
   * @throws StoreUnavailableError when files are missing or damaged, or do not belong to what LMDB holds
   */
  async open(database: Database): Promise<LoggedCommit[]> {
    const { folder, applied, id } = database
    const missing: LoggedCommit[] = []
    for (const name of NAMES) {
      const file = await openFile(join(folder, name), database)
      this.#files = [...this.#files, file]
      for (const commit of await readInto(file, database)) missing.push(commit)
    }
    await syncFolder(folder)
    missing.sort((one, other) => one.revision - other.revision)
    missing.forEach(({ revision }, index) => {
      if (revision !== applied + 1 + index) throw new StoreUnavailableError(gap(folder, applied + 1 + index))
    })
    this.#id = id
    this.#applied = applied
    this.#active = this.#files.reduce((latest, file) => (file.last > latest.last ? file : latest))
    return missing
  }

  /**
   * Resolves when all of them are on the disk; when it rejects none of them is in the log. One call at a time.
   * @returns their frame
   */
  async append(commits: readonly LoggedCommit[]): Promise<Buffer> {
    await this.#cutRefused()
    const file = await this.#takeTurn()
    file.salt ??= Buffer.concat([this.#id, randomBytes(SALT_BYTES - this.#id.length)])
    const frame = encodeFrame(file.salt, commits)
    try {
      await writeAll(file, frame)
    } catch (error) {
      // It may stand there all the same, and must not be found by the next start.
      this.#hasRefused = true
      await this.#cutRefused().catch(() => {})
      throw error
    }
    file.end += frame.length
    file.bytes = Math.max(file.bytes, file.end)
    file.last = commits.at(-1)?.revision ?? file.last
    return frame
  }

  /** What comes next goes to the other file, once LMDB holds all that is in that one. @param applied what LMDB holds */
  turn(applied: Revision): void {
    this.#applied = applied
    this.#isTurnDue = true
  }

  async close(): Promise<void> {
    await this.#cutRefused().catch(() => {})
    const files = this.#files
    this.#files = []
    this.#active = undefined
    for (const { handle } of files) await handle.close()
  }

  async #takeTurn(): Promise<LogFile> {
    if (this.#active === undefined) throw new StoreUnavailableError('the store is closed')
    const other = this.#files.find((file) => file !== this.#active)
    if (!this.#isTurnDue || other === undefined || other.last > this.#applied) return this.#active
    if (other.bytes > BYTES_KEPT_MAX) {
      await other.handle.truncate(0)
      other.bytes = 0
    }
    other.end = 0
    other.salt = undefined
    this.#active = other
    this.#isTurnDue = false
    return other
  }

  /** Nothing is written while it fails: what comes next has the same revisions. */
  async #cutRefused(): Promise<void> {
    const file = this.#active
    if (!this.#hasRefused || file === undefined) return
    await file.handle.truncate(file.end)
    await file.handle.sync()
    file.bytes = file.end
    this.#hasRefused = false
  }
}

async function openFile(path: string, { hasLog }: Database): Promise<LogFile> {
  const flags = constants.O_RDWR | (hasLog ? 0 : constants.O_CREAT) | (WRITES_ARE_SYNCED ? constants.O_DSYNC : 0)
  const handle = await open(path, flags, 0o600).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new StoreUnavailableError(`${path} is missing: ${REMEDY}`) : error
  })
  return { path, handle, bytes: 0, salt: undefined, end: 0, last: 0 }
}

/** @returns the commits of a file that LMDB lacks; when there are none, the file starts over */
async function readInto(file: LogFile, { applied, id }: Database): Promise<readonly LoggedCommit[]> {
  const bytes = await readAll(file.handle)
  const content = decodeFrames(bytes, applied)
  if (content === undefined) throw new StoreUnavailableError(`${file.path} is damaged in its middle: ${REMEDY}`)
  const { salt, end, commits } = content
  if (salt !== undefined && !salt.subarray(0, id.length).equals(id)) {
    throw new StoreUnavailableError(`${file.path} belongs to another data folder: ${REMEDY}`)
  }
  file.bytes = bytes.length
  const missing = commits.filter(({ revision }) => revision > applied)
  const last = missing.at(-1)?.revision
  if (last !== undefined) {
    file.salt = salt
    file.end = end
    file.last = last
  }
  return missing
}

async function readAll(handle: FileHandle): Promise<Buffer> {
  const { size } = await handle.stat()
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  while (at < size) {
    const { bytesRead } = await handle.read(bytes, at, size - at, at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return bytes.subarray(0, at)
}

async function writeAll({ handle, end }: LogFile, frame: Buffer): Promise<void> {
  for (let written = 0; written < frame.length; ) {
    const bytesWritten = await write(handle.fd, frame.subarray(written), end + written)
    if (bytesWritten === 0) throw new Error('the disk takes no more bytes')
    written += bytesWritten
  }
  if (!WRITES_ARE_SYNCED) await handle.datasync()
}

/** One write; a quarter of what the file handle's own costs. @returns bytes written, perhaps not all */
function write(fd: number, bytes: Buffer, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    writeFile(fd, bytes, 0, bytes.length, at, (error, written) => (error === null ? resolve(written) : reject(error)))
  })
}

const REMEDY = 'bring back the whole folder from a backup'

function gap(folder: string, revision: Revision): string {
  return `the files of ${folder} do not belong together (commit ${revision} is missing): ${REMEDY}`
}
