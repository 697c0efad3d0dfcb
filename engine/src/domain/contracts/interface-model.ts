import type { Json, JsonObject } from './comparison.ts'
import { isObject, members, step, textsOf } from './comparison.ts'

/** An operation, whichever of the two formats it is written in. */
export interface Operation {
  /** Its name for people: `GET /carts/{id}`. */
  readonly label: string
  /** Where it stands in its document. */
  readonly path: string
  readonly operationId: string
  readonly node: JsonObject
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly body: Body | undefined
  readonly responses: ReadonlyMap<string, Contents>
}

interface Parameter {
  readonly label: string
  readonly path: string
  readonly isRequired: boolean
  readonly node: JsonObject
  readonly schema: Json
}

interface Body {
  readonly path: string
  readonly isRequired: boolean
  readonly contents: Contents
}

/** Schemas by media type. */
export type Contents = ReadonlyMap<string, { readonly schema: Json; readonly path: string }>

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']
const REFERENCES_IN_A_ROW_MAX = 32

/** A Swagger 2 or OpenAPI 3 document, read in the way that both share. */
export class InterfaceModel {
  readonly document: JsonObject
  /** What stands before all paths. */
  readonly basePath: string
  /** By method and path, the names of path parameters left out, since callers do not see them. */
  readonly operations: ReadonlyMap<string, Operation>

  constructor(document: JsonObject) {
    this.document = document
    this.basePath = basePathOf(document)
    const operations = new Map<string, Operation>()
    for (const [template, item] of members(document.paths)) {
      const resolved = this.resolve(item)
      if (!isObject(resolved)) continue
      for (const method of METHODS) {
        const node = resolved[method]
        if (!isObject(node)) continue
        const anonymous = template.replaceAll(/\{[^}]*\}/g, '{}')
        operations.set(
          `${method} ${anonymous}`,
          this.#operation({ template, method, node, shared: resolved.parameters }),
        )
      }
    }
    this.operations = operations
  }

  /** Follows references inside the document; what cannot be followed stays the reference. */
  resolve(node: Json | undefined): Json | undefined {
    let current = node
    for (let hops = 0; hops < REFERENCES_IN_A_ROW_MAX; hops++) {
      if (!isObject(current) || typeof current.$ref !== 'string') return current
      const target = this.#at(current.$ref)
      if (target === undefined) return current
      current = target
    }
    return current
  }

  #at(reference: string): Json | undefined {
    if (!reference.startsWith('#/')) return undefined
    let current: Json | undefined = this.document
    for (const part of reference.slice(2).split('/')) {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
      if (!isObject(current) || !Object.hasOwn(current, name)) return undefined
      current = current[name]
    }
    return current
  }

  #operation(found: {
    readonly template: string
    readonly method: string
    readonly node: JsonObject
    readonly shared: Json | undefined
  }): Operation {
    const { template, method, node, shared } = found
    const path = step(step('/paths', template), method)
    const given = [...listOf(shared), ...listOf(node.parameters)].flatMap((entry) => {
      const parameter = this.resolve(entry)
      return isObject(parameter) ? [parameter] : []
    })
    const names = [...template.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? '')
    return {
      label: `${method.toUpperCase()} ${template}`,
      path,
      operationId: typeof node.operationId === 'string' ? node.operationId : '',
      node,
      parameters: new Map(given.filter(isPlain).map((parameter) => parameterOf(parameter, path, names))),
      body: this.#bodyOf(node, path) ?? this.#formOf(given, node, path),
      responses: new Map(
        members(node.responses).map(([code, entry]) => [
          code,
          this.#contents(entry, node, step(step(path, 'responses'), code)),
        ]),
      ),
    }
  }

  /** The request body: a member of its own in OpenAPI 3, a parameter in Swagger 2. */
  #bodyOf(node: JsonObject, path: string): Body | undefined {
    const body = this.resolve(node.requestBody)
    if (isObject(body)) {
      const at = step(path, 'requestBody')
      return { path: at, isRequired: body.required === true, contents: this.#contents(body, node, at) }
    }
    return undefined
  }

  #formOf(given: readonly JsonObject[], node: JsonObject, path: string): Body | undefined {
    const media = textsOf(node.consumes ?? this.document.consumes)
    const at = step(step(path, 'parameters'), 'body')
    const body = given.find((parameter) => parameter.in === 'body')
    if (body !== undefined) {
      const schema = body.schema ?? {}
      return { path: at, isRequired: body.required === true, contents: sameFor(media, schema, at) }
    }
    const fields = given.filter((parameter) => parameter.in === 'formData')
    if (fields.length === 0) return undefined
    const named = fields.map((field) => [String(field.name), field] as const)
    const required = named.filter(([, field]) => field.required === true).map(([name]) => name)
    const schema = { type: 'object', properties: Object.fromEntries(named), required }
    return { path: at, isRequired: required.length > 0, contents: sameFor(media, schema, at) }
  }

  /** Schemas of a body or an answer: by media type in OpenAPI 3, one for all that are produced in Swagger 2. */
  #contents(entry: Json, operation: JsonObject, path: string): Contents {
    const node = this.resolve(entry)
    if (!isObject(node)) return new Map()
    if (isObject(node.content)) {
      return new Map(
        members(node.content).flatMap(([media, content]) => {
          const schema = isObject(content) ? content.schema : undefined
          return schema === undefined
            ? []
            : [[media, { schema, path: step(step(step(path, 'content'), media), 'schema') }]]
        }),
      )
    }
    if (node.schema === undefined) return new Map()
    return sameFor(textsOf(operation.produces ?? this.document.produces), node.schema, step(path, 'schema'))
  }
}

const ANY_MEDIA = 'application/json'

function sameFor(media: readonly string[], schema: Json, path: string): Contents {
  return new Map((media.length === 0 ? [ANY_MEDIA] : media).map((name) => [name, { schema, path }]))
}

function isPlain(parameter: JsonObject): boolean {
  return parameter.in !== 'body' && parameter.in !== 'formData'
}

/** A parameter by its place and name; one of the path by its position, since its name is free. */
function parameterOf(node: JsonObject, path: string, pathNames: readonly string[]): [string, Parameter] {
  const [where, name] = [String(node.in), String(node.name)]
  const key =
    where === 'path' ? `path ${pathNames.indexOf(name)}` : `${where} ${where === 'header' ? name.toLowerCase() : name}`
  const at = step(step(path, 'parameters'), `${where}.${name}`)
  const isRequired = where === 'path' || node.required === true
  return [key, { label: `${where} parameter ${name}`, path: at, isRequired, node, schema: node.schema ?? node }]
}

function basePathOf({ basePath, servers }: JsonObject): string {
  if (typeof basePath === 'string') return trimmed(basePath)
  const [server] = listOf(servers)
  const url = isObject(server) && typeof server.url === 'string' ? server.url : '/'
  return trimmed(url.replace(/^\w+:\/\/[^/]*/, ''))
}

function trimmed(path: string): string {
  return path.replace(/\/$/, '') || '/'
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}
