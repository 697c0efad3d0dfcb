import { expect, test } from 'vitest'
import type { KnownInstance } from './instances.ts'
import { Roster } from './roster.ts'

const instance = (instanceId: string, status = 'UP', version = '1.0.0'): KnownInstance => ({
  instanceId,
  serviceId: 's',
  status,
  version,
})
const ids = (instances: readonly KnownInstance[] = []) => instances.map(({ instanceId }) => instanceId)

test('says what is different, and nothing when nothing is', () => {
  const roster = new Roster('')
  expect(roster.replace([])).toBeUndefined()
  expect(ids(roster.replace([instance('b'), instance('a')])?.added)).toEqual(['a', 'b'])
  expect(roster.replace([instance('a'), instance('b')])).toBeUndefined()
  const change = roster.replace([instance('a', 'DOWN'), instance('c')])
  expect([ids(change?.added), ids(change?.updated), ids(change?.removed)]).toEqual([['c'], ['a'], ['b']])
})

test('picks those that are UP in turn', () => {
  const roster = new Roster('')
  expect(roster.pick()).toBeUndefined()
  roster.replace([instance('a'), instance('b', 'DOWN'), instance('c')])
  const picked = [1, 2, 3, 4].map(() => roster.pick()?.instanceId)
  expect(new Set(picked.slice(0, 2))).toEqual(new Set(['a', 'c']))
  expect(picked.slice(2)).toEqual(picked.slice(0, 2))
})

test('drops only those whose end was told', () => {
  const roster = new Roster('')
  roster.replace([instance('a'), instance('b')])
  roster.markGone('a')
  roster.markGone('stranger')
  expect(ids(roster.dropGone()?.removed)).toEqual(['a'])
  expect(roster.dropGone()).toBeUndefined()
})

test('keeps the versions that are wanted', () => {
  const roster = new Roster('2+')
  roster.replace([instance('a'), instance('b', 'UP', '2.1.0')])
  expect(ids(roster.instances)).toEqual(['b'])
})
