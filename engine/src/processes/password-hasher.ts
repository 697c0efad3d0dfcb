import type { Hasher } from '../domain/auth/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { IDLE_PROCESS_MS_MAX, PASSWORD_HASH_MS_MAX, PROCESS_START_MS_MAX } from '../kernel/limits.ts'
import { programBeside } from '../kernel/program-beside.ts'
import type { HashOutcome, HashTask } from './hash-process.ts'
import { KeptProcess } from './kept-process.ts'

const HEAP_MIB = 64

/**
 * Hashes passwords in a process of low priority, one after the other: on threads of the engine fifty sign-ins at
 * once took heartbeats the processor, and commits the threads that write them.
 */
export class PasswordHasher implements Hasher {
  readonly #process: KeptProcess<HashTask, HashOutcome>

  constructor(clock: Clock) {
    this.#process = new KeptProcess(clock, {
      program: programBeside('hash-process', import.meta.url),
      workMs: PASSWORD_HASH_MS_MAX,
      startMs: PROCESS_START_MS_MAX,
      idleMs: IDLE_PROCESS_MS_MAX,
      heapMiB: HEAP_MIB,
    })
  }

  /** @throws Error when the process is lost */
  async derive(password: string, salt: Buffer, options: Parameters<Hasher['derive']>[2]): Promise<Buffer> {
    const { length, ...rest } = options
    const outcome = await this.#process.ask({ password, salt: salt.toString('hex'), length, options: rest })
    if (outcome === 'lost') throw new Error('the process that hashes passwords was lost')
    if ('defect' in outcome) throw new Error(`a password could not be hashed: ${outcome.defect}`)
    return Buffer.from(outcome.hash, 'hex')
  }

  stop(): void {
    this.#process.end()
  }
}
