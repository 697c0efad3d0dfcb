import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DueHeap } from './heap.ts'

test('gives back everything, the earliest first, whatever is pushed in between', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(50))), (steps) => {
      const heap = new DueHeap<number>()
      const model: number[] = []
      for (const time of steps) {
        expect(heap.earliest).toBe(model[0] ?? Number.POSITIVE_INFINITY)
        if (time === null) expect(heap.pop()).toBe(model.shift())
        else {
          heap.push(time, time)
          model.push(time)
          model.sort((one, other) => one - other)
        }
        expect(heap.size).toBe(model.length)
      }
    }),
  )
})
