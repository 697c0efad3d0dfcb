import { expect, test } from 'vitest'
import type { OpenFresh } from './store-under-test.ts'
import { entriesOf, linesOf, put, withStore } from './store-under-test.ts'

const MANY = 2500

export function readContract(fresh: OpenFresh): void {
  test('entries tell their key, value, revision and lease', () =>
    withStore(fresh, async (store) => {
      const lease = await store.grantLease(60)
      await put(store, { key: 'a', value: 'one\ntwo, three' })
      await put(store, { key: 'b', value: '', lease })
      expect(await entriesOf(store)).toEqual([
        { key: 'a', value: 'one\ntwo, three', revision: 1 },
        { key: 'b', value: '', revision: 2, lease },
      ])
    }))

  test('only what starts with the prefix, in the order of UTF-8 bytes', () =>
    withStore(fresh, async (store) => {
      const keys = ['p', 'p\u0000', 'p\n', 'p/', 'p/a', 'p/\u{1f600}', 'p/\uffee', 'p\u{10ffff}', 'p\u{10ffff}z', 'pé']
      await put(store, ...[...keys, 'o\u{10ffff}', 'q', 'P'].map((key) => ({ key, value: '1' })))
      const sorted = [...keys].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
      expect((await entriesOf(store, 'p')).map(({ key }) => key)).toEqual(sorted)
      expect((await entriesOf(store, 'p/')).map(({ key }) => key)).toEqual(['p/', 'p/a', 'p/\uffee', 'p/\u{1f600}'])
      expect(await entriesOf(store, 'p/b')).toEqual([])
      expect(await entriesOf(store, 'p'.repeat(5000))).toEqual([])
    }))

  test('keys of whatever characters, short and long, come back as they were', () =>
    withStore(fresh, async (store, clock) => {
      const characters = ['\0', '\u0001', '\u0004', '\t', '\n', '\u001b', ' ', 'a', 'é', '服', '\u{1f600}']
      const keys = characters.flatMap((one) => [1, 30, 63, 64, 65, 200].flatMap((length) => around(one, length)))
      for (const key of keys) await put(store, { key, value: `${key.length}` })
      clock.advance(1000)
      await put(store, { key: 'z', value: '1' })
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
      const found = await entriesOf(store)
      const sorted = [...keys, 'z'].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
      expect(found.map(({ key }) => key)).toEqual(sorted)
      expect(await store.commit([{ key: keys[0] ?? '', revision: 0 }], [{ key: 'x', value: '1' }])).toBeUndefined()
    }))

  test('a read is one snapshot of the moment of the call while commits go on', () =>
    withStore(fresh, async (store) => {
      const writes = (value: string) =>
        Array.from({ length: MANY }, (_, index) => ({ key: `k${String(index).padStart(5, '0')}`, value }))
      await put(store, ...writes('old'))
      const pages = store.read('k')
      await put(store, ...writes('new'), { key: 'k', value: 'new' })
      const seen: string[] = []
      for await (const page of pages) {
        seen.push(...page.map(({ value }) => value))
        await put(store, { key: 'k02499' }, { key: `kx${seen.length}`, value: 'newer' })
      }
      expect(seen).toEqual(Array.from({ length: MANY }, () => 'old'))
    }))

  test('a read shows exactly the revision of its call, whatever is on its way', () =>
    withStore(fresh, async (store) => {
      await put(store, { key: 'k1', value: '0' }, { key: 'k5', value: '0' })
      const states = new Map([[1, ['k1=0', 'k5=0']]])
      let current: Record<string, string> = { k1: '0', k5: '0' }
      const commits: Promise<unknown>[] = []
      for (let round = 2; round < 200; round++) {
        const key = `k${round % 9}`
        if (round % 3 === 0 && current[key] !== undefined) {
          commits.push(put(store, { key }))
          const { [key]: _gone, ...rest } = current
          current = rest
        } else {
          commits.push(put(store, { key, value: `${round}` }))
          current = { ...current, [key]: `${round}` }
        }
        const lines = Object.entries(current).map(([name, value]) => `${name}=${value}`)
        states.set(round, lines.sort())
        const { revision } = store
        expect(await linesOf(store)).toEqual(states.get(revision))
        if (round % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await Promise.all(commits)
    }))

  test('a watch that reads in the middle of a group of commits reads the commit it was told of', () =>
    withStore(fresh, async (store) => {
      const reads: Promise<string>[] = []
      const onBatch = ({ revision }: { revision: number }) => {
        reads.push(linesOf(store, 'k').then((lines) => `${revision}: ${lines.join(' ')}`))
      }
      store.watch('k', 0, { onBatch, onCompacted: () => {} })
      await Promise.all([
        put(store, { key: 'k1', value: 'a' }),
        put(store, { key: 'k2', value: 'b' }),
        put(store, { key: 'k1' }),
      ])
      expect(await Promise.all(reads)).toEqual(['1: k1=a', '2: k1=a k2=b', '3: k2=b'])
    }))

  test('a read that is given up early harms nothing', () =>
    withStore(fresh, async (store) => {
      const writes = Array.from({ length: MANY }, (_, index) => ({ key: `k${index}`, value: '1' }))
      await put(store, ...writes)
      for await (const page of store.read('k')) {
        expect(page.length).toBeLessThan(MANY)
        break
      }
      expect(await entriesOf(store, 'k')).toHaveLength(MANY)
    }))
}

/** A character at the start, the end and in the middle of a long key. */
function around(one: string, length: number): readonly string[] {
  const rest = 'x'.repeat(length)
  return [`${one}${rest}`, `${rest}${one}`, `${rest}${one}${rest}`]
}
