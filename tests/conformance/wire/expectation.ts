import type { Answer, Case } from './transcript.ts'

/** What an answer has to be like: the recorded one, after the changes that a target may make to it. */
export interface Expectation {
  readonly answer: Answer
  readonly free: readonly string[]
  readonly subset: readonly string[]
}

/** A case and where it stands. */
export interface Place {
  readonly scenario: string
  readonly played: Case
}

/** An intended difference, in words that stand in `docs/compatibility.md`. */
export interface Statement {
  /** What Service Center does. */
  readonly original: string
  /** What Rollcall does instead. */
  readonly ours: string
  readonly reason: string
}

/** An intended difference between what was recorded and what the engine answers. */
export interface Difference extends Statement {
  readonly change: (expectation: Expectation, place: Place) => Expectation
}

/** What the recording itself says. */
function recorded({ response, free = [], subset = [] }: Case): Expectation {
  return { answer: response, free, subset }
}

/** Applies differences one after the other. */
export function adapted(place: Place, differences: readonly Difference[]): Expectation {
  return differences.reduce((expectation, { change }) => change(expectation, place), recorded(place.played))
}
