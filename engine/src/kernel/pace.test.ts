import { expect, test } from 'vitest'
import { WORK_SLICE_MS_MAX } from './limits.ts'
import { Pace } from './pace.ts'

test('short work goes on, long work lets others have their turn and goes on again', async () => {
  let now = 0
  const pace = new Pace(() => now)
  now += WORK_SLICE_MS_MAX - 1
  expect(pace.step()).toBeUndefined()
  now += 1
  let turns = 0
  setImmediate(() => turns++)
  await pace.step()
  expect(turns).toBe(1)
  expect(pace.step()).toBeUndefined()
})
