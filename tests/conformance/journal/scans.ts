import { expect, test } from 'vitest'
import type { Journal, Scan } from '../../../engine/src/storage/journal.ts'
import type { OpenFresh } from './journal-under-test.ts'
import { allOf, withJournal } from './journal-under-test.ts'

async function sequencesOf(journal: Journal, scan: Scan): Promise<readonly number[]> {
  return (await journal.scan('audit', scan)).map(({ sequence }) => sequence)
}

const CASES: readonly (readonly [Scan, readonly number[]])[] = [
  [{ direction: 'forward', limit: 3 }, [1, 2, 3]],
  [{ direction: 'forward', limit: 100 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  [{ direction: 'forward', after: 8, limit: 5 }, [9, 10]],
  [{ direction: 'forward', after: 10, limit: 5 }, []],
  [{ direction: 'forward', after: 99, limit: 5 }, []],
  [{ direction: 'backward', limit: 3 }, [10, 9, 8]],
  [{ direction: 'backward', after: 3, limit: 5 }, [2, 1]],
  [{ direction: 'backward', after: 1, limit: 5 }, []],
  [{ direction: 'backward', after: 99, limit: 2 }, [10, 9]],
]

export function scanContract(fresh: OpenFresh): void {
  test.each(CASES)('of ten entries, %j sees %j', (scan, sequences) =>
    withJournal(fresh, async (journal) => {
      await journal.append('audits', ['other'])
      await journal.append('audi', ['other'])
      await journal.append('audit', [...'abcdefghij'])
      expect(await sequencesOf(journal, scan)).toEqual(sequences)
    }),
  )

  test('a stream that nothing was appended to is empty', () =>
    withJournal(fresh, async (journal) => {
      expect(await sequencesOf(journal, { direction: 'forward', limit: 5 })).toEqual([])
      expect(await sequencesOf(journal, { direction: 'backward', limit: 5 })).toEqual([])
    }))

  test('paging sees every entry once in both directions, however long the texts are', () =>
    withJournal(fresh, async (journal) => {
      for (let index = 0; index < 12; index++) await journal.append('audit', ['x'.repeat(900_000)])
      const forward = (await allOf(journal, 'audit')).map(({ sequence }) => sequence)
      const backward = (await allOf(journal, 'audit', 'backward')).map(({ sequence }) => sequence)
      expect(forward).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
      expect(backward).toEqual([...forward].reverse())
    }))

  test('a cursor stays good while entries are appended and dropped', () =>
    withJournal(fresh, async (journal, clock) => {
      await journal.append('audit', ['a', 'b', 'c'])
      clock.advance(10)
      await journal.append('audit', ['d'])
      await journal.dropBefore('audit', clock.now())
      expect(await sequencesOf(journal, { direction: 'forward', after: 1, limit: 9 })).toEqual([4])
      expect(await sequencesOf(journal, { direction: 'backward', after: 3, limit: 9 })).toEqual([])
      await journal.append('audit', ['e'])
      expect(await sequencesOf(journal, { direction: 'forward', after: 4, limit: 9 })).toEqual([5])
    }))
}
