import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../kernel/manual-clock.ts'
import { startFeed } from './feed.ts'
import { MemoryStore } from './memory/memory-store.ts'
import type { Change, Fold } from './store.ts'

/** A fold that keeps what it is told: the values, and the keys in the order they came. */
class Keeper implements Fold {
  readonly values = new Map<string, string>()
  readonly seen: string[] = []
  readonly prefixes: readonly string[]

  constructor(...prefixes: string[]) {
    this.prefixes = prefixes
  }

  apply({ key, value }: Change): void {
    this.seen.push(value === undefined ? `-${key}` : key)
    if (value === undefined) this.values.delete(key)
    else this.values.set(key, value)
  }
}

let store: MemoryStore

beforeEach(async () => {
  store = new MemoryStore({ clock: new ManualClock() })
  await store.open()
})

const put = (...keys: string[]) =>
  store.commit(
    [],
    keys.map((key) => ({ key, value: `value of ${key}` })),
  )

describe('at the start', () => {
  test('folds get everything below their prefixes, prefix by prefix', async () => {
    await put('/a/2', '/b/1', '/a/1', '/c/1')
    const keeper = new Keeper('/b/', '/a/')
    await startFeed(store, [keeper])
    expect(keeper.seen).toEqual(['/b/1', '/a/1', '/a/2'])
  })

  test('more than one page', async () => {
    const keys = Array.from({ length: 2500 }, (_, n) => `/a/${n}`)
    await put(...keys)
    const keeper = new Keeper('/a/')
    await startFeed(store, [keeper])
    expect(keeper.values.size).toBe(2500)
  })

  test('what is committed while the folds are being filled is not lost', async () => {
    await put(...Array.from({ length: 1500 }, (_, n) => `/a/${n}`), '/b/1', '/b/gone')
    const [one, other] = [new Keeper('/a/', '/b/'), new Keeper('/b/')]
    const started = startFeed(store, [one, other])
    await put('/b/2', '/b/1')
    await store.commit([], [{ key: '/b/gone' }, { key: '/a/0', value: 'changed' }])
    await started
    expect(one.values.get('/a/0')).toBe('changed')
    for (const { values } of [one, other]) {
      expect([...values.keys()].filter((key) => key.startsWith('/b/')).sort()).toEqual(['/b/1', '/b/2'])
    }
  })
})

describe('afterwards', () => {
  test('whoever awaits a commit finds it folded', async () => {
    const keeper = new Keeper('/a/')
    await startFeed(store, [keeper])
    await put('/a/1')
    expect(keeper.values.get('/a/1')).toBe('value of /a/1')
    await store.commit([], [{ key: '/a/1' }])
    expect(keeper.values.size).toBe(0)
  })

  test('each fold is told only of its own prefixes, in the order of the writes', async () => {
    const [one, other] = [new Keeper('/x/a/'), new Keeper('/x/b/', '/x/c/')]
    await startFeed(store, [one, other])
    await put('/x/c/1', '/x/a/1', '/x/b/1', '/x/d/1', '/y/a/1')
    await store.commit([], [{ key: '/x/a/1' }, { key: '/x/b/1' }, { key: '/x/a/2', value: '' }])
    expect(one.seen).toEqual(['/x/a/1', '-/x/a/1', '/x/a/2'])
    expect(other.seen).toEqual(['/x/c/1', '/x/b/1', '-/x/b/1'])
  })

  test('folds of one commit are told change by change: nobody sees a later one before an earlier one', async () => {
    const order: string[] = []
    const fold = (name: string, prefix: string): Fold => ({
      prefixes: [prefix],
      apply: ({ key }) => void order.push(`${name} ${key}`),
    })
    await startFeed(store, [fold('second', '/b/'), fold('first', '/a/')])
    await put('/a/1', '/b/1', '/a/2')
    expect(order).toEqual(['first /a/1', 'second /b/1', 'first /a/2'])
  })

  test('prefixes without anything in common are followed too', async () => {
    const keeper = new Keeper('/a/', 'b/')
    await startFeed(store, [keeper])
    await put('/a/1', 'b/1', 'c/1')
    expect(keeper.seen).toEqual(['/a/1', 'b/1'])
  })

  test('a stopped feed folds nothing more', async () => {
    const keeper = new Keeper('/a/')
    const feed = await startFeed(store, [keeper])
    feed.stop()
    await put('/a/1')
    expect(keeper.seen).toEqual([])
  })
})
