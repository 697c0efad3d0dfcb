/** Opens a store and holds it until it is killed; says what happened on a line. */
import { systemClock } from '../../../engine/src/kernel/clock.ts'
import { LmdbStore } from '../../../engine/src/storage/lmdb/lmdb-store.ts'

const [, , path = ''] = process.argv
const store = new LmdbStore({ path, clock: systemClock })
try {
  await store.open()
  await store.commit([], [{ key: `held by ${process.pid}`, value: '1' }])
  process.stdout.write('open\n')
  process.stdin.resume()
} catch (error) {
  process.stdout.write(`${(error as Error).name}\n`)
}
