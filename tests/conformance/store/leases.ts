import { expect, test } from 'vitest'
import type { LeaseId } from '../../../engine/src/storage/store.ts'
import { LeaseNotFoundError } from '../../../engine/src/storage/store.ts'
import type { OpenFresh } from './store-under-test.ts'
import { linesOf, put, Recorder, settle, withStore } from './store-under-test.ts'

export function leaseContract(fresh: OpenFresh): void {
  expiryRules(fresh)
  bindingRules(fresh)
  revokingRules(fresh)
  sparingRules(fresh)
}

function expiryRules(fresh: OpenFresh): void {
  test('a lease that nobody renews ends after its time and takes its keys along in one commit', () =>
    withStore(fresh, async (store, clock) => {
      const lease = await store.grantLease(10)
      await put(store, { key: 'a', value: '1', lease }, { key: 'b', value: '1' }, { key: 'c', value: '1', lease })
      const watched = new Recorder()
      store.watch('', store.revision, watched)
      clock.advance(9_900)
      await settle(store)
      expect(watched.batches).toEqual([])
      clock.advance(300)
      await settle(store)
      expect(watched.lines).toEqual(['2: a- c-'])
      expect(await linesOf(store)).toEqual(['b=1'])
      expect(await store.renewLeases([lease])).toEqual([false])
      await expect(put(store, { key: 'd', value: '1', lease })).rejects.toBeInstanceOf(LeaseNotFoundError)
    }))

  test('renewing gives the full time again, writes nothing, and tells of unknown leases', () =>
    withStore(fresh, async (store, clock) => {
      const lease = await store.grantLease(10)
      const other = await store.grantLease(10)
      await put(store, { key: 'a', value: '1', lease })
      for (let beat = 0; beat < 20; beat++) {
        clock.advance(9_000)
        expect(await store.renewLeases([lease])).toEqual([true])
      }
      await settle(store)
      expect(await store.renewLeases(['77', lease, other])).toEqual([false, true, false])
      expect(await store.renewLeases([])).toEqual([])
      expect(store.revision).toBe(1)
      clock.advance(10_200)
      await settle(store)
      expect(await linesOf(store)).toEqual([])
    }))

  test('leases of different lengths end each in its time', () =>
    withStore(fresh, async (store, clock) => {
      const lengths = [30, 1, 7, 3, 3, 600, 15, 1]
      for (const [index, seconds] of lengths.entries()) {
        await put(store, { key: `${index}`, value: `${seconds}`, lease: await store.grantLease(seconds) })
      }
      for (const elapsed of [1, 3, 7, 15, 30, 600]) {
        clock.advance(elapsed * 1000 + 200 - clock.monotonic())
        await settle(store)
        const left = (await linesOf(store)).map((line) => Number(line.split('=')[1]))
        expect(left).toEqual(lengths.filter((seconds) => seconds > elapsed))
      }
    }))

  test('a process that stood still kills nobody', () =>
    withStore(fresh, async (store, clock) => {
      const lease = await store.grantLease(10)
      await put(store, { key: 'a', value: '1', lease })
      clock.advance(5_000)
      clock.stall(60_000)
      clock.advance(4_000)
      await settle(store)
      expect(await store.renewLeases([lease])).toEqual([true])
      clock.advance(10_200)
      await settle(store)
      expect(await linesOf(store)).toEqual([])
    }))

  test('a mass of leases that end at once all end', () =>
    withStore(fresh, async (store, clock) => {
      const count = 2_500
      const writes = []
      for (let index = 0; index < count; index++) {
        writes.push({ key: `k${index}`, value: '1', lease: await store.grantLease(5) })
      }
      await put(store, ...writes)
      clock.advance(6_000)
      await settle(store)
      expect(await linesOf(store)).toEqual([])
      expect(store.revision).toBe(1 + count)
    }))

  test('ids are decimal numbers and never come back', () =>
    withStore(fresh, async (store, clock) => {
      const ids = new Set<LeaseId>()
      for (let round = 0; round < 300; round++) {
        const id = await store.grantLease(1)
        expect(id).toMatch(/^[1-9]\d*$/)
        ids.add(id)
        if (round % 3 === 0) await store.revokeLease(id)
        if (round % 50 === 0) clock.advance(2_000)
      }
      expect(ids.size).toBe(300)
    }))
}

