import type { Sequence } from '../journal.ts'

/** Enough for every safe integer, so that keys sort as numbers do. */
const DIGITS = 16

const TAIL = 'tail/'

/** Where the facts of all tails are; the end comes after all that begin with the start. */
export const TAIL_FACTS = { start: TAIL, end: 'tail0' }

/** The fact that tells where a stream has got to. */
export function tailFact(stream: string): string {
  return TAIL + stream
}

/** Where an entry is, and what is asked about it without its text. */
export interface JournalKey {
  readonly sequence: Sequence
  readonly time: number
}

export function journalKey(stream: string, { sequence, time }: JournalKey): string {
  return `${placeOf(stream, sequence)}/${time}`
}

/** Sorts before the key of this entry and after those of the entries before it. */
export function placeOf(stream: string, sequence: Sequence): string {
  return `${stream}/${String(sequence).padStart(DIGITS, '0')}`
}

/** Sorts after all keys of a stream. */
export function endOf(stream: string): string {
  return `${stream}0`
}

export function parseJournalKey(key: string): JournalKey {
  const [, sequence, time] = key.split('/')
  return { sequence: Number(sequence), time: Number(time) }
}
