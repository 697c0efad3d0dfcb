import { describe } from 'vitest'
import { appendContract } from './appends.ts'
import { dropContract } from './drops.ts'
import type { OpenFresh } from './journal-under-test.ts'
import { modelContract } from './model.ts'
import { scanContract } from './scans.ts'

/** The contract of the journal port, sentence by sentence; every adapter runs it. */
export function journalConformance(name: string, fresh: OpenFresh): void {
  describe(name, () => {
    describe('appends', () => appendContract(fresh))
    describe('scans', () => scanContract(fresh))
    describe('drops', () => dropContract(fresh))
    describe('model', () => modelContract(fresh))
  })
}
