import { expect, test } from 'vitest'
import { StoreUnavailableError } from '../../../engine/src/storage/store.ts'
import type { OpenFresh } from './journal-under-test.ts'
import { allOf, textsOf, withJournal } from './journal-under-test.ts'

export function appendContract(fresh: OpenFresh): void {
  test('entries are numbered from 1 in each stream and carry the time of their append', () =>
    withJournal(fresh, async (journal, clock) => {
      const start = clock.now()
      await journal.append('metrics', ['a', 'b'])
      clock.advance(5)
      await journal.append('audit', ['x'])
      await journal.append('metrics', ['c'])
      expect(await allOf(journal, 'metrics')).toEqual([
        { sequence: 1, time: start, text: 'a' },
        { sequence: 2, time: start, text: 'b' },
        { sequence: 3, time: start + 5, text: 'c' },
      ])
      expect(await allOf(journal, 'audit')).toEqual([{ sequence: 1, time: start + 5, text: 'x' }])
    }))

  test('an append that resolved is seen by the next scan', () =>
    withJournal(fresh, async (journal) => {
      for (const text of ['a', 'b', 'c']) {
        await journal.append('audit', [text])
        const [latest] = await journal.scan('audit', { direction: 'backward', limit: 1 })
        expect(latest?.text).toBe(text)
      }
    }))

  test('appends of one turn keep their order, and the texts of one append are neighbours', () =>
    withJournal(fresh, async (journal) => {
      const names = Array.from({ length: 200 }, (_, index) => `${index}`)
      await Promise.all(names.map((name) => journal.append('audit', [`${name}-1`, `${name}-2`])))
      expect(await textsOf(journal, 'audit')).toEqual(names.flatMap((name) => [`${name}-1`, `${name}-2`]))
    }))

  test('what is not waited for comes before what is appended later', () =>
    withJournal(fresh, async (journal) => {
      await journal.append('audit', ['a'], { durable: false })
      await journal.append('metrics', ['m'], { durable: false })
      await journal.append('audit', ['b'])
      expect(await textsOf(journal, 'audit')).toEqual(['a', 'b'])
      expect(await textsOf(journal, 'metrics')).toEqual(['m'])
    }))

  test('what is not waited for is written after a short time, or at closing', () =>
    withJournal(fresh, async (journal, clock) => {
      await journal.append('audit', ['a'], { durable: false })
      clock.advance(1000)
      await expect.poll(() => textsOf(journal, 'audit')).toEqual(['a'])
    }))

  test('any text comes back as it was: empty, long, with line ends, slashes and signs of all planes', () =>
    withJournal(fresh, async (journal) => {
      const texts = ['', 'a/b\n{"c":"\\"}', '\0', 'Grüße 🙂 你好', 'x'.repeat(3_000_000)]
      await journal.append('audit', texts)
      expect(await textsOf(journal, 'audit')).toEqual(texts)
    }))

  test('appending nothing changes nothing', () =>
    withJournal(fresh, async (journal) => {
      await journal.append('audit', [])
      await journal.append('audit', ['a'])
      expect((await allOf(journal, 'audit')).map(({ sequence }) => sequence)).toEqual([1])
    }))

  test('time never runs backwards in a stream, even when the machine is set back', () =>
    withJournal(fresh, async (journal, clock) => {
      const start = clock.now()
      await journal.append('audit', ['a'])
      clock.set(-3_600_000)
      await journal.append('audit', ['b'])
      clock.set(3_600_001)
      await journal.append('audit', ['c'])
      expect((await allOf(journal, 'audit')).map(({ time }) => time - start)).toEqual([0, 0, 1])
    }))

  test.each(['', 'Audit', 'a/b', 'a b', '-a', 'ä', 'a'.repeat(65)])('no stream is called "%s"', (name) =>
    withJournal(fresh, async (journal) => {
      await expect(journal.append(name, ['a'])).rejects.toBeInstanceOf(RangeError)
      await expect(journal.scan(name, { direction: 'forward', limit: 1 })).rejects.toBeInstanceOf(RangeError)
      await expect(journal.dropBefore(name, 1)).rejects.toBeInstanceOf(RangeError)
    }),
  )

  test('accepted appends are finished by closing, later calls are refused, closing twice is harmless', () =>
    withJournal(fresh, async (journal) => {
      const accepted = Array.from({ length: 20 }, () => journal.append('audit', ['a']))
      await journal.append('audit', ['b'], { durable: false })
      const closed = journal.close()
      await expect(journal.append('audit', ['late'])).rejects.toBeInstanceOf(StoreUnavailableError)
      await closed
      await Promise.all(accepted)
      await expect(journal.append('audit', ['late'])).rejects.toBeInstanceOf(StoreUnavailableError)
      await expect(journal.scan('audit', { direction: 'forward', limit: 1 })).rejects.toBeInstanceOf(
        StoreUnavailableError,
      )
      await expect(journal.dropBefore('audit', 1)).rejects.toBeInstanceOf(StoreUnavailableError)
      await journal.close()
    }))
}
