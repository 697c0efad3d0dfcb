import { beforeEach, expect, test } from 'vitest'
import { StoreUnavailableError } from '../store.ts'
import { GroupCommit } from './group-commit.ts'

/** What has been handed to the disk, group by group, and how each of them ends. */
let appended: { readonly commits: readonly number[]; readonly done: PromiseWithResolvers<void> }[]
let durable: number[]
let failed: number[]
let group: GroupCommit<number>

beforeEach(() => {
  appended = []
  durable = []
  failed = []
  group = new GroupCommit({
    append: (commits) => {
      const done = Promise.withResolvers<void>()
      appended.push({ commits, done })
      return done.promise
    },
    onFailure: () => {},
    toError: (cause) => new StoreUnavailableError(String(cause)),
  })
})

function add(...commits: number[]): void {
  for (const commit of commits) {
    group.add({ commit, onDurable: () => durable.push(commit), onFailed: () => failed.push(commit) })
  }
}

const groups = () => appended.map(({ commits }) => commits)
const appends = (count: number) => expect.poll(() => appended.length, { interval: 1 }).toBe(count)

test('commits of one turn of the event loop share a sync', async () => {
  add(1, 2, 3)
  await appends(1)
  expect(groups()).toEqual([[1, 2, 3]])
})

test('a turn that brings more is not the last', async () => {
  setImmediate(() => {
    add(2)
    setImmediate(() => add(3))
  })
  add(1)
  await appends(1)
  expect(groups()).toEqual([[1, 2, 3]])
})

test('five go to the disk before the turn ends, for the turn may have much to do', async () => {
  add(1, 2, 3, 4, 5)
  await Promise.resolve()
  expect(groups()).toEqual([[1, 2, 3, 4, 5]])
})

test('those that come while the disk is busy share the next sync; nothing is durable before its own', async () => {
  add(1)
  await appends(1)
  add(2, 3, 4, 5, 6, 7)
  appended[0]?.done.resolve()
  await appends(2)
  expect(groups()[1]).toEqual([2, 3, 4, 5, 6, 7])
  expect(durable).toEqual([1])
  appended[1]?.done.resolve()
  await group.settled()
  expect(durable).toEqual([1, 2, 3, 4, 5, 6, 7])
})

test('what waits behind a group that failed fails with it, and the next is written again', async () => {
  add(1)
  await appends(1)
  add(2)
  appended[0]?.done.reject(new Error('full'))
  await expect.poll(() => failed).toEqual([1, 2])
  add(3)
  await appends(2)
  appended[1]?.done.resolve()
  await group.settled()
  expect(durable).toEqual([3])
})
