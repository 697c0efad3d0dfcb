import { expect, test } from 'vitest'
import { applyWrite, fingerprint, type TenantState, type Write } from './crash-model.ts'

const WHOLE: TenantState = {
  a: {
    name: 'a',
    properties: { k: '1' },
    tags: { t: 'x' },
    schemas: {},
    instances: { i: { status: 'UP', properties: {} }, j: { status: 'DOWN', properties: { k: '2' } } },
  },
  b: { name: 'b', properties: {}, tags: {}, schemas: {}, instances: {} },
}

const WRITES: readonly Write[] = [
  {
    kind: 'create',
    id: 'c',
    service: { name: 'c', properties: {}, tags: {}, schemas: {}, instances: {} },
    givesId: true,
  },
  { kind: 'remove', id: 'b' },
  { kind: 'describe', id: 'a', properties: { k: '3' } },
  { kind: 'tag', id: 'a', tags: {} },
  { kind: 'upload', id: 'a', schemas: { s: 'y' } },
  { kind: 'register', id: 'b', instanceId: 'n', instance: { status: 'UP', properties: {} } },
  { kind: 'unregister', id: 'a', instanceId: 'j' },
  { kind: 'label', id: 'a', instanceId: 'i', properties: { k: '4' } },
  { kind: 'status', id: 'a', instanceId: 'i', status: 'TESTING' },
  { kind: 'statusOfAll', status: 'STARTING' },
]

test.each(WRITES)('$kind makes a difference that is seen', (write) => {
  const before = fingerprint(WHOLE)
  const after = applyWrite(WHOLE, write)
  expect(fingerprint(after)).not.toBe(before)
  expect(fingerprint(WHOLE)).toBe(before)
})

test('a service that is there by half is neither there nor not there', () => {
  const service = {
    name: 'c',
    properties: {},
    tags: { t: 'x' },
    schemas: { s: 'y' },
    instances: { i: { status: 'UP', properties: {} } },
  }
  const write: Write = { kind: 'create', id: 'c', service, givesId: true }
  const right = [fingerprint(WHOLE), fingerprint(applyWrite(WHOLE, write))]
  expect(right).not.toContain(fingerprint({ ...WHOLE, c: { ...service, instances: {} } }))
  expect(right).not.toContain(fingerprint({ ...WHOLE, c: { ...service, tags: {} } }))
})

test('order means nothing', () => {
  const turned = Object.fromEntries(Object.entries(WHOLE).reverse())
  expect(fingerprint(turned)).toBe(fingerprint(WHOLE))
})
