import { expect, test } from 'vitest'
import type { Batch } from '../../../engine/src/storage/store.ts'
import { LeaseNotFoundError } from '../../../engine/src/storage/store.ts'
import type { OpenFresh } from './store-under-test.ts'
import { linesOf, put, Recorder, settle, withStore } from './store-under-test.ts'

export function commitContract(fresh: OpenFresh): void {
  revisionRules(fresh)
  guardRules(fresh)
  visibilityRules(fresh)
}

function revisionRules(fresh: OpenFresh): void {
  test('the revision starts at 0 and grows by one with every commit that changes something', () =>
    withStore(fresh, async (store) => {
      expect(store.revision).toBe(0)
      expect(await put(store, { key: 'a', value: '1' })).toBe(1)
      expect(await put(store, { key: 'a', value: '1' }, { key: 'b', value: '2' })).toBe(2)
      expect(await put(store, { key: 'a' })).toBe(3)
      expect(store.revision).toBe(3)
    }))

  test('a commit that changes nothing resolves to the current revision', () =>
    withStore(fresh, async (store) => {
      const watched = new Recorder()
      store.watch('', 0, watched)
      expect(await store.commit([], [])).toBe(0)
      await put(store, { key: 'a', value: '1' })
      expect(await store.commit([], [])).toBe(1)
      expect(await store.commit([], [{ key: 'b' }])).toBe(1)
      expect(watched.revisions).toEqual([1])
    }))

  test('deleting an absent key leaves no trace in a commit that changes something else', () =>
    withStore(fresh, async (store) => {
      const watched = new Recorder()
      store.watch('', 0, watched)
      await put(store, { key: 'a' }, { key: 'b', value: '1' }, { key: 'c' })
      expect(watched.lines).toEqual(['1: b=1'])
    }))
}

function guardRules(fresh: OpenFresh): void {
  test('a key guard holds for exactly the revision that wrote the key', () =>
    withStore(fresh, async (store) => {
      await put(store, { key: 'a', value: '1' })
      const second = await put(store, { key: 'a', value: '2' })
      const write = [{ key: 'b', value: 'x' }]
      for (const revision of [0, second - 1, second + 1]) {
        expect(await store.commit([{ key: 'a', revision }], write)).toBeUndefined()
      }
      expect(await store.commit([{ key: 'a', revision: second }], write)).toBe(3)
    }))

  test('revision 0 in a key guard means absent, also after a deletion', () =>
    withStore(fresh, async (store) => {
      const guards = [{ key: 'a', revision: 0 }]
      expect(await store.commit(guards, [{ key: 'a', value: '1' }])).toBe(1)
      expect(await store.commit(guards, [{ key: 'a', value: '2' }])).toBeUndefined()
      await put(store, { key: 'a' })
      expect(await store.commit(guards, [{ key: 'a', value: '3' }])).toBe(3)
      expect(await linesOf(store)).toEqual(['a=3'])
    }))

  test('a prefix guard breaks when something below was created or updated after its revision', () =>
    withStore(fresh, async (store) => {
      await put(store, { key: 'p/a', value: '1' })
      const guard = (since: number) => [{ prefix: 'p/', since }]
      const write = (value: string) => [{ key: 'q', value }]
      expect(await store.commit(guard(0), write('no'))).toBeUndefined()
      expect(await store.commit(guard(1), write('yes'))).toBe(2)
      await put(store, { key: 'p/a', value: '2' })
      expect(await store.commit(guard(2), write('no'))).toBeUndefined()
      await put(store, { key: 'p0', value: 'beside it' })
      await put(store, { key: 'p', value: 'above it' })
      expect(await store.commit(guard(3), write('yes again'))).toBe(6)
    }))

  test('a prefix guard does not look at deletions', () =>
    withStore(fresh, async (store) => {
      await put(store, { key: 'p/a', value: '1' }, { key: 'p/b', value: '1' })
      const removal = put(store, { key: 'p/a' })
      expect(await store.commit([{ prefix: 'p/', since: 1 }], [{ key: 'q', value: '1' }])).toBe(3)
      await removal
      expect(await store.commit([{ prefix: 'p/', since: 1 }], [{ key: 'q', value: '2' }])).toBe(4)
    }))

  test('all writes or none: one broken guard among many stops everything', () =>
    withStore(fresh, async (store) => {
      await put(store, { key: 'a', value: '1' })
      const writes = [{ key: 'b', value: '1' }, { key: 'a' }]
      const guards = [
        { key: 'b', revision: 0 },
        { prefix: 'x', since: 0 },
        { key: 'a', revision: 7 },
      ]
      expect(await store.commit(guards, writes)).toBeUndefined()
      expect(await linesOf(store)).toEqual(['a=1'])
      expect(store.revision).toBe(1)
    }))

  test('of 64 contenders for one key, one wins', () =>
    withStore(fresh, async (store) => {
      const attempts = Array.from({ length: 64 }, (_, index) =>
        store.commit([{ key: 'k', revision: 0 }], [{ key: 'k', value: `${index}` }]),
      )
      const won = (await Promise.all(attempts)).map((revision, index) => (revision === undefined ? -1 : index))
      const winners = won.filter((index) => index >= 0)
      expect(winners).toHaveLength(1)
      expect(await linesOf(store)).toEqual([`k=${winners[0]}`])
      expect(store.revision).toBe(1)
    }))

  test('64 counters that try again when stale count to 64', () =>
    withStore(fresh, async (store) => {
      let seen = { value: 0, revision: 0 }
      const onBatch = ({ revision, changes }: Batch) => {
        seen = { value: Number(changes[0]?.value), revision }
      }
      store.watch('n', 0, { onBatch, onCompacted: () => {} })
      const count = async () => {
        for (;;) {
          const { value, revision } = seen
          if (await store.commit([{ key: 'n', revision }], [{ key: 'n', value: `${value + 1}` }])) return
        }
      }
      await Promise.all(Array.from({ length: 64 }, count))
      expect(await linesOf(store)).toEqual(['n=64'])
    }))

  test('an unknown lease rejects the whole commit', () =>
    withStore(fresh, async (store) => {
      const writes = [
        { key: 'a', value: '1' },
        { key: 'b', value: '1', lease: '4711' },
      ]
      await expect(store.commit([], writes)).rejects.toBeInstanceOf(LeaseNotFoundError)
      await settle(store)
      expect(await linesOf(store)).toEqual([])
      expect(store.revision).toBe(0)
    }))
}

