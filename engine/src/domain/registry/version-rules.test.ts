import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { InstanceNode, KnownService } from './types.ts'
import { matchingVersions } from './version-rules.ts'

/** A service version with an instance for each mark: shown, or draining. */
function serviceOf(version: string, instances: readonly ('shown' | 'draining')[] = ['shown']): KnownService {
  const nodes = instances.map((mark, n): [string, Partial<InstanceNode>] => [
    `i${n}`,
    { drainingUntil: mark === 'draining' ? 1 : undefined },
  ])
  return { id: version, record: { version }, instances: new Map(nodes) } as unknown as KnownService
}

const versionsOf = (services: readonly KnownService[]) => services.map(({ record }) => record.version)

describe('a rule names versions', () => {
  const known = ['1.0.0', '1.2', '1.10.0', '2.0', '2.0.1', '3.0.0.4'].map((version) => serviceOf(version))

  test.each([
    ['', ['1.0.0', '1.2', '1.10.0', '2.0', '2.0.1', '3.0.0.4']],
    ['latest', ['3.0.0.4']],
    ['1.0.0', ['1.0.0']],
    ['1.0', ['1.0.0']],
    ['2.0.0.0', ['2.0']],
    ['9.9', []],
    ['0+', ['1.0.0', '1.2', '1.10.0', '2.0', '2.0.1', '3.0.0.4']],
    ['0.0.0.0+', ['1.0.0', '1.2', '1.10.0', '2.0', '2.0.1', '3.0.0.4']],
    ['1.3+', ['1.10.0', '2.0', '2.0.1', '3.0.0.4']],
    ['2.0+', ['2.0', '2.0.1', '3.0.0.4']],
    ['3.0.0.5+', []],
    ['1.0-2.0', ['1.0.0', '1.2', '1.10.0']],
    ['2.0-1.0', ['1.0.0', '1.2', '1.10.0']],
    ['2.0-2.0.1', ['2.0']],
    ['2.0-2.0', []],
    ['0-32767', ['1.0.0', '1.2', '1.10.0', '2.0', '2.0.1', '3.0.0.4']],
  ])('"%s": %j', (rule, expected) => {
    expect(versionsOf(matchingVersions(known, rule))).toEqual(expected)
  })

  test('of none there is no latest', () => {
    expect(matchingVersions([], 'latest')).toEqual([])
  })
})

describe('the latest', () => {
  test('is the newest that finds show instances of', () => {
    const known = [serviceOf('1.0'), serviceOf('2.0', ['draining', 'shown']), serviceOf('3.0', ['draining'])]
    expect(versionsOf(matchingVersions([...known, serviceOf('4.0', [])], 'latest'))).toEqual(['2.0'])
  })

  test('is the newest of all when none has an instance', () => {
    expect(versionsOf(matchingVersions([serviceOf('2.0', []), serviceOf('10.0', ['draining'])], 'latest'))).toEqual([
      '10.0',
    ])
  })
})

/** A version as one number: parts of the test are below a thousand. */
const weight = (version: string) =>
  [0, 1, 2, 3].reduce((sum, part) => sum * 1000 + Number(version.split('.')[part] ?? 0), 0)

test('of any versions every rule keeps those that plain numbers say, in their order', () => {
  const version = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }).map((all) => all.join('.'))
  fc.assert(
    fc.property(fc.uniqueArray(version, { maxLength: 12 }), version, version, (versions, one, other) => {
      const known = versions.map((each) => serviceOf(each))
      const kept = (rule: string) => versionsOf(matchingVersions(known, rule))
      const keptBy = (rule: (value: number) => boolean) => versions.filter((each) => rule(weight(each)))
      const [low, high] = [weight(one), weight(other)].sort((a, b) => a - b) as [number, number]
      expect(kept(one)).toEqual(keptBy((value) => value === weight(one)))
      expect(kept(`${one}+`)).toEqual(keptBy((value) => value >= weight(one)))
      expect(kept(`${one}-${other}`)).toEqual(keptBy((value) => low <= value && value < high))
      const latest = kept('latest')
      expect(latest.map((each) => weight(each ?? ''))).toEqual(
        versions.length === 0 ? [] : [Math.max(...versions.map(weight))],
      )
    }),
  )
})
