import { expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { compareWithStore } from './consistency.ts'
import { keys } from './keys.ts'
import { RegistryView } from './view.ts'

const TENANT = 'default/default'
const SERVICE = keys.service(TENANT, 's')
const INSTANCE = keys.instance(TENANT, 's', 'i')

async function filled() {
  const clock = new ManualClock()
  const store = new MemoryStore({ clock })
  await store.open()
  const view = new RegistryView(clock)
  await startFeed(store, [view])
  const value = JSON.stringify({ serviceId: 's', serviceName: 'a', appId: 'b', version: '1.0.0' })
  await store.commit(
    [],
    [
      { key: SERVICE, value },
      { key: INSTANCE, value: '{}' },
    ],
  )
  return { store, view, value, read: (prefix: string) => store.read(prefix) }
}

test('memory and store agree after commits', async () => {
  const { view, read } = await filled()
  expect(await compareWithStore(view, read)).toEqual({ compared: 2, differing: [] })
})

test('what only memory has, only the store has, or both have differently, is found', async () => {
  const { view, read, value } = await filled()
  const extra = keys.service(TENANT, 'extra')
  view.apply({ key: extra, value, revision: 9 })
  view.apply({ key: INSTANCE, value: '{"status":"DOWN"}', revision: 1 })
  expect((await compareWithStore(view, read)).differing.toSorted()).toEqual([INSTANCE, extra].sort())
  view.apply({ key: INSTANCE })
  expect((await compareWithStore(view, read)).differing).toContain(INSTANCE)
})

test('what changes during the comparison is no difference', async () => {
  const { store, view } = await filled()
  let isFirst = true
  const read = async function* (prefix: string) {
    const pages = store.read(prefix)
    if (isFirst) await store.commit([], [{ key: INSTANCE, value: '{"status":"DOWN"}' }, { key: SERVICE }])
    isFirst = false
    yield* pages
  }
  expect((await compareWithStore(view, read)).differing).toEqual([])
})
