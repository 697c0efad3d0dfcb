import type { Clock } from './clock.ts'

/** Where the SDK says what it noticed and dealt with: facts first, then a fixed sentence. A pino logger fits. */
export interface ClientLog {
  info(facts: object, sentence: string): void
  warn(facts: object, sentence: string): void
}

/** Time, chance and the log, passed to everything that needs them. */
export interface Surroundings {
  readonly clock: Clock
  readonly log: ClientLog
  /** A number from 0 up to but not including 1. */
  readonly random: () => number
}

export const silentLog: ClientLog = { info() {}, warn() {} }
