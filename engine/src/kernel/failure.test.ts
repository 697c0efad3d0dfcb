import { expect, test } from 'vitest'
import { Failure, fail } from './failure.ts'

function refuse(): unknown {
  try {
    return fail('NotToday', 'the shop is closed')
  } catch (thrown) {
    return thrown
  }
}

test('a failure carries its code and its sentence', () => {
  const thrown = refuse()
  expect(thrown).toBeInstanceOf(Failure)
  expect(thrown).toBeInstanceOf(Error)
  expect(thrown).toMatchObject({
    code: 'NotToday',
    detail: 'the shop is closed',
    message: 'NotToday: the shop is closed',
  })
})

test('a refusal has no stack, and real defects after it still have one', () => {
  expect((refuse() as Error).stack).not.toContain('\n')
  expect(new Error('defect').stack).toContain('failure.test.ts')
})
