import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeRecord } from './record.ts'

const few = fc.constantFrom('', 'ann', 'bob', '10.0.0.1', 'Go-http-client/1.1', 'a "quoted" one', 'default/default')

const records = fc.record({
  account: few,
  address: few,
  agent: few,
  action: fc.constantFrom('instance.register', 'service.delete'),
  tenant: few,
  resource: few,
  result: fc.constantFrom('ok', '400012'),
})

/** Times near one another and far apart, milliseconds since 1970. */
const times = fc.oneof(
  fc.integer({ min: 1_795_538_474_000, max: 1_795_538_476_000 }),
  fc.integer({ min: 0, max: 4e12 }),
)

test('each record says what it is about, whatever was encoded before it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(records, times)), (all) => {
      for (const [record, at] of all) {
        expect(JSON.parse(encodeRecord(record, at))).toEqual({ time: new Date(at).toISOString(), ...record })
      }
    }),
  )
})
