import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TransactionTable } from './transaction-table.ts'
import type { Transaction } from './types.ts'

/** Of a transaction the table looks at its id only. */
const named = (globalTxId: string) => ({ globalTxId }) as Transaction

test('the table knows what a map would know, whatever is added and taken out', () =>
  fc.assert(
    fc.property(fc.array(fc.nat(200), { minLength: 1, maxLength: 2000, size: 'max' }), (steps) => {
      const table = new TransactionTable()
      const map = new Map<string, Transaction>()
      for (const step of steps) {
        const id = `g${step}`
        const known = map.get(id)
        expect(table.get(id)).toBe(known)
        if (known === undefined) {
          const added = named(id)
          map.set(id, added)
          table.add(added)
        } else {
          map.delete(id)
          table.delete(known)
          table.delete(known)
        }
        expect(table.size).toBe(map.size)
      }
      expect(new Set(table.all())).toEqual(new Set(map.values()))
      for (const [id, transaction] of map) expect(table.get(id)).toBe(transaction)
    }),
    { numRuns: 20 },
  ))
