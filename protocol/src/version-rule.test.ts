import fc from 'fast-check'
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
  ['2.0-1.0', ['1.0.0', '1.2.0', '1.10.0']],
  ['2.0-2.0', []],
  ['0.0.0.0+', ['1.0.0', '1.2.0', '1.10.0', '2.0.0']],
  ['2.0.0.1+', []],
  ['latest', ['2.0.0']],
  ['3.0.0', []],
])('%s keeps %j', (rule, kept) => {
  expect(matchesVersion(ALL, rule).map(({ version }) => version)).toEqual(kept)
})

test('the latest of nothing is nothing', () => {
  expect(matchesVersion([], 'latest')).toEqual([])
})

/** A version as one number: parts of the test are below a thousand. */
const weight = (version: string) =>
  [0, 1, 2, 3].reduce((sum, part) => sum * 1000 + Number(version.split('.')[part] ?? 0), 0)

test('of any versions every rule keeps those that plain numbers say, in their order', () => {
  const version = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }).map((all) => all.join('.'))
  fc.assert(
    fc.property(fc.uniqueArray(version, { maxLength: 12 }), version, version, (versions, one, other) => {
      const items = versions.map((each) => ({ version: each }))
      const kept = (rule: string) => matchesVersion(items, rule).map((item) => item.version)
      const keptBy = (rule: (value: number) => boolean) => versions.filter((each) => rule(weight(each)))
      const [low, high] = [weight(one), weight(other)].sort((a, b) => a - b) as [number, number]
      expect(kept(one)).toEqual(keptBy((value) => value === weight(one)))
      expect(kept(`${one}+`)).toEqual(keptBy((value) => value >= weight(one)))
      expect(kept(`${one}-${other}`)).toEqual(keptBy((value) => low <= value && value < high))
      const latest = kept('latest')
      expect([...new Set(latest.map(weight))]).toEqual(versions.length === 0 ? [] : [Math.max(...versions.map(weight))])
    }),
  )
})
