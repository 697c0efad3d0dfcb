import { ConnectionError, RollcallError } from '@rollcall/client'
import { expect, test } from 'vitest'
import { explain, UsageError } from './explain.ts'

const refusal = (code: string, message: string, detail = '') =>
  new RollcallError({ status: Number(code.slice(0, 3)), code, message, detail })

test.each([
  [new UsageError('Do it so.'), 1, 'Do it so.\n'],
  [
    new ConnectionError([{ url: 'http://a', reason: 'ECONNREFUSED' }], undefined),
    2,
    'No engine answers at http://a (ECONNREFUSED). Start one with "rollcall serve", or say where it is with --url or ROLLCALL_URL.\n',
  ],
  [
    refusal('400013', 'Instance has been deployed'),
    3,
    'Refused by the engine: 400013 Instance has been deployed. Delete it all the same with --force.\n',
  ],
  [
    refusal('400001', 'Invalid parameter(s)', 'too long.'),
    3,
    'Refused by the engine: 400001 Invalid parameter(s): too long.\n',
  ],
  [
    refusal('401002', 'Request unauthorized'),
    3,
    'Refused by the engine: 401002 Request unauthorized. Sign in with --user, or set ROLLCALL_TOKEN to a valid token.\n',
  ],
])('%s', (error, code, text) => {
  expect(explain(error, { asJson: false })).toEqual({ code, text })
})

test('programs get one JSON document', () => {
  const { text } = explain(refusal('400012', 'Micro-service does not exist', 'd'), { asJson: true })
  expect(JSON.parse(text)).toMatchObject({ error: { kind: 'refused', status: 400, errorCode: '400012', detail: 'd' } })
})

test('anything unforeseen is called a defect', () => {
  expect(explain(new Error('x'), { asJson: false }).code).toBe(70)
})
