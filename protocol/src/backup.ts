import type { SealedHead } from './sealed-lines.ts'

/** Kind and format of backup files: sealed lines, each `[table, key, text]` as the engine's store keeps it. */
export const BACKUP = { kind: 'backup', format: 1 } as const

/** What a backup says of itself, in its first line. */
export interface BackupHead extends SealedHead {
  /** Version of the engine that wrote it. */
  readonly engine: string
  /** Of the latest commit in it. */
  readonly revision: number
  /** When it was taken, ms since the epoch. */
  readonly time: number
  /** Whether the journal is in it. */
  readonly hasJournal: boolean
}
