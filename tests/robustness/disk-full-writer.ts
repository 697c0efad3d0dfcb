/** Fills a store until the disk refuses, frees nothing, and prints what it saw as JSON; the test runs it in a small place. */
import { ManualClock } from '../../engine/src/kernel/manual-clock.ts'
import { LmdbStore } from '../../engine/src/storage/lmdb/lmdb-store.ts'

const [, , path = '', mode = ''] = process.argv
const VALUE = 'v'.repeat(2000)
const ROUNDS_MAX = 5000
const clock = new ManualClock()

async function outcome(commit: Promise<unknown>): Promise<string> {
  return commit.then(
    () => 'kept',
    (error: Error) => error.name,
  )
}

async function keysOf(store: LmdbStore): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const page of store.read('')) keys.push(...page.map(({ key }) => key))
  return keys
}

async function fill(store: LmdbStore): Promise<{ acknowledged: string[]; refused: string[]; errors: string[] }> {
  const acknowledged: string[] = []
  const refused: string[] = []
  const errors: string[] = []
  for (let round = 0; round < ROUNDS_MAX && errors.length === 0; round++) {
    const keys = Array.from({ length: 8 }, (_, index) => `k${String(round).padStart(5, '0')}-${index}`)
    const outcomes = await Promise.all(keys.map((key) => outcome(store.commit([], [{ key, value: VALUE }]))))
    outcomes.forEach((result, index) => {
      const key = keys[index] ?? ''
      if (result === 'kept') acknowledged.push(key)
      else {
        refused.push(key)
        errors.push(result)
      }
    })
  }
  return { acknowledged, refused, errors }
}

const store = new LmdbStore({ path, clock })
await store.open()
const shown = new Map<string, boolean>()
const onBatch: Parameters<LmdbStore['watch']>[2]['onBatch'] = ({ changes }) => {
  for (const { key, value } of changes) shown.set(key, value !== undefined)
}
store.watch('', 0, { onBatch, onCompacted: () => {} })
const lease = store.grantLease(60)
await store.commit([], [{ key: 'leased', value: VALUE, lease }])
// What builds on a refused commit, in the same turn, must fall with it.
const big = Array.from({ length: 4000 }, (_, index) => ({ key: `big${index}`, value: VALUE }))
const tooBig = [
  outcome(store.commit([], [{ key: 'leased', value: 'free' }, ...big])),
  outcome(store.commit([{ key: 'big0', revision: store.revision + 1 }], [{ key: 'big0', value: 'on top' }])),
]
// Now the disk is being written; what comes meanwhile builds on it all the same.
await new Promise((resolve) => setImmediate(resolve))
tooBig.push(outcome(store.commit([{ key: 'big1', revision: store.revision + 1 }], [{ key: 'big1' }])))
tooBig.push(outcome(store.commit([], [{ key: 'absent' }])))
const chain = await Promise.all(tooBig)
const { acknowledged, refused, errors } = await fill(store)
const revision = store.revision
const kept = await keysOf(store)
const leaseAlive = store.renewLeases([lease])[0]
let later = 'not tried'
if (mode === 'delete') {
  // Deleting needs new pages too: LMDB keeps the old state until the new one is written. Each round frees some.
  later = await outcome(
    store.commit(
      [],
      acknowledged.slice(0, 4).map((key) => ({ key })),
    ),
  )
}
const revoked = mode === 'delete' ? await outcome(store.revokeLease(lease)) : 'not tried'
await store.close()
const again = new LmdbStore({ path, clock })
let reopened: readonly string[] | string
try {
  await again.open()
  reopened = await keysOf(again)
  await again.close()
} catch (error) {
  reopened = String(error)
}
const shownKeys = [...shown].filter(([, isThere]) => isThere).map(([key]) => key)
const sorted = (keys: readonly string[]) => [...keys].sort()
const report = {
  errors: [...new Set(errors)],
  acknowledged: acknowledged.length,
  refused: refused.length,
  chain,
  isKeptAsAcknowledged: String(sorted(kept)) === String(sorted([...acknowledged, 'leased'])),
  isReopenedAsShown: String(reopened) === String(sorted(shownKeys)),
  leaseAlive,
  later,
  revoked,
  revisionsMatch: revision === acknowledged.length + 1,
}
process.stdout.write(`${JSON.stringify(report)}\n`)
