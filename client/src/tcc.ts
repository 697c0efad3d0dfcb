import { randomUUID } from 'node:crypto'
import type { TxInfo, TxParticipant, TxStatus } from '@rollcall/protocol/transactions'
import { Backoff } from './backoff.ts'
import type { Client } from './client.ts'
import { keepAlive } from './keep-alive.ts'
import type { TransactionOwner } from './transaction-log.ts'
import { TransactionLog } from './transaction-log.ts'

export interface TccOptions {
  /** What people call it. */
  readonly name?: string
  /** How long it may take, milliseconds. Nothing is cut off: past it the engine shows it as stuck. */
  readonly timeoutMs?: number
  /** How often confirm or cancel is tried again before it counts as failed; 9 when left out. */
  readonly retries?: number
  /** The transaction that this one is a branch of: what the caller's `TccContext` holds, sent along with the call. */
  readonly parent?: { readonly globalTxId: string; readonly branchTxId: string }
}

/** The transaction, for its steps: what to send along with calls, and how often the step was tried before. */
export interface TccContext {
  readonly globalTxId: string
  readonly branchTxId: string
  /** 0 at the first attempt of a step. */
  readonly retriedCount: number
  /** Says who takes part, for the picture. */
  addParticipant(participant: TxParticipant): void
}

/** Confirm or cancel failed at every attempt; the application has to put it right. `cause` is the last error. */
export class TccError extends Error {
  override readonly name = 'TccError'
  readonly step: 'confirm' | 'cancel'
  readonly globalTxId: string
  /** When it is the cancel that failed: why there was something to cancel. */
  readonly tryError: unknown

  constructor(step: TccError['step'], facts: { globalTxId: string; cause: unknown; tryError?: unknown }) {
    super(`${step} of transaction ${facts.globalTxId} failed at every attempt`, { cause: facts.cause })
    this.step = step
    this.globalTxId = facts.globalTxId
    this.tryError = facts.tryError
  }
}

export interface TransactionMonitor {
  /**
   * Runs `attempt`. When it resolves, `confirm` follows, else `cancel`; both are tried again when they throw, so they
   * must bear being called twice. The engine is told of every step; whether it listens makes no difference.
   * @returns what `attempt` resolved to, when `confirm` is done
   * @throws what `attempt` threw, when `cancel` is done; TccError when `confirm` or `cancel` failed for good
   */
  withTcc<Result>(
    attempt: (context: TccContext) => Result | Promise<Result>,
    confirm: (result: Result, context: TccContext) => unknown,
    cancel: (error: unknown, context: TccContext) => unknown,
    options?: TccOptions,
  ): Promise<Result>
  /** Tells the engine what it has not heard yet, for two seconds at most. */
  close(): Promise<void>
}

const RETRIES = 9
const RETRY_FIRST_MS = 200
const RETRY_MAX_MS = 10_000
/** Characters of an error that are reported. */
const MESSAGE_LENGTH_MAX = 2000
/** Participants of a transaction that are reported; the engine takes no entry over 64 KiB. */
const PARTICIPANTS_MAX = 100

/**
 * Distributed transactions of this process, told to the engine.
 * @param owner whose they are; an `instanceId` is made up when there is none, for no two processes may share one
 */
export function monitorTransactions(client: Client, owner: TransactionOwner): TransactionMonitor {
  const log = new TransactionLog(client, { instanceId: randomUUID(), ...owner })
  return {
    withTcc: (attempt, ...[confirm, cancel, options = {}]) => {
      const branch = new TccBranch({ client, log, options })
      return keepAlive(run(branch, { attempt, confirm, cancel }))
    },
    close: () => keepAlive(log.close()),
  }
}

interface Steps<Result> {
  readonly attempt: (context: TccContext) => Result | Promise<Result>
  readonly confirm: (result: Result, context: TccContext) => unknown
  readonly cancel: (error: unknown, context: TccContext) => unknown
}

