import { ERRORS } from '@rollcall/protocol/errors'
import { describe, expect, test } from 'vitest'
import { Failure } from '../kernel/failure.ts'
import { LeaseNotFoundError, StoreInUseError, StoreUnavailableError } from '../storage/store.ts'
import { errorAnswer, failureText, isExpected, methodNotAllowed, NOT_FOUND } from './errors.ts'

const bodyOf = (thrown: unknown) => JSON.parse(errorAnswer(thrown).body?.toString() ?? '')

describe('failures of the domain', () => {
  const names = Object.keys(ERRORS).filter((name) => name !== 'Internal' && name !== 'StoreUnavailable')

  test.each(names)('%s has its status and both spellings of its body', (name) => {
    const row = ERRORS[name as keyof typeof ERRORS]
    const { status, headers } = errorAnswer(new Failure(name, 'about this'))
    expect(status).toBe(Number(row.code.slice(0, 3)))
    const challenge = name === 'Unauthorized' ? ['WWW-Authenticate', 'Bearer'] : []
    const again = status === 429 ? ['Retry-After', '1'] : []
    expect(headers).toEqual(['Content-Type', 'application/json; charset=UTF-8', ...challenge, ...again])
    expect(bodyOf(new Failure(name, 'about this'))).toEqual({
      errorCode: row.code,
      errCode: row.code,
      errorMessage: row.text,
      errMsg: row.text,
      detail: 'about this',
    })
    expect(isExpected(new Failure(name, ''))).toBe(true)
    expect(failureText(new Failure(name, 'about this'))).toBe(`${row.text}(about this)`)
  })
})

describe('everything else', () => {
  test.each([
    ['a store that is away', new StoreUnavailableError('the disk is full'), '500011', 'the disk is full', true],
    ['a lease that ended meanwhile', new LeaseNotFoundError('no lease 7'), '500011', 'no lease 7', true],
    ['a defect', new TypeError('secret internals'), '500003', 'see the log of the engine', false],
    ['a failure of an unknown code', new Failure('Nobody knows', 'x'), '500003', 'see the log of the engine', false],
    ['a code that every object has', new Failure('toString', 'x'), '500003', 'see the log of the engine', false],
    ['an error of the start', new StoreInUseError('x'), '500003', 'see the log of the engine', false],
    ['no error at all', 'text', '500003', 'see the log of the engine', false],
  ] as const)('%s', (_, thrown, ...[code, detail, expected]) => {
    expect(errorAnswer(thrown).status).toBe(500)
    expect(bodyOf(thrown)).toMatchObject({ errorCode: code, errCode: code, detail })
    expect(isExpected(thrown)).toBe(expected)
  })
})

test('unknown paths and methods are told in plain text, as Service Center does', () => {
  expect(NOT_FOUND).toMatchObject({ status: 404, body: Buffer.from('404 page not found\n') })
  const answer = methodNotAllowed(['GET', 'PUT'])
  expect(answer.status).toBe(405)
  expect(answer.headers.slice(-2)).toEqual(['Allow', 'GET, PUT'])
})
