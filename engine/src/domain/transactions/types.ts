import type { TxHead, TxParticipant, TxStatus } from '@rollcall/protocol/transactions'

/** What this module refuses. */
export type TransactionFailure =
  | 'InvalidParameters'
  | 'TransactionHeadInvalid'
  | 'TransactionInfoInvalid'
  | 'TransactionNotExists'

/** What a transaction is shown as: as reported, or gone from its instance without an end. */
export type ShownStatus = TxStatus | 'LOST'

/** Who reports, without the time of the report. */
export type Head = Omit<TxHead, 'timestamp'>

/** What reports said of a branch, in part or whole. Absent: nothing. */
export interface Said {
  readonly parentTxId?: string
  readonly model?: string
  readonly role?: string
  readonly name?: string
  readonly status?: TxStatus
  readonly beginTime?: number
  readonly updateTime?: number
  readonly timeoutMs?: number
  readonly retriedCount?: number
  readonly errorMessage?: string
  /** When the error message was reported. */
  readonly errorTime?: number
  /** Reported as ended. */
  readonly isFinished?: boolean
  /** When each status was first reached. */
  readonly steps?: Readonly<Partial<Record<TxStatus, number>>>
  readonly participants?: readonly TxParticipant[]
}

/** What whoever asks may see: branches that were reported by certain services. */
export interface Eyes {
  readonly sees: (reporter: Partial<Head>) => boolean
  /** The same for everybody who sees the same. */
  readonly key: string
}

/**
 * Everything said of one branch. Each member only ever grows in an order of its own (`join.ts`), so it does not matter
 * in which order reports arrive, or how often. Texts that nobody said are empty, numbers 0.
 */
export interface Branch {
  readonly transaction: Transaction
  readonly branchTxId: string
  parentTxId: string
  model: string
  role: string
  name: string
  status: TxStatus
  beginTime: number
  updateTime: number
  timeoutMs: number
  retriedCount: number
  errorMessage: string
  errorTime: number
  isFinished: boolean
  readonly steps: Map<TxStatus, number>
  readonly participants: Map<string, TxParticipant>
  readonly mentions: Mention[]
  /** What it takes in memory, estimated. */
  bytes: number
}

/** That a reporter spoke of a branch. */
export interface Mention {
  readonly reporter: Reporter
  /** Time of its latest list of active ones that held the branch; 0: none did. */
  listedAt: number
}

/** A process that reports; one for each distinct head. */
export interface Reporter {
  readonly head: Head
  /** Time of its latest list of active transactions; 0: it never sent one. */
  latest: number
  /** What was in that list, without what has ended since. */
  listed: Set<Branch>
  mentionCount: number
}

export interface Transaction {
  readonly globalTxId: string
  readonly branches: Map<string, Branch>
  /** When it began, as far as is known: what it is sorted by. 0: not sorted in yet. */
  begin: number
  /** When a report last changed it, by the engine's clock. */
  touchedAt: number
}

/** What the journal keeps and the view joins: what a report adds, or all that is known of some transactions. */
export interface Note {
  /** When it came, by the engine's clock. */
  readonly at: number
  readonly tenant: string
  readonly reporters: readonly NotedReporter[]
  readonly branches: readonly NotedBranch[]
}

export interface NotedReporter {
  readonly head: Head
  readonly latest?: number
  /** The list has what the one of this time had, except what has ended, and what the note says besides. */
  readonly relistedFrom?: number
}

export interface NotedBranch extends Said {
  readonly globalTxId: string
  readonly branchTxId: string
  /** Place in `reporters`, and time of the list it was in (0: none). */
  readonly mentions: readonly (readonly [reporter: number, listedAt: number])[]
}
