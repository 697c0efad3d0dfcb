import type { AnyErrorName, CatalogueEntry } from '@rollcall/protocol/error-guide'
import { CATALOGUE } from '@rollcall/protocol/error-guide'
import { ERRORS, errorStatus, MONITORING_ERRORS } from '@rollcall/protocol/errors'
import type { Family } from '../call.ts'
import { refusalBody } from '../errors.ts'
import { COMPONENTS } from './answers.ts'
import type { Content, Example, Parameter } from './description.ts'
import type { DescribedRow, Table } from './groups.ts'
import { GROUPS, pathOf } from './groups.ts'
import { PATH_PARTS, parameter } from './parameters.ts'
import { refusalsOf } from './refusals.ts'
import { sampleOf } from './sample.ts'
import { PLACES, SCENE } from './scene.ts'
import type { Schema } from './schema.ts'
import { ref, schemaOf, text } from './schema.ts'

/** An operation of the document, as far as it is read again here and by tests. */
export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly 'x-summary-zh': string
  readonly deprecated?: true
  readonly security: readonly object[]
  readonly parameters: readonly object[]
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } }
  readonly responses: Readonly<Record<string, object>>
  /** Whole requests with what is answered. */
  readonly 'x-examples': readonly SentExample[]
}

/** A whole request with what is answered. */
export interface SentExample {
  readonly name: string
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly status: number
  readonly code?: string
}

export interface ApiDocument {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly [other: string]: unknown
}

const INTRODUCTION = `The API of this engine, which is the API of Huawei Cloud CSE and of Apache ServiceComb Service Center.
A request belongs to a tenant: its project stands in the path, its domain in the header X-Domain-Name (default: default).
Examples make sense in the scene that x-scene names; each can be sent as it stands.`

/** The OpenAPI 3.1 document of the rows; those that nobody has described are named in `x-undescribed`. */
export function documentOf({ described, missing }: Table, version: string): ApiDocument {
  const isClosed = described.some(({ row }) => row.path === '/v4/token')
  const paths: Record<string, Record<string, Operation>> = {}
  for (const one of described) {
    const path = pathOf(one.row)
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operationOf(one, isClosed) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Rollcall',
      version,
      summary: 'A microservice engine',
      description: INTRODUCTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'this engine' }],
    tags: GROUPS.map(({ name, title: [english, chinese] }) => ({
      name,
      description: english,
      'x-description-zh': chinese,
    })),
    paths,
    'x-undescribed': missing,
    'x-scene': SCENE,
    components: {
      schemas: COMPONENTS,
      examples: Object.fromEntries(CATALOGUE.flatMap(errorExamples)),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token of POST /v4/token' } },
    },
  }
}

function operationOf(one: DescribedRow, isClosed: boolean): Operation {
  const { row, group, description, isLegacy } = one
  const { id, summary, examples } = description
  const body = bodySchema(one)
  const sent = examples.map((example) => sentExample(one, example))
  return {
    operationId: isLegacy ? `${id}Legacy` : id,
    tags: [group.name],
    summary: summary[0],
    'x-summary-zh': summary[1],
    ...(isLegacy && { deprecated: true }),
    security: isClosed && row.permission !== 'public' ? [{ token: [] }] : [],
    parameters: parametersOf(one),
    ...(body !== undefined && { requestBody: requestBody(body, sent) }),
    responses: { ...goodAnswers(one), ...refusedAnswers(one) },
    'x-examples': sent,
  }
}

function bodySchema({ row, description }: DescribedRow): Schema | undefined {
  const body = 'body' in row ? row.body : undefined
  if (body === undefined) return undefined
  return description.body ?? ('shape' in body ? schemaOf(body.shape) : { type: 'object' })
}

function requestBody(schema: Schema, sent: readonly SentExample[]) {
  const good = sent.filter(({ body, status }) => body !== undefined && status < 400)
  const examples = Object.fromEntries(
    good.map(({ name, body }) => [name.replaceAll(/[^\w.-]/g, '-'), { summary: name, value: body }]),
  )
  return { required: true, content: { 'application/json': { schema, examples } } }
}

function parametersOf({ row, description }: DescribedRow): readonly object[] {
  const inPath = [...row.path.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    const about = PATH_PARTS[name] ?? [name, name]
    return { in: 'path', name, required: true, ...said({ about, schema: text }), example: PLACES[name] }
  })
  const described = (place: string, parameters: Readonly<Record<string, Parameter>> = {}) =>
    Object.entries(parameters).map(([name, one]) => ({
      in: place,
      name,
      required: one.isRequired === true,
      ...said(one),
    }))
  return [
    ...inPath,
    ...described('query', description.query),
    ...described('header', { ...tenantHeader(row.family), ...description.headers }),
  ]
}

