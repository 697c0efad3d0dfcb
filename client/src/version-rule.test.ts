import { expect, test } from 'vitest'
import { matchesVersion } from './version-rule.ts'

const ALL = ['1.0.0', '1.2.0', '1.10.0', '2.0.0'].map((version) => ({ version }))

test.each([
  ['', ['1.0.0', '1.2.0', '1.10.0', '2.0.0']],
  ['0+', ['1.0.0', '1.2.0', '1.10.0', '2.0.0']],
  ['1.2.0', ['1.2.0']],
  ['1.2', ['1.2.0']],
  ['1.2+', ['1.2.0', '1.10.0', '2.0.0']],
  ['1.0.0-2.0.0', ['1.0.0', '1.2.0', '1.10.0']],
  ['latest', ['2.0.0']],
  ['3.0.0', []],
])('%s keeps %j', (rule, kept) => {
  expect(matchesVersion(ALL, rule).map(({ version }) => version)).toEqual(kept)
})

test('the latest of nothing is nothing', () => {
  expect(matchesVersion([], 'latest')).toEqual([])
})