function visibilityRules(fresh: OpenFresh): void {
  test('whoever awaits a commit has been told of it by the watch', () =>
    withStore(fresh, async (store) => {
      const watched = new Recorder()
      store.watch('', 0, watched)
      const order: string[] = []
      const commits = ['a', 'b', 'c'].map(async (key) => {
        const revision = await put(store, { key, value: '1' })
        order.push(`${revision}: ${watched.revisions.includes(revision)} ${store.revision >= revision}`)
      })
      await Promise.all(commits)
      expect(order).toEqual(['1: true true', '2: true true', '3: true true'])
    }))

  test('a stale result comes after the watches have seen what made it stale', () =>
    withStore(fresh, async (store) => {
      for (let round = 0; round < 20; round++) {
        const watched = new Recorder()
        store.watch('', store.revision, watched)
        const first = store.commit([], [{ key: `k${round}`, value: '1' }])
        const stale = store.commit([{ key: `k${round}`, revision: 0 }], [{ key: 'x', value: '1' }])
        const stalePrefix = store.commit([{ prefix: `k${round}`, since: 0 }], [{ key: 'x', value: '1' }])
        expect(await stale).toBeUndefined()
        expect(watched.lines).toEqual([`${round + 1}: k${round}=1`])
        expect(await stalePrefix).toBeUndefined()
        expect(await first).toBe(round + 1)
      }
    }))

  test('nothing that is not told yet can be read', () =>
    withStore(fresh, async (store) => {
      await put(store, { key: 'a', value: 'old' })
      const commit = put(store, { key: 'a', value: 'new' })
      let isDone = false
      void commit.then(() => {
        isDone = true
      })
      while (!isDone) {
        const revision = store.revision
        const lines = await linesOf(store)
        expect(lines).toEqual([revision === 1 ? 'a=old' : 'a=new'])
        await new Promise((resolve) => setImmediate(resolve))
      }
      await commit
      expect(await linesOf(store)).toEqual(['a=new'])
    }))

  test('a commit of nothing waits for what made it nothing', () =>
    withStore(fresh, async (store) => {
      await put(store, { key: 'a', value: '1' })
      const removal = put(store, { key: 'a' })
      expect(await put(store, { key: 'a' })).toBe(2)
      expect(store.revision).toBe(2)
      await removal
    }))

  test('commits made in one turn keep their order', () =>
    withStore(fresh, async (store) => {
      const watched = new Recorder()
      store.watch('', 0, watched)
      const commits = Array.from({ length: 200 }, (_, index) => put(store, { key: `k${index % 7}`, value: `${index}` }))
      expect(await Promise.all(commits)).toEqual(commits.map((_, index) => index + 1))
      expect(watched.lines).toEqual(commits.map((_, index) => `${index + 1}: k${index % 7}=${index}`))
    }))
}
