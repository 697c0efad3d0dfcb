import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keys, splitLast } from './keys.ts'

test('keys are those of Service Center', () => {
  const service = { environment: 'testing', appId: 'a', serviceName: 's', alias: 'x', version: '1.0' }
  expect(keys.domain('d/p')).toBe('/cse-sr/domains/d')
  expect(keys.project('d/p')).toBe('/cse-sr/projects/d/p')
  expect(keys.service('d/p', 'id')).toBe('/cse-sr/ms/files/d/p/id')
  expect(keys.index('d/p', service)).toBe('/cse-sr/ms/indexes/d/p/testing/a/s/1.0')
  expect(keys.alias('d/p', service)).toBe('/cse-sr/ms/alias/d/p/testing/a/x/1.0')
  expect(keys.tags('d/p', 'id')).toBe('/cse-sr/ms/tags/d/p/id')
  expect(keys.instance('d/p', 'id', 'i')).toBe('/cse-sr/inst/files/d/p/id/i')
  expect(keys.lease('d/p', 'id', 'i')).toBe('/cse-sr/inst/leases/d/p/id/i')
})

test('no two services of any tenants share an index key, whatever slashes a domain holds', () => {
  const word = fc.constantFrom('a', 'b', '', 'testing')
  const domain = fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const name = fc.constantFrom('a', 'b', 'testing')
  const named = fc.record({ environment: word, appId: name, serviceName: name, version: fc.constant('1') })
  const owned = fc.tuple(domain, name, named)
  fc.assert(
    fc.property(owned, owned, ([oneDomain, oneProject, one], [otherDomain, otherProject, other]) => {
      const tenants = [`${oneDomain}/${oneProject}`, `${otherDomain}/${otherProject}`] as const
      const same = tenants[0] === tenants[1] && JSON.stringify(one) === JSON.stringify(other)
      expect(keys.index(tenants[0], one) === keys.index(tenants[1], other)).toBe(same)
    }),
    { numRuns: 500 },
  )
})

test('the last slash parts a tenant from an id', () => {
  expect(splitLast('d/p/id')).toEqual(['d/p', 'id'])
  expect(splitLast('a/b/c/id')).toEqual(['a/b/c', 'id'])
})
