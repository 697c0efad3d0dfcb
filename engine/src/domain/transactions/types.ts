import type { TxHead, TxParticipant, TxReport, TxStatus } from '@rollcall/protocol/transactions'
import type { Branches } from './branches.ts'

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
  readonly parentTxId?: string | undefined
  readonly model?: string | undefined
  readonly role?: string | undefined
  readonly name?: string | undefined
  readonly status?: TxStatus | undefined
  readonly beginTime?: number | undefined
  readonly updateTime?: number | undefined
  readonly timeoutMs?: number | undefined
  readonly retriedCount?: number | undefined
  readonly errorMessage?: string | undefined
  /** When the error message was reported; absent: at `updateTime`. */
  readonly errorTime?: number | undefined
  /** Reported as ended. */
  readonly isFinished?: boolean | undefined
  /** When each status was first reached; absent: `status` at `updateTime`, and of others nothing is said. */
  readonly steps?: Readonly<Partial<Record<TxStatus, number>>> | undefined
  readonly participants?: readonly TxParticipant[] | undefined
}

/** What whoever asks may see: branches that were reported by certain services. */
export interface Eyes {
  readonly sees: (reporter: Partial<Head>) => boolean
  /** The same for everybody who sees the same. */
  readonly key: string
}

/** One who takes part, as far as it is known; none of the texts is empty. */
export type Participant = { readonly [Member in keyof TxParticipant]-?: TxParticipant[Member] | undefined }

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
  /** When each status was first reached, in the order of TX_STATUSES (0: not known); absent: as in `Said`. */
  steps: number[] | undefined
  /** No two have the same key (`keyOf`). */
  participants: readonly Participant[]
  mentions: readonly Mention[]
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
  readonly tenant: string
  readonly globalTxId: string
  readonly branches: Branches<Branch>
  /** When it began, as far as is known: what it is sorted by. 0: not sorted in yet. */
  begin: number
  /** When a report last changed it, by the engine's clock. */
  touchedAt: number
  /** All that the journal has of it came at this time or later, by the engine's clock. */
  keptSince: number
  /** Its neighbours in the order of touches (`touch-order.ts`). */
  older: Transaction | undefined
  newer: Transaction | undefined
  /** No longer part of the view. */
  isForgotten: boolean
}

/** A report that was read and checked, and the text that it came as. */
export interface ReceivedReport {
  readonly report: TxReport
  readonly text: string
}

/** What the view joins: what a report adds, or all that is known of some transactions. */
export interface Note {
  /** When it came, by the engine's clock. */
  readonly at: number
  readonly tenant: string
  readonly reporters: readonly NotedReporter[]
  readonly branches: readonly NotedBranch[]
  /** Texts were left out for want of room. */
  readonly isShort?: boolean
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
  /** Place in `reporters`, and time of the list it was in (0: none); absent: the first one, and `listedAt`. */
  readonly mentions?: readonly (readonly [reporter: number, listedAt: number])[]
  readonly listedAt?: number
}
