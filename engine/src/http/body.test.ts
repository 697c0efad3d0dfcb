import { CREATE_SERVICE } from '@rollcall/protocol/requests'
import { describe, expect, test } from 'vitest'
import { parseBody } from './body.ts'

const parse = (text: string) => parseBody(Buffer.from(text), CREATE_SERVICE)

test('a document is read by its shape', () => {
  expect(parse('{"service":{"serviceName":"服"},"x":1}')).toEqual({ service: { serviceName: '服' } })
  expect(parse(' null ')).toEqual({})
})

describe('refusals say what is wrong', () => {
  test.each([
    ['nothing', '', 'the body is not JSON: '],
    ['cut JSON', '{"service":', 'the body is not JSON: '],
    ['rubbish after JSON', '{} x', 'the body is not JSON: '],
    [
      'a wrong type',
      '{"service":{"serviceName":1}}',
      "member 'service.serviceName' must be a string, not the number 1",
    ],
  ])('%s', (_, text, words) => {
    expect(() => parse(text)).toThrow(`InvalidParameters: ${words}`)
  })

  test('bytes that are no UTF-8', () => {
    expect(() => parseBody(Buffer.from([0x22, 0xff, 0x22]), CREATE_SERVICE)).toThrow('the body is not valid UTF-8')
  })
})
