import { beforeEach, describe, expect, test } from 'vitest'
import { DECISIONS_PER_CHANGE_MAX } from '../kernel/limits.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import type { Plan } from './commit.ts'
import { Committer, unchanged } from './commit.ts'
import { MemoryStore } from './memory/memory-store.ts'
import type { LeaseId, Write } from './store.ts'
import { StoreUnavailableError } from './store.ts'

let store: MemoryStore
let committer: Committer

beforeEach(async () => {
  store = new MemoryStore({ clock: new ManualClock() })
  committer = new Committer(store)
  await store.open()
})

async function storedAt(key: string): Promise<string | undefined> {
  for await (const page of store.read(key)) return page.find((entry) => entry.key === key)?.value
  return undefined
}

const plan = (writes: readonly Write[], revision?: number): Plan<string> => ({
  guards: revision === undefined ? [] : [{ key: '/a', revision }],
  writes,
  result: 'done',
})

describe('change', () => {
  test('commits the plan and answers its result', async () => {
    expect(await committer.change(() => plan([{ key: '/a', value: '1' }]))).toBe('done')
    expect(await storedAt('/a')).toBe('1')
    expect(committer.revision).toBe(1)
  })

  test('a plan without writes commits nothing, whatever it guards', async () => {
    expect(await committer.change(() => plan([], 99))).toBe('done')
    expect(await committer.change(() => unchanged('same'))).toBe('same')
    expect(store.revision).toBe(0)
  })

  test('decides again when it was overtaken, and answers the last decision', async () => {
    let revision = 0
    let decisions = 0
    store.watch('/a', 0, {
      onBatch: (batch) => {
        revision = batch.revision
      },
      onCompacted() {},
    })
    const overtaken = committer.change(() => {
      decisions++
      const seen = revision
      // Somebody else is faster, twice.
      if (decisions <= 2) void store.commit([], [{ key: '/a', value: `other ${decisions}` }])
      return { ...plan([{ key: '/a', value: `mine ${decisions}` }], seen), result: `decision ${decisions}` }
    })
    expect(await overtaken).toBe('decision 3')
    expect(await storedAt('/a')).toBe('mine 3')
  })

  test('gives up in the end, and says that the store was too busy', async () => {
    let decisions = 0
    const hopeless = committer.change(() => {
      decisions++
      return plan([{ key: '/a', value: '1' }], 99)
    })
    await expect(hopeless).rejects.toThrow(StoreUnavailableError)
    expect(decisions).toBe(DECISIONS_PER_CHANGE_MAX)
    expect(await storedAt('/a')).toBeUndefined()
  })

  test('what the decision throws comes out, and nothing is written', async () => {
    const refused = committer.change((): Plan<void> => {
      throw new RangeError('no')
    })
    await expect(refused).rejects.toThrow(RangeError)
    expect(store.revision).toBe(0)
  })

  test('a closed store is unavailable', async () => {
    await store.close()
    await expect(committer.change(() => plan([{ key: '/a', value: '1' }]))).rejects.toThrow(StoreUnavailableError)
  })
})

describe('change with leases', () => {
  let granted: readonly LeaseId[]

  const alive = () => store.renewLeases(granted)
  const decideWith = (use: (leases: readonly LeaseId[]) => Plan<string>) =>
    committer.changeLeased([10, 20], (leases) => {
      granted = leases
      return use(leases)
    })

  test('leases that are used live on, the others are given back', async () => {
    const result = await decideWith(([, lease = '']) => plan([{ key: '/a', value: '1', lease }]))
    expect(result).toBe('done')
    expect(alive()).toEqual([false, true])
    await store.revokeLease(granted[1] ?? '')
    expect(await storedAt('/a')).toBeUndefined()
  })

  test('all are given back when nothing is written', async () => {
    await decideWith(() => unchanged('same'))
    expect(alive()).toEqual([false, false])
  })

  test('all are given back when the decision refuses', async () => {
    const refused = decideWith(() => {
      throw new RangeError('no')
    })
    await expect(refused).rejects.toThrow(RangeError)
    expect(alive()).toEqual([false, false])
  })

  test('all are given back when it is overtaken to the end', async () => {
    await expect(decideWith(([lease = '']) => plan([{ key: '/a', value: '1', lease }], 99))).rejects.toThrow(
      StoreUnavailableError,
    )
    expect(alive()).toEqual([false, false])
  })

  test('only the leases of the last decision count as used', async () => {
    let decisions = 0
    await decideWith(([first = '', second = '']) => {
      decisions++
      const lease = decisions === 1 ? first : second
      return plan([{ key: '/a', value: '1', lease }], decisions === 1 ? 99 : 0)
    })
    expect(alive()).toEqual([false, true])
  })

  test('without leases it is a plain change', async () => {
    expect(await committer.changeLeased([], (leases) => unchanged(leases.length))).toBe(0)
  })
})
