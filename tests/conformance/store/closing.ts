import { expect, test } from 'vitest'
import { StoreUnavailableError } from '../../../engine/src/storage/store.ts'
import type { OpenFresh } from './store-under-test.ts'
import { entriesOf, put, Recorder, withStore } from './store-under-test.ts'

export function closingContract(fresh: OpenFresh): void {
  test('accepted commits are finished, later ones are refused, closing twice is harmless', () =>
    withStore(fresh, async (store) => {
      const watched = new Recorder()
      store.watch('', 0, watched)
      const accepted = Array.from({ length: 50 }, (_, index) => put(store, { key: `k${index}`, value: '1' }))
      const closed = store.close()
      const refused = put(store, { key: 'late', value: '1' })
      await expect(refused).rejects.toBeInstanceOf(StoreUnavailableError)
      await closed
      expect((await Promise.all(accepted)).at(-1)).toBe(50)
      expect(watched.revisions).toHaveLength(50)
      await store.close()
    }))

  test('a closed store refuses everything', () =>
    withStore(fresh, async (store) => {
      const lease = await store.grantLease(5)
      await put(store, { key: 'a', value: '1', lease })
      await store.close()
      const calls = [
        async () => store.commit([], []),
        async () => store.grantLease(5),
        async () => store.renewLeases([lease]),
        async () => store.revokeLease(lease),
        async () => entriesOf(store),
      ]
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(StoreUnavailableError)
    }))

  test('time does nothing to a closed store', () =>
    withStore(fresh, async (store, clock) => {
      const lease = await store.grantLease(1)
      await put(store, { key: 'a', value: '1', lease })
      const watched = new Recorder()
      store.watch('', store.revision, watched)
      await store.close()
      clock.advance(60_000)
      expect(watched.batches).toEqual([])
    }))

  test('a read that is under way ends with an error', () =>
    withStore(fresh, async (store) => {
      await put(store, ...Array.from({ length: 2500 }, (_, index) => ({ key: `k${index}`, value: '1' })))
      const unused = store.read('')
      const pages = store.read('')[Symbol.asyncIterator]()
      await pages.next()
      await store.close()
      await expect(pages.next()).rejects.toBeInstanceOf(StoreUnavailableError)
      await expect(unused[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(StoreUnavailableError)
    }))
}
