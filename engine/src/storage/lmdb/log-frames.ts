import { crc32 } from 'node:zlib'
import type { Revision } from '../store.ts'

/** One commit as the log keeps it. */
export interface LoggedCommit {
  readonly revision: Revision
  readonly changes: readonly LoggedChange[]
}

export interface LoggedChange {
  readonly key: string
  /** As records.ts writes it; absent: the key went away. */
  readonly text: string | undefined
}

/** What stands at the start of a log file. */
export interface LogContent {
  readonly commits: readonly LoggedCommit[]
  /** Drawn anew for each use of the file; undefined: nothing readable stands there. */
  readonly salt: Buffer | undefined
  /** Where the next frame goes. */
  readonly end: number
}

export const SALT_BYTES = 16
const MAGIC = 0x314c4352
const AT = { magic: 0, length: 4, checksum: 8, salt: 12, revision: 12 + SALT_BYTES }
const HEAD_BYTES = AT.revision + 8

/**
 * Commits that become durable together: a head (magic, length of the rest, its checksum, salt, first revision), then
 * text: for each commit a line with its number of changes, for each change a line `lengthOfKey lengthOfText` (none for
 * a deletion; both in UTF-16 units), key and text.
 * @param commits at least one; revisions without a gap
 */
export function encodeFrame(salt: Buffer, commits: readonly LoggedCommit[]): Buffer {
  let body = ''
  for (const { changes } of commits) {
    body += `${changes.length}\n`
    for (const { key, text } of changes) body += `${key.length} ${text?.length ?? ''}\n${key}${text ?? ''}`
  }
  const bodyBytes = Buffer.byteLength(body)
  const frame = Buffer.allocUnsafe(HEAD_BYTES + bodyBytes)
  frame.writeUInt32LE(MAGIC, AT.magic)
  frame.writeUInt32LE(frame.length - AT.salt, AT.length)
  salt.copy(frame, AT.salt)
  frame.writeDoubleLE(commits[0]?.revision ?? 0, AT.revision)
  frame.write(body, HEAD_BYTES)
  frame.writeUInt32LE(crc32(frame.subarray(AT.salt)), AT.checksum)
  return frame
}

/**
 * Reads the frames from the start up to the first that was not written to its end. What follows is from earlier uses of
 * the file, which had other salts.
 * @param applied revision up to which nothing here is needed any more
 * @returns undefined when a whole frame of the same use stands behind a broken one: that is no cut but damage
 */
export function decodeFrames(file: Buffer, applied: Revision): LogContent | undefined {
  const commits: LoggedCommit[] = []
  let salt: Buffer | undefined
  let end = 0
  for (let frame = frameAt(file, 0); frame !== undefined; frame = frameAt(file, end)) {
    salt ??= frame.salt
    if (!frame.salt.equals(salt)) break
    for (const commit of commitsOf(frame)) commits.push(commit)
    end = frame.end
  }
  const isDamaged = salt !== undefined && followingFrames(file, end, salt).some(({ last }) => last > applied)
  return isDamaged ? undefined : { commits, salt, end }
}

/** What frames that stand one behind the other change, whatever uses of the files they are from. @throws Error at what is none */
export function changesIn(frames: Buffer): readonly LoggedChange[] {
  const changes: LoggedChange[] = []
  for (let at = 0; at < frames.length; ) {
    const frame = frameAt(frames, at)
    if (frame === undefined) throw new Error(`no frame of the log at byte ${at} of ${frames.length}`)
    // One by one: a commit may have a million of them, which are too many arguments.
    for (const commit of commitsOf(frame)) for (const change of commit.changes) changes.push(change)
    at = frame.end
  }
  return changes
}

interface Frame {
  readonly salt: Buffer
  readonly revision: Revision
  readonly body: string
  readonly end: number
}

function frameAt(file: Buffer, at: number): Frame | undefined {
  if (at < 0 || at + HEAD_BYTES > file.length || file.readUInt32LE(at + AT.magic) !== MAGIC) return undefined
  const end = at + AT.salt + file.readUInt32LE(at + AT.length)
  if (end > file.length || end < at + HEAD_BYTES) return undefined
  if (crc32(file.subarray(at + AT.salt, end)) !== file.readUInt32LE(at + AT.checksum)) return undefined
  return {
    salt: Buffer.from(file.subarray(at + AT.salt, at + AT.revision)),
    revision: file.readDoubleLE(at + AT.revision),
    body: file.toString('utf8', at + HEAD_BYTES, end),
    end,
  }
}

/**
 * Whole frames of the same use behind a broken one: it was whole once. With nothing needed in them they are what a cut
 * overwriting from the start has left of an earlier use: a disk may write the end of a frame before its beginning.
 */
function followingFrames(file: Buffer, end: number, salt: Buffer): { readonly last: Revision }[] {
  const found: { readonly last: Revision }[] = []
  for (let at = file.indexOf(salt, end); at !== -1; at = file.indexOf(salt, at + 1)) {
    const frame = frameAt(file, at - AT.salt)
    if (frame?.salt.equals(salt)) found.push({ last: frame.revision + commitsOf(frame).length - 1 })
  }
  return found
}

function commitsOf({ revision, body }: Frame): LoggedCommit[] {
  const commits: LoggedCommit[] = []
  let at = 0
  const line = (): string => {
    const start = at
    at = body.indexOf('\n', start) + 1
    return body.slice(start, at - 1)
  }
  const take = (length: number): string => {
    at += length
    return body.slice(at - length, at)
  }
  while (at < body.length) {
    const changes = Array.from({ length: Number(line()) }, () => {
      const [keyLength = '', textLength = ''] = line().split(' ')
      const key = take(Number(keyLength))
      return { key, text: textLength === '' ? undefined : take(Number(textLength)) }
    })
    commits.push({ revision: revision + commits.length, changes })
  }
  return commits
}
