import type { LoggedChange } from './log-frames.ts'
import { changesIn } from './log-frames.ts'
import type { Tables } from './tables.ts'
import { putSynced } from './tables.ts'

/** What LMDB lacks. */
export interface Following {
  /** Of the log, one behind the other, in the order in which they were written. */
  readonly frames: Uint8Array
  /** What is noted with them: how far LMDB has come. */
  readonly revision: string
}

/**
 * Brings frames of the log into LMDB, all or nothing. Where there is no room for all of them, only for what they come to:
 * what was overwritten or removed meanwhile may be what the disk has none for.
 * @throws Error of the system or LMDB
 */
export async function applyFrames(tables: Tables, { frames, revision }: Following): Promise<void> {
  const changes = changesIn(Buffer.from(frames.buffer, frames.byteOffset, frames.length))
  await put(tables, changes, revision).catch(() => put(tables, latestOf(changes), revision))
}

function put(tables: Tables, changes: readonly LoggedChange[], revision: string): Promise<void> {
  const { entries, facts } = tables
  return putSynced(tables, changes, () => {
    for (const { key, text } of changes) void (text === undefined ? entries.remove(key) : entries.put(key, text))
    void facts.put('revision', revision)
  })
}

function latestOf(changes: readonly LoggedChange[]): readonly LoggedChange[] {
  return [...new Map(changes.map((change) => [change.key, change])).values()]
}