function bindingRules(fresh: OpenFresh): void {
  test('a key written without a lease stays when the lease that it had ends', () =>
    withStore(fresh, async (store) => {
      const lease = await store.grantLease(10)
      await put(store, { key: 'a', value: '1', lease }, { key: 'b', value: '1', lease })
      await put(store, { key: 'a', value: '2' })
      await store.revokeLease(lease)
      expect(await linesOf(store)).toEqual(['a=2'])
    }))

  test('a key goes with the lease it was written with last', () =>
    withStore(fresh, async (store) => {
      const first = await store.grantLease(10)
      const second = await store.grantLease(10)
      await put(store, { key: 'a', value: '1', lease: first }, { key: 'b', value: '1', lease: first })
      await put(store, { key: 'a', value: '2', lease: second })
      await put(store, { key: 'b', value: '2', lease: first })
      await store.revokeLease(first)
      expect(await linesOf(store)).toEqual(['a=2'])
      await store.revokeLease(second)
      expect(await linesOf(store)).toEqual([])
    }))

  test('a deleted key leaves its lease, and does not come back into it', () =>
    withStore(fresh, async (store) => {
      const lease = await store.grantLease(10)
      await put(store, { key: 'a', value: '1', lease })
      await put(store, { key: 'a', lease })
      await put(store, { key: 'a', value: '2' })
      const { revision } = store
      expect(await store.revokeLease(lease)).toBe(true)
      expect(await linesOf(store)).toEqual(['a=2'])
      expect(store.revision).toBe(revision)
    }))

  test('a lease keeps hundreds of keys, bound and let go in any order', () =>
    withStore(fresh, async (store) => {
      const lease = await store.grantLease(10)
      const keys = Array.from({ length: 500 }, (_, index) => `k${index}`)
      await Promise.all(keys.map((key) => put(store, { key, value: '1', lease })))
      const free = keys.filter((_, index) => index % 3 === 0)
      await put(store, ...free.map((key) => ({ key, value: 'free' })))
      expect(await store.revokeLease(lease)).toBe(true)
      expect(await linesOf(store)).toEqual(free.sort().map((key) => `${key}=free`))
    }))
}

function revokingRules(fresh: OpenFresh): void {
  test('revoking ends the lease, deletes its keys in one commit, and is false for an unknown one', () =>
    withStore(fresh, async (store) => {
      const watched = new Recorder()
      store.watch('', 0, watched)
      const lease = await store.grantLease(10)
      await put(store, { key: 'a', value: '1', lease }, { key: 'b', value: '1', lease })
      expect(await store.revokeLease(lease)).toBe(true)
      expect(watched.lines).toEqual(['1: a=1 b=1', '2: a- b-'])
      expect(await store.revokeLease(lease)).toBe(false)
      expect(await store.revokeLease('12345')).toBe(false)
      expect(await store.renewLeases([lease])).toEqual([false])
    }))

  test('a lease without keys ends without a commit', () =>
    withStore(fresh, async (store) => {
      const lease = await store.grantLease(10)
      expect(await store.revokeLease(lease)).toBe(true)
      expect(store.revision).toBe(0)
    }))

  test('revoking takes along what was accepted a moment before, and refuses what comes a moment later', () =>
    withStore(fresh, async (store) => {
      const lease = await store.grantLease(10)
      const before = put(store, { key: 'a', value: '1', lease })
      const revoked = store.revokeLease(lease)
      const after = put(store, { key: 'b', value: '1', lease })
      await expect(after).rejects.toBeInstanceOf(LeaseNotFoundError)
      expect(await before).toBe(1)
      expect(await revoked).toBe(true)
      expect(await linesOf(store)).toEqual([])
    }))

  test('revoking leaves alone what another commit freed a moment before', () =>
    withStore(fresh, async (store) => {
      const lease = await store.grantLease(10)
      await put(store, { key: 'a', value: '1', lease }, { key: 'b', value: '1', lease })
      const freed = put(store, { key: 'a', value: '2' })
      expect(await store.revokeLease(lease)).toBe(true)
      await freed
      expect(await linesOf(store)).toEqual(['a=2'])
    }))

  test('revoked twice at once: one of them ends it', () =>
    withStore(fresh, async (store) => {
      const lease = await store.grantLease(10)
      await put(store, { key: 'a', value: '1', lease })
      const results = await Promise.all([store.revokeLease(lease), store.revokeLease(lease)])
      expect([...results].sort()).toEqual([false, true])
      expect(store.revision).toBe(2)
    }))
}

function sparingRules(fresh: OpenFresh): void {
  test('the owner is asked before leases end, and obeyed', async () => {
    const asked: (readonly LeaseId[])[] = []
    const seconds = new Map<LeaseId, number>()
    const spareLeases = (due: readonly LeaseId[]) => {
      asked.push(due)
      return due.map((id) => seconds.get(id) ?? 0)
    }
    await withStore(
      fresh,
      async (store, clock) => {
        const doomed = await store.grantLease(10)
        const spared = await store.grantLease(10)
        seconds.set(spared, 30)
        await put(store, { key: 'a', value: '1', lease: doomed }, { key: 'b', value: '1', lease: spared })
        clock.advance(10_200)
        await settle(store)
        expect(asked.flat().sort()).toEqual([doomed, spared].sort())
        expect(await linesOf(store)).toEqual(['b=1'])
        seconds.set(spared, 0)
        clock.advance(29_500)
        await settle(store)
        expect(await linesOf(store)).toEqual(['b=1'])
        clock.advance(1_000)
        await settle(store)
        expect(asked).toHaveLength(2)
        expect(await linesOf(store)).toEqual([])
      },
      { spareLeases },
    )
  })

  test('the owner is not asked about a lease that is revoked', async () => {
    let asked = 0
    const spareLeases = (due: readonly LeaseId[]) => {
      asked += due.length
      return due.map(() => 1000)
    }
    await withStore(
      fresh,
      async (store, clock) => {
        const lease = await store.grantLease(10)
        await put(store, { key: 'a', value: '1', lease })
        expect(await store.revokeLease(lease)).toBe(true)
        clock.advance(20_000)
        expect(asked).toBe(0)
        expect(await linesOf(store)).toEqual([])
      },
      { spareLeases },
    )
  })
}
