import { expect, test } from 'vitest'
import type { Batch, Store } from '../../../engine/src/storage/store.ts'
import type { OpenFresh } from './store-under-test.ts'
import { put, Recorder, withStore } from './store-under-test.ts'

export function watchContract(fresh: OpenFresh): void {
  test('one call for each commit that touches the prefix, holding only changes below it, in order of the writes', () =>
    withStore(fresh, async (store) => {
      const watched = new Recorder()
      store.watch('p/', 0, watched)
      await put(store, { key: 'p/b', value: '1' }, { key: 'q', value: '1' }, { key: 'p/a', value: '2' })
      await put(store, { key: 'q', value: '2' })
      await put(store, { key: 'p/a' }, { key: 'p/c', value: '3' }, { key: 'p/b' })
      expect(watched.lines).toEqual(['1: p/b=1 p/a=2', '3: p/a- p/c=3 p/b-'])
    }))

  test('a change is the entry as it is read', () =>
    withStore(fresh, async (store) => {
      const watched = new Recorder()
      store.watch('', 0, watched)
      const lease = await store.grantLease(60)
      await put(store, { key: 'a', value: '1', lease }, { key: 'b', value: '2' })
      await put(store, { key: 'a' })
      expect(watched.batches).toMatchObject([
        {
          revision: 1,
          changes: [
            { key: 'a', value: '1', revision: 1, lease },
            { key: 'b', value: '2', revision: 1 },
          ],
        },
        { revision: 2, changes: [{ key: 'a' }] },
      ])
      expect(watched.batches[1]?.changes[0]?.value).toBeUndefined()
    }))

  test('a watch from the past hears everything after it, once', () =>
    withStore(fresh, async (store) => {
      for (const value of ['1', '2', '3']) await put(store, { key: 'a', value })
      const early = new Recorder()
      const late = new Recorder()
      const next = new Recorder()
      store.watch('a', 1, early)
      store.watch('a', 3, late)
      store.watch('a', 4, next)
      await put(store, { key: 'a', value: '4' })
      await put(store, { key: 'a', value: '5' })
      expect(early.revisions).toEqual([2, 3, 4, 5])
      expect(late.revisions).toEqual([4, 5])
      expect(next.revisions).toEqual([5])
    }))

  test('a watch that asks for history that is gone ends with one word of it', () =>
    withStore(fresh, async (store) => {
      const many = Array.from({ length: 5000 }, (_, index) => ({ key: `k${index}`, value: '1' }))
      await put(store, { key: 'a', value: '1' })
      await put(store, ...many)
      await put(store, { key: 'a', value: '2' })
      const lost = new Recorder()
      store.watch('a', 0, lost)
      await put(store, { key: 'a', value: '3' })
      expect(lost).toMatchObject({ batches: [], compactions: 1 })
      const current = new Recorder()
      store.watch('a', store.revision, current)
      await put(store, { key: 'a', value: '4' })
      expect(current).toMatchObject({ compactions: 0, revisions: [5] })
    }))

  test('history is complete until it is told to be gone', () =>
    withStore(fresh, async (store) => {
      for (let round = 0; round < 60; round++) {
        await put(store, ...Array.from({ length: 100 }, (_, index) => ({ key: `k${index}`, value: `${round}` })))
      }
      const kept = Array.from({ length: 61 }, (_, after) => {
        const watched = new Recorder()
        store.watch('', after, watched).stop()
        if (watched.compactions === 1) return undefined
        expect(watched.revisions).toEqual(Array.from({ length: 60 - after }, (_, index) => after + 1 + index))
        return after
      })
      expect(kept[0]).toBeUndefined()
      expect(kept.slice(-20)).not.toContain(undefined)
    }))

  test('a stopped watch hears nothing more, also when it stops itself', () =>
    withStore(fresh, async (store) => {
      const heard: number[] = []
      const stopping = store.watch('a', 0, {
        onBatch({ revision }: Batch) {
          heard.push(revision)
          stopping.stop()
        },
        onCompacted() {},
      })
      await Promise.all([put(store, { key: 'a', value: '1' }), put(store, { key: 'a', value: '2' })])
      expect(heard).toEqual([1])
      stopping.stop()
    }))

  test('a watch that is started from within a watch hears each commit once', () =>
    withStore(fresh, async (store) => {
      const inner = new Recorder()
      let isStarted = false
      store.watch('a', 0, {
        onBatch() {
          if (!isStarted) store.watch('a', 0, inner)
          isStarted = true
        },
        onCompacted() {},
      })
      await Promise.all([put(store, { key: 'a', value: '1' }), put(store, { key: 'a', value: '2' })])
      expect(inner.revisions).toEqual([1, 2])
    }))

  test('commits made from within a watch reach every watch in order', () =>
    withStore(fresh, async (store) => {
      const answers: Promise<unknown>[] = []
      store.watch('a', 0, { onBatch: ({ revision }) => answer(store, revision, answers), onCompacted: () => {} })
      const watched = new Recorder()
      store.watch('', 0, watched)
      await Promise.all([put(store, { key: 'a', value: '1' }), put(store, { key: 'a', value: '2' })])
      await Promise.all(answers)
      expect(watched.revisions).toEqual([1, 2, 3, 4])
    }))
}

function answer(store: Store, revision: number, answers: Promise<unknown>[]): void {
  answers.push(put(store, { key: `b${revision}`, value: 'seen' }))
}
