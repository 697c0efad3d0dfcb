import type { Operation } from '@rollcall/engine/http/api/document'
import { GROUPS } from '@rollcall/engine/http/api/groups'
import { CATALOGUE } from '@rollcall/protocol/error-guide'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AnswerChecker } from './answer-checker.ts'
import { DescribedEngine } from './described-engine.ts'

const engine = await DescribedEngine.start()
const checker = new AnswerChecker(engine.document)

afterAll(() => engine.stop())

interface Case {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

const CASES: readonly Case[] = Object.entries(engine.document.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
)

describe('the API document', () => {
  test('keeps the schema of OpenAPI 3.1', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(structuredClone(engine.document))
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
    expect(validator.version).toBe('3.1')
  })

  test('names every operation once', () => {
    const ids = CASES.map(({ operation }) => operation.operationId)
    expect(ids.length).toBeGreaterThan(100)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('describes every row of the route table, and no row that is not there', () => {
    expect(engine.document['x-undescribed']).toEqual([])
    const told = GROUPS.flatMap(({ rows }) => Object.values(rows).map(({ id }) => id))
    const shown = CASES.filter(({ operation }) => operation.deprecated !== true)
    expect(shown.map(({ operation }) => operation.operationId).sort()).toEqual(told.sort())
  })

  test('says of every error which requests can give it', async () => {
    const { text } = await engine.send({ method: 'GET', target: '/v4/errors' })
    const { errors } = JSON.parse(text) as { errors: { code: string; requests: string[] }[] }
    expect(errors.map(({ code }) => code)).toEqual(CATALOGUE.map(({ code }) => code))
    expect(errors.filter(({ requests }) => requests.length === 0)).toEqual([])
  })

  test('has every error of the catalogue', () => {
    const text = JSON.stringify(CASES.map(({ operation }) => operation.responses))
    expect(CATALOGUE.filter(({ name }) => !text.includes(`"${name}":`)).map(({ name }) => name)).toEqual([])
  })

  test.each(CASES)('its samples of $method $path are of the form that it promises', ({ operation }) => {
    const breaches = Object.values(operation.responses).flatMap((response) => {
      const { content = {} } = response as { content?: Record<string, { schema: object; example?: unknown }> }
      return Object.values(content).flatMap(({ schema, example }) =>
        example === undefined ? [] : [checker.breach(schema, example)],
      )
    })
    expect(breaches.filter((breach) => breach !== undefined)).toEqual([])
  })
})

const SOCKETS = CASES.filter(({ operation }) => operation.responses['101'] !== undefined)

test.each(SOCKETS)('$path becomes a WebSocket', async ({ operation }) => {
  const domain = `socket-${operation.operationId}`
  await engine.lay(domain)
  const [example] = operation['x-examples']
  expect(await engine.upgrade(example?.target ?? '', domain)).toBe(101)
})

describe.each(CASES)('$method $path', ({ path, method, operation }) => {
  let domain = ''

  beforeAll(() => {
    domain = operation.operationId
  })

  test.each(operation['x-examples'])('$name', async ({ name, target, headers, body, status, code }) => {
    const own = `${domain}-${name.replaceAll(/\W/g, '-')}`
    await engine.lay(own)
    const answer = await engine.send({ method, target, headers: { 'X-Domain-Name': own, ...headers }, body })
    expect({ status: answer.status, text: answer.text }).toMatchObject({
      status,
      ...(code !== undefined && { text: expect.stringContaining(`"${code}"`) }),
    })
    expect(checker.complaint(path, method, answer)).toBeUndefined()
  })
})

test('no example makes the engine fail', () => {
  expect(engine.defects).toEqual([])
})
