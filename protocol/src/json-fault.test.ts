import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findJsonFault, placeOf } from './json-fault.ts'

const END = 'Unexpected end-of-input'

describe('where a text stops being JSON', () => {
  test.each([
    ['', 'No content to map due to end-of-input', 1, 0],
    [' \n ', 'No content to map due to end-of-input', 2, 1],
    ['{', END, 1, 1],
    ['{"a":\n\n tru}', "Unexpected character ('}')", 3, 5],
    ['{"a":x}', "Unexpected character ('x')", 1, 6],
    ['{"a":1,}', "Unexpected character ('}')", 1, 8],
    ['[1 2]', "Unexpected character ('2')", 1, 4],
    ['{"a":"b', END, 1, 7],
    ['nul', END, 1, 3],
    ['{"a":1}x', "Unexpected character ('x')", 1, 8],
    ['"\u0001"', 'Unexpected character (code 1)', 1, 2],
    ['01', "Unexpected character ('1')", 1, 2],
    ['1e', "Unexpected character ('e')", 1, 2],
    ['[', END, 1, 1],
    [']', "Unexpected character (']')", 1, 1],
    ['[1}', "Unexpected character ('}')", 1, 3],
    ['{"a" 1}', "Unexpected character ('1')", 1, 6],
    ['"\\x"', String.raw`Unexpected character ('\')`, 1, 2],
  ])('%j: %s, line %i, column %i', (text, reason, ...[line, column]) => {
    const fault = findJsonFault(text)
    expect(fault?.reason).toBe(reason)
    expect(placeOf(text, fault?.offset ?? -1)).toEqual({ line, column })
  })

  test('a text as deep as a body can be long does no harm', () => {
    expect(findJsonFault('['.repeat(1_048_576))).toEqual({ reason: END, offset: 1_048_576 })
  })
})

test('finds a fault exactly when the parser of the platform does', () => {
  const nearlyJson = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', '\\', '0', 'e', ' ', '-', 'x'))
  const anyText = fc.stringMatching(/^[[\]{}",:\\ 0-9.eE+\-truefalsn\n]{0,12}$/)
  const texts = fc.oneof(
    anyText,
    nearlyJson.map(([text, at, by]) => text.slice(0, at % (text.length + 1)) + by + text.slice((at + 1) % text.length)),
  )
  fc.assert(
    fc.property(texts, (text) => {
      expect(findJsonFault(text) === undefined).toBe(isJson(text))
    }),
    { numRuns: 5000 },
  )
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
