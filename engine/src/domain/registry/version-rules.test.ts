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

test('a rule names versions, in their order', () => {
  const known = ['1.0.0', '2.0', '1.10.0'].map((version) => serviceOf(version))
  expect(versionsOf(matchingVersions(known, ''))).toEqual(['1.0.0', '2.0', '1.10.0'])
  expect(versionsOf(matchingVersions(known, '1.2+'))).toEqual(['2.0', '1.10.0'])
  expect(matchingVersions([], 'latest')).toEqual([])
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
