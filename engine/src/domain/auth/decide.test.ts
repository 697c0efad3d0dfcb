import { beforeEach, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import type { Plan } from '../../storage/commit.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { decideAccount, decideRole, type MakingContext } from './decide.ts'
import { EVERYBODY } from './permissions.ts'
import { AuthView } from './view.ts'

let store: MemoryStore
let view: AuthView

beforeEach(async () => {
  store = new MemoryStore({ clock: new ManualClock() })
  await store.open()
  view = new AuthView()
  await startFeed(store, [view])
})

const context = (): MakingContext => ({ view, by: EVERYBODY, seconds: '1', max: 1, since: store.revision })

test.each<[what: string, make: (name: string) => Plan<void>]>([
  ['account', (name) => decideAccount(context(), { name, password: 'hash', roles: [] }, name)],
  ['role', (name) => decideRole(context(), { name, perms: [] }, name)],
])('of two that see room for one %s more, only the first gets it', async (_, make) => {
  const [first, second] = [make('one'), make('two')]
  expect(await store.commit(first.guards, first.writes)).toBeDefined()
  expect(await store.commit(second.guards, second.writes)).toBeUndefined()
  expect(() => make('two')).toThrow('max num is 1, curNum is 1, apply num is 1')
})
