import type { ApiDocument } from '@rollcall/engine/http/api/document'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Received } from './described-engine.ts'

interface Response {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}

/** Tells whether answers are what the document says of an operation. */
export class AnswerChecker {
  readonly #document: ApiDocument
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  readonly #compiled = new Map<object, ValidateFunction>()

  constructor(document: ApiDocument) {
    this.#document = document
    this.#ajv.addSchema(document as object, 'openapi')
  }

  /** @returns what is wrong; undefined when nothing is */
  complaint(path: string, method: string, { status, mediaType, text }: Received): string | undefined {
    const operation = this.#document.paths[path]?.[method.toLowerCase()]
    const response = operation?.responses[String(status)] as Response | undefined
    if (response === undefined) return `status ${status} is not documented: ${text.slice(0, 300)}`
    if (response.content === undefined) return text === '' ? undefined : `an answer without content says ${text}`
    const content = response.content[mediaType]
    if (content === undefined) return `${mediaType} is not documented for ${status}: ${text.slice(0, 300)}`
    return mediaType === 'application/json' ? this.breach(content.schema, JSON.parse(text)) : undefined
  }

  /** @returns where a value breaks a schema of the document; undefined when it does not */
  breach(schema: object, value: unknown): string | undefined {
    let validate = this.#compiled.get(schema)
    if (validate === undefined) {
      const text = JSON.stringify(schema).replaceAll('"#/components', '"openapi#/components')
      validate = this.#ajv.compile(JSON.parse(text))
      this.#compiled.set(schema, validate)
    }
    return validate(value)
      ? undefined
      : `${this.#ajv.errorsText(validate.errors)}: ${JSON.stringify(value).slice(0, 500)}`
  }
}
