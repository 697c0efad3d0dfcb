import { afterEach, expect, test } from 'vitest'
import { COMPARISON_MS_MAX, IDLE_PROCESS_MS_MAX, PROCESS_START_MS_MAX } from '../kernel/limits.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { ContractComparer } from './contract-comparer.ts'

const clock = new ManualClock()
const comparer = new ContractComparer(clock)
const contract = (text: string, name = 'one') => ({ name, text })
const compare = (before: string, after: string) =>
  comparer.compare({ before: contract(before), after: contract(after, 'other') })
const LOST = {
  code: 'InvalidParameters',
  detail: expect.stringMatching(/^one and other take more than 5 s or 256 MiB/),
}

afterEach(() => clock.advance(IDLE_PROCESS_MS_MAX))

test('what takes too long is given up, and the next pair is compared', async () => {
  const slow = compare(`swagger: "2.0"\nx: ${'['.repeat(100_000)}`, 'x')
  const next = compare('a', 'b')
  let refusal: unknown
  slow.catch((error: unknown) => {
    refusal = error
  })
  const seeRefusal = () => {
    if (refusal === undefined) clock.advance(COMPARISON_MS_MAX + PROCESS_START_MS_MAX)
    return refusal
  }
  await expect.poll(seeRefusal).toMatchObject(LOST)
  expect(await next).toMatchObject({ comparedAs: 'text' })
})
