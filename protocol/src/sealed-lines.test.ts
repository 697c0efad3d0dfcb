import { createHash } from 'node:crypto'
import { array, assert, asyncProperty, constantFrom, integer, json, nat } from 'fast-check'
import { expect, test } from 'vitest'
import { LineSealer, openSealed, SealError } from './sealed-lines.ts'

const HEAD = { rollcall: 'backup', format: 1 }

function sealed(values: readonly object[], head: object = HEAD): string {
  const sealer = new LineSealer(createHash('sha256'))
  return [head, ...values].map((value) => sealer.line(value)).join('') + sealer.seal()
}

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

async function open(text: string, size = 7): Promise<unknown[]> {
  const expected = { name: 'a.backup', kind: 'backup', format: 1, digest: createHash('sha256') }
  const values: unknown[] = []
  for await (const value of openSealed(pieces(text, size), expected)) values.push(value)
  return values
}

const VALUES = array(json().map((text) => [text, '\u2028\r']))

test('what was sealed is read again, whatever the pieces', () =>
  assert(
    asyncProperty(VALUES, integer({ min: 1, max: 50 }), async (values, size) => {
      expect(await open(sealed(values), size)).toEqual([HEAD, ...values])
    }),
  ))

test('a file with any one character changed, taken out or cut off is refused by name', () =>
  assert(
    asyncProperty(VALUES, nat(), constantFrom('change', 'remove', 'cut'), async (values, place, how) => {
      const text = sealed(values)
      const at = place % text.length
      const changed = { change: text[at] === 'x' ? 'y' : 'x', remove: '', cut: '' }[how]
      const damaged = text.slice(0, at) + changed + (how === 'cut' ? '' : text.slice(at + 1))
      await expect(open(damaged)).rejects.toThrow(SealError)
      await expect(open(damaged)).rejects.toThrow(/^a\.backup /)
    }),
  ))

test.each([
  ['', 'is empty'],
  ['PK\u0003\u0004', 'ends in the middle of a line'],
  ['#!/bin/sh\n', 'is no backup of Rollcall'],
  ['[]\n', 'is no backup of Rollcall'],
  [sealed([], { rollcall: 'export', format: 1 }), "is no backup of Rollcall, but a file of kind 'export'"],
  [sealed([], { rollcall: 'backup', format: 2 }), 'has format 2, this version reads 1'],
  [`${sealed([])}{}\n`, 'something stands behind its end'],
])('%j is refused', async (text, reason) => {
  await expect(open(text)).rejects.toThrow(reason)
})
