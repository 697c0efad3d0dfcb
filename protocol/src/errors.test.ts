import { expect, test } from 'vitest'
import { ERRORS, errorBody, errorStatus, errorText } from './errors.ts'

const rows = Object.entries(ERRORS).map(([name, row]) => [name, row] as const)

test.each(rows)('%s has a code of six digits whose head is an HTTP status of errors', (_, row) => {
  expect(row.code).toMatch(/^[45]\d{5}$/)
  expect(errorStatus(row)).toBe(Math.floor(Number(row.code) / 1000))
  expect(row.text).not.toBe('')
})

test.each(rows)('%s is written in both spellings', (_, row) => {
  expect(errorBody(row, 'about this')).toEqual({
    errorCode: row.code,
    errCode: row.code,
    errorMessage: row.text,
    errMsg: row.text,
    detail: 'about this',
  })
})

test('no code is used twice', () => {
  expect(new Set(rows.map(([, row]) => row.code)).size).toBe(rows.length)
})

test('the detail is there even when there is nothing to say', () => {
  expect(Object.keys(errorBody(ERRORS.Internal, ''))).toEqual([
    'errorCode',
    'errorMessage',
    'errCode',
    'errMsg',
    'detail',
  ])
})

test.each([
  ['ServiceNotFound', '400012', 'Micro-service does not exist'],
  ['InvalidParameters', '400001', 'Invalid parameter(s)'],
  ['ServiceAlreadyExists', '400010', 'Micro-service already exists'],
  ['InstancesDeployed', '400013', 'Instance has been deployed'],
  ['InstanceNotFound', '400017', 'Instance does not exist'],
  ['ConsumersDepend', '400023', 'Consumer(s) depend on this micro-service'],
  ['Internal', '500003', 'Internal server error'],
  ['StoreUnavailable', '500011', 'Backend service is unavailable'],
] as const)('%s keeps its published code and text', (name, code, text) => {
  expect(ERRORS[name]).toEqual({ code, text })
})

test('inside other answers an error reads text(detail)', () => {
  expect(errorText(ERRORS.InstanceNotFound, 'gone')).toBe('Instance does not exist(gone)')
  expect(errorText(ERRORS.InstanceNotFound, '')).toBe('Instance does not exist')
})
