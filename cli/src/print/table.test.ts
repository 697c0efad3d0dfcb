import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { fields, printable, table } from './table.ts'

const stream = new PassThrough()
const columns = [
  { title: 'NAME', text: ({ name }: { name: string }) => name },
  { title: 'N', text: ({ n }: { n: string }) => n, color: () => 'green' as const },
]

test('each column is as wide as its longest text; nothing is a dash', () => {
  const rows = [
    { name: 'a', n: '10' },
    { name: 'longer', n: '' },
  ]
  expect(table(rows, columns, stream)).toBe('NAME    N\na       10\nlonger  -\n')
})

test('fields leave out what is empty', () => {
  const pairs = [
    ['Name', 'cart'],
    ['Version', '1'],
    ['Alias', ''],
    ['Level', undefined],
  ] as const
  expect(fields(pairs)).toBe('Name     cart\nVersion  1\n')
})

test('control characters of others do not reach the terminal', () => {
  expect(printable('a\u001b[2Jb\n\u202ec')).toBe('a?[2Jb??c')
})
