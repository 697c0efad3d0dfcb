import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OrderedMap } from './ordered-map.ts'

const key = fc.string({ maxLength: 3 })
const step = fc.record({ key, value: fc.option(fc.nat()) })

test('holds what a plain map would hold, and shows it by key', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const plain = new Map<string, number>()
      const ordered = new OrderedMap<number>()
      for (const { key: changed, value } of steps) {
        if (value === null) {
          plain.delete(changed)
          ordered.delete(changed)
        } else {
          plain.set(changed, value)
          ordered.set(changed, value)
        }
        expect(ordered.size).toBe(plain.size)
        expect(ordered.get(changed)).toBe(plain.get(changed))
        expect(ordered.values()).toEqual([...plain.keys()].sort().map((each) => plain.get(each)))
      }
    }),
  )
})
