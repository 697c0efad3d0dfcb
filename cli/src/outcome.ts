import type { Terminal } from './terminal.ts'

/** How the command that ran wants the process to end. */
export interface Outcome {
  code: number
}

/** What a command has around it. */
export interface Surroundings {
  readonly terminal: Terminal
  readonly outcome: Outcome
}