const DOMAIN = parameter(['Domain of the tenant; absent: default', '租户的域；缺省为 default'])

function tenantHeader(family: Family): Readonly<Record<string, Parameter>> {
  if (family === 'plain') return {}
  return family === 'v3' ? { 'X-Tenant-Name': DOMAIN } : { 'X-Domain-Name': DOMAIN }
}

function said({ about: [english, chinese], schema }: Parameter) {
  return { description: english, 'x-description-zh': chinese, schema }
}

function goodAnswers({ description }: DescribedRow): Readonly<Record<string, object>> {
  const { answers, answerHeaders = {} } = description
  const headers = Object.fromEntries(
    Object.entries(answerHeaders).map(([name, [english, chinese]]) => [
      name,
      { description: english, 'x-description-zh': chinese, schema: text },
    ]),
  )
  const entries = Object.entries(answers).map(([status, content]) => {
    const meaning = MEANINGS[status] ?? 'Refused'
    return [
      status,
      { description: meaning, ...(Object.keys(headers).length > 0 && { headers }), ...contentOf(content) },
    ] as const
  })
  return Object.fromEntries(entries)
}

const MEANINGS: Readonly<Record<string, string>> = {
  101: 'The connection is a WebSocket now',
  200: 'Done',
  304: 'Nothing changed',
  400: 'Refused',
  503: 'Not now',
}

function contentOf(content: Content): object {
  if (content === 'nothing') return {}
  if (typeof (content as { mediaType?: unknown }).mediaType === 'string') {
    return { content: { [(content as { mediaType: string }).mediaType]: { schema: text } } }
  }
  const schema = content as Schema
  return { content: { 'application/json': { schema, example: sampleOf(schema) } } }
}

/** Refusals by status, each with its codes. A status that is described already keeps what else it carries. */
function refusedAnswers(one: DescribedRow): Readonly<Record<string, object>> {
  const byStatus = Map.groupBy(refusalsOf(one), (entry) => errorStatus(entry))
  const good = goodAnswers(one)
  return Object.fromEntries(
    [...byStatus].map(([status, entries]) => {
      const { content = {} } = (good[status] ?? {}) as { content?: object }
      const description = [...new Set(entries.map(({ code, text: words }) => `${code} ${words}`))].join('; ')
      return [
        String(status),
        { description, content: { ...content, 'application/json': refusedContent(entries, one.row.family) } },
      ]
    }),
  )
}

function refusedContent(entries: readonly CatalogueEntry[], family: Family): object {
  const forms = Map.groupBy(entries, (entry) => formOf(entry, family))
  const schemas = [...forms].map(([form, those]) => {
    const member = form === 'Error' ? 'errorCode' : 'error_code'
    const codes = [...new Set(those.map(({ code }) => code))]
    return { allOf: [ref(form), { type: 'object', properties: { [member]: { enum: codes } } }] }
  })
  const examples = entries.map((entry) => [
    entry.name,
    { $ref: `#/components/examples/${exampleName(entry.name, formOf(entry, family))}` },
  ])
  return { schema: schemas.length === 1 ? schemas[0] : { anyOf: schemas }, examples: Object.fromEntries(examples) }
}

type Form = 'Error' | 'MonitoringError' | 'MonitoringReadError'

function formOf(entry: CatalogueEntry, family: Family): Form {
  if (family === 'monitoring-v3') return 'MonitoringReadError'
  return Object.hasOwn(MONITORING_ERRORS, entry.name) ? 'MonitoringError' : 'Error'
}

function exampleName(name: AnyErrorName, form: Form): string {
  return form === 'MonitoringReadError' ? `${name}.read` : name
}

/** An error in each form that it can have. */
function errorExamples(entry: CatalogueEntry): readonly (readonly [string, object])[] {
  const row = { ...ERRORS, ...MONITORING_ERRORS }[entry.name]
  const families = ['v4', 'monitoring-v3'] as const
  return families.map((family) => {
    const value = refusalBody(row, entry.causes[0]?.[0] ?? '', family)
    return [exampleName(entry.name, formOf(entry, family)), { summary: entry.text, value }] as const
  })
}

function sentExample({ row, method }: DescribedRow, example: Example): SentExample {
  const { name, params = {}, query = {}, headers = {}, body, status = 200, refused } = example
  const path = row.path.replaceAll(/:(\w+)/g, (_, part: string) =>
    encodeURIComponent(params[part] ?? PLACES[part] ?? part),
  )
  const search = new URLSearchParams(query).toString()
  const entry = CATALOGUE.find((known) => known.name === refused)
  return {
    name,
    method,
    target: search === '' ? path : `${path}?${search}`,
    headers,
    ...(body !== undefined && { body }),
    status: entry === undefined ? status : errorStatus(entry),
    ...(entry !== undefined && { code: entry.code }),
  }
}
