import { expect, test } from 'vitest'
import { LeaseTable } from './lease-table.ts'

test('a lease in a slot used before is due once, even at the same time', () => {
  const table = new LeaseTable()
  table.add('1', 10, 0)
  table.remove('1')
  table.add('2', 10, 0)
  expect(table.takeDue(10_000, 10)).toEqual(['2'])
})

test('what is taken and postponed comes again, what is removed does not', () => {
  const table = new LeaseTable()
  for (let id = 0; id < 3000; id++) table.add(String(id), 1 + (id % 7), 0)
  const due = table.takeDue(7_000, 5000)
  expect(new Set(due).size).toBe(3000)
  for (const [index, id] of due.entries()) index % 2 === 0 ? table.remove(id) : table.postpone(id, 2, 7_000)
  expect(table.takeDue(8_900, 5000)).toEqual([])
  expect(table.takeDue(9_000, 5000)).toHaveLength(1500)
  expect(table.size).toBe(1500)
})
