import { describe } from 'vitest'
import { closingContract } from './closing.ts'
import { commitContract } from './commits.ts'
import { leaseContract } from './leases.ts'
import { modelContract } from './model.ts'
import { readContract } from './reads.ts'
import type { OpenFresh } from './store-under-test.ts'
import { watchContract } from './watches.ts'

/** The contract of the storage port, sentence by sentence; every adapter runs it. */
export function storeConformance(name: string, fresh: OpenFresh): void {
  describe(name, () => {
    describe('commits', () => commitContract(fresh))
    describe('reads', () => readContract(fresh))
    describe('watches', () => watchContract(fresh))
    describe('leases', () => leaseContract(fresh))
    describe('closing', () => closingContract(fresh))
    describe('model', () => modelContract(fresh))
  })
}
