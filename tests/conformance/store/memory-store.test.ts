import { MemoryStore } from '../../../engine/src/storage/memory/memory-store.ts'
import { storeConformance } from './store-conformance.ts'
import { StallingClock } from './store-under-test.ts'

storeConformance('memory', async () => {
  const clock = new StallingClock()
  const store = new MemoryStore({ clock })
  return { store, clock, dispose: () => store.close() }
})
