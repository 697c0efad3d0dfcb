import { expect, test } from 'vitest'
import { WORK_SLICE_MS_MAX } from './limits.ts'
import { Pace } from './pace.ts'

function work(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

test('short work goes on, long work lets others have their turn and goes on again', async () => {
  const pace = new Pace()
  expect(pace.step()).toBeUndefined()
  work(WORK_SLICE_MS_MAX + 1)
  let turns = 0
  setImmediate(() => turns++)
  await pace.step()
  expect(turns).toBe(1)
  expect(pace.step()).toBeUndefined()
})
