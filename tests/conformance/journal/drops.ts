import { expect, test } from 'vitest'
import type { OpenFresh } from './journal-under-test.ts'
import { allOf, textsOf, withJournal } from './journal-under-test.ts'

export function dropContract(fresh: OpenFresh): void {
  test('what is older than a time goes, of this stream only; what is as old stays', () =>
    withJournal(fresh, async (journal, clock) => {
      for (const text of ['a', 'b', 'c']) {
        await journal.append('audit', [text])
        await journal.append('metrics', [text])
        clock.advance(10)
      }
      expect(await journal.dropBefore('audit', clock.now() - 20)).toBe(1)
      expect(await textsOf(journal, 'audit')).toEqual(['b', 'c'])
      expect(await textsOf(journal, 'metrics')).toEqual(['a', 'b', 'c'])
      expect(await journal.dropBefore('audit', clock.now() - 20)).toBe(0)
    }))

  test('sequences go on after everything was dropped', () =>
    withJournal(fresh, async (journal, clock) => {
      await journal.append('audit', ['a', 'b'])
      clock.advance(1)
      expect(await journal.dropBefore('audit', clock.now())).toBe(2)
      expect(await allOf(journal, 'audit')).toEqual([])
      await journal.append('audit', ['c'])
      expect(await allOf(journal, 'audit')).toEqual([{ sequence: 3, time: clock.now(), text: 'c' }])
    }))

  test('many entries go while others are appended, and no drop counts what another one removed', () =>
    withJournal(fresh, async (journal, clock) => {
      await journal.append(
        'audit',
        Array.from({ length: 3500 }, (_, index) => `${index}`),
      )
      clock.advance(1)
      const drops = [journal.dropBefore('audit', clock.now()), journal.dropBefore('audit', clock.now())]
      await Promise.all([journal.append('audit', ['new']), journal.append('metrics', ['m'])])
      expect(await Promise.all(drops)).toEqual([3500, 0])
      expect(await allOf(journal, 'audit')).toMatchObject([{ sequence: 3501, text: 'new' }])
    }))
}
