/** A record as its adapter keeps it: the table that it belongs to, key and text. */
export type KeptRecord = readonly [table: string, key: string, text: string]

/**
 * Everything that was durable at one moment, while writes go on. Nothing is copied for it, but the file cannot reuse
 * its space while somebody reads: take the pages soon, or call `end`.
 */
export interface Backup {
  /** Of the latest commit in it; 0 for a journal, which has none. */
  readonly revision: number
  /** Rejects when the store is closed before everything was read. */
  readonly pages: AsyncIterable<readonly KeptRecord[]>
  /** Lets go of it; ending twice, or after the last page, is harmless. */
  end(): void
}

/** Tables of a backup. */
export const BACKUP_TABLES = {
  /** What the store keeps. */
  store: 'store',
  /** What the journal keeps, and where its streams have got to. */
  journal: 'journal',
  journalTails: 'journal-tails',
} as const