async function run<Result>(branch: TccBranch, { attempt, confirm, cancel }: Steps<Result>): Promise<Result> {
  const { globalTxId } = branch
  branch.enter('TRYING')
  const tried = await outcomeOf(() => attempt(branch))
  branch.enter(tried.isGood ? 'CONFIRMING' : 'CANCELLING', tried)
  const step = tried.isGood ? () => confirm(tried.result, branch) : () => cancel(tried.error, branch)
  const settled = await branch.insist(step)
  branch.enter(END[tried.isGood ? 'confirm' : 'cancel'][settled.isGood ? 'good' : 'bad'], settled)
  if (!settled.isGood) {
    const facts = { globalTxId, cause: settled.error }
    throw tried.isGood ? new TccError('confirm', facts) : new TccError('cancel', { ...facts, tryError: tried.error })
  }
  if (!tried.isGood) throw tried.error
  return tried.result
}

const END = {
  confirm: { good: 'CONFIRMED', bad: 'CONFIRM_FAILED' },
  cancel: { good: 'CANCELLED', bad: 'CANCEL_FAILED' },
} as const

type Outcome<Result> =
  | { readonly isGood: true; readonly result: Result }
  | { readonly isGood: false; readonly error: unknown }

async function outcomeOf<Result>(step: () => Result | Promise<Result>): Promise<Outcome<Result>> {
  try {
    return { isGood: true, result: await step() }
  } catch (error) {
    return { isGood: false, error }
  }
}

interface Needs {
  readonly client: Client
  readonly log: TransactionLog
  readonly options: TccOptions
}

const OPEN: ReadonlySet<TxStatus> = new Set(['TRYING', 'CONFIRMING', 'CANCELLING'])

/** This process's part of a transaction, as the engine is told of it. */
class TccBranch implements TccContext {
  readonly globalTxId: string
  readonly branchTxId = randomUUID()
  retriedCount = 0
  readonly #needs: Needs
  readonly #beginTime: number
  readonly #participants: TxParticipant[] = []
  #status: TxStatus = 'TRYING'
  #updateTime: number
  #errorMessage: string | undefined

  constructor(needs: Needs) {
    this.#needs = needs
    this.globalTxId = needs.options.parent?.globalTxId ?? randomUUID()
    this.#beginTime = this.#now()
    this.#updateTime = this.#beginTime
  }

  addParticipant(participant: TxParticipant): void {
    if (this.#participants.length === PARTICIPANTS_MAX) return
    this.#participants.push(participant)
    this.#tell()
  }

  /** Comes to a status; a bad outcome leaves its message. */
  enter(status: TxStatus, outcome?: Outcome<unknown>): void {
    this.#status = status
    this.#updateTime = this.#now()
    this.#takeMessage(outcome)
    this.#tell()
  }

  /** Tries a step until it succeeds or has failed too often. @returns the last outcome */
  async insist(step: () => unknown): Promise<Outcome<unknown>> {
    const { clock, random } = this.#needs.client.surroundings
    const { retries = RETRIES } = this.#needs.options
    const backoff = new Backoff({ firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS, random })
    for (;;) {
      const outcome = await outcomeOf(step)
      if (outcome.isGood || this.retriedCount >= retries) return outcome
      this.retriedCount += 1
      this.#updateTime = this.#now()
      this.#takeMessage(outcome)
      const pause = Promise.withResolvers<void>()
      clock.after(backoff.next(), pause.resolve)
      this.#tell()
      await pause.promise
    }
  }

  #takeMessage(outcome: Outcome<unknown> | undefined): void {
    if (outcome?.isGood === false) this.#errorMessage = messageOf(outcome.error)
  }

  #now(): number {
    return Math.floor(this.#needs.client.surroundings.clock.now())
  }

  #tell(): void {
    const { log, options } = this.#needs
    const { name, timeoutMs, parent } = options
    const info: TxInfo = {
      globalTxId: this.globalTxId,
      branchTxId: this.branchTxId,
      model: 'TCC',
      role: parent === undefined ? 'ROOT' : 'BRANCH',
      status: this.#status,
      beginTime: this.#beginTime,
      updateTime: this.#updateTime,
      retriedCount: this.retriedCount,
      participants: [...this.#participants],
      ...(parent && { parentTxId: parent.branchTxId }),
      ...(name !== undefined && { name }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(this.#errorMessage !== undefined && { errorMessage: this.#errorMessage }),
    }
    log.note(info, !OPEN.has(this.#status))
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_LENGTH_MAX)
}
