import type { ApiDocument, Operation } from '@rollcall/engine/http/api/document'
import fc from 'fast-check'
import type { Sent } from '../../conformance/api/described-engine.ts'
import type { Sketch } from './schema-arbitrary.ts'
import { valuesOf } from './schema-arbitrary.ts'

/** A request made up for an operation of the document. */
export interface FuzzRequest extends Sent {
  /** The operation's path and method in the document. */
  readonly path: string
  readonly operationId: string
  /** Whether its target can only be for this operation: no part of the path is empty or has slashes or dots alone. */
  readonly isOnPath: boolean
}

interface Parameter {
  readonly in: string
  readonly name: string
  readonly required: boolean
  readonly schema: Sketch
  readonly example?: string
}

/** Requests for all operations of a document, each as likely as the others. */
export function requestsFor(document: ApiDocument, domain: () => string): fc.Arbitrary<FuzzRequest> {
  const arbitraries = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const one = { path, method: method.toUpperCase(), operation }
      return fc.oneof({ weight: 4, arbitrary: requestsOf(one) }, { weight: 1, arbitrary: examplesOf(one) })
    }),
  )
  const limited = fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) })
  return fc
    .tuple(fc.oneof(...arbitraries), limited)
    .map(([made, isLimited]) => ({ ...inDomain(made, domain), ...(isLimited && { isLimited }) }))
}

interface Case {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

/** A stand-in for the domain of the moment: requests are made before it is known. */
const HERE = 'the domain of the moment'

function inDomain(made: FuzzRequest, domain: () => string): FuzzRequest {
  const headers = { ...made.headers }
  if (headers['X-Domain-Name'] === HERE) headers['X-Domain-Name'] = domain()
  return { ...made, headers }
}

/** The examples of the document as they stand: they keep the scene moving. */
function examplesOf({ path, method, operation }: Case): fc.Arbitrary<FuzzRequest> {
  const { operationId } = operation
  const requests = operation['x-examples'].map(({ target, headers, body }) => {
    const own = { target, headers: { 'X-Domain-Name': HERE, ...headers }, ...(body !== undefined && { body }) }
    return { path, method, operationId, isOnPath: true, ...own }
  })
  return fc.constantFrom(...requests)
}

function requestsOf({ path, method, operation }: Case): fc.Arbitrary<FuzzRequest> {
  const parameters = operation.parameters as readonly Parameter[]
  const at = (place: string) => parameters.filter((parameter) => parameter.in === place)
  return fc
    .record({
      parts: fc.record(Object.fromEntries(at('path').map(({ name, example = '' }) => [name, pathParts(example)]))),
      query: queries(at('query')),
      headers: headersOf(at('header')),
      body: bodies(operation),
    })
    .map(({ parts, query, headers, body }) => {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encoded(parts[name] ?? ''))
      const search = query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&')
      return {
        path,
        method,
        operationId: operation.operationId,
        isOnPath: Object.values(parts).every((part) => part !== '' && !part.includes('/')),
        target: search === '' ? filled : `${filled}?${search}`,
        headers,
        ...(body !== undefined && { text: body }),
      }
    })
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function pathParts(example: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(example) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('nobody', 'web-1', 'root', 'admin', 'reader', 'a,b', '..', '.', '*', ':id', '0'),
    },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 70 }) },
  )
}

function queries(parameters: readonly Parameter[]): fc.Arbitrary<(readonly [string, string])[]> {
  const pairs = parameters.map(({ name, required, schema }) => {
    const pair = valuesOf(schema, name).map((value) => [
      [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
    ])
    return fc.oneof({ weight: required ? 1 : 8, arbitrary: fc.constant([]) }, { weight: 9, arbitrary: pair })
  })
  const other = fc.tuple(fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 8 })).map((pair) => [pair])
  const spice = fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: other })
  return fc.tuple(...pairs, spice).map((lists) => lists.flat() as (readonly [string, string])[])
}

const HEADER_TEXT = fc.stringMatching(/^[\x21-\x7e]{0,40}$/)

function headersOf(parameters: readonly Parameter[]): fc.Arbitrary<Record<string, string>> {
  const own = parameters.filter(({ name }) => !/^X-(?:Domain|Tenant)-Name$/.test(name))
  const values = fc.oneof(fc.constantFrom('web-1', 'cart-1'), HEADER_TEXT)
  const optional = fc.record(Object.fromEntries(own.map(({ name }) => [name, values])), { requiredKeys: [] })
  const domain = fc.oneof(
    { weight: 19, arbitrary: fc.constant(HERE) },
    { weight: 1, arbitrary: HEADER_TEXT.filter((text) => text !== 'default') },
  )
  const credential = fc.oneof(
    { weight: 30, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: HEADER_TEXT.map((authorization) => ({ authorization })) },
    { weight: 1, arbitrary: fc.constant({ authorization: '' }) },
  )
  return fc
    .tuple(optional, domain, credential)
    .map(([some, name, token]) => ({ ...some, 'X-Domain-Name': name, ...token }) as Record<string, string>)
}

/** Bodies as text: mostly what the operation takes, and whatever else could come. */
function bodies({ requestBody, 'x-examples': examples }: Operation): fc.Arbitrary<string | undefined> {
  const junk = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('', '{', 'null', '[]', '{"a":1}{', '"\\ud800"', '1e999', '[[[[[[[[]]]]]]]]'),
  )
  if (requestBody === undefined)
    return fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: junk })
  const { schema } = requestBody.content['application/json']
  const sent = examples.flatMap(({ body }) => (body === undefined ? [] : [JSON.stringify(body)]))
  return fc.oneof(
    { weight: 12, arbitrary: valuesOf(schema as Sketch).map((value) => JSON.stringify(value)) },
    ...(sent.length === 0 ? [] : [{ weight: 3, arbitrary: fc.constantFrom(...sent) }]),
    { weight: 2, arbitrary: junk },
  )
}
