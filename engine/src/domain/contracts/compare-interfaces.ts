import type { Direction, Place } from './compare-schemas.ts'
import { SchemaComparison } from './compare-schemas.ts'
import type { Comparison, ContractChange, JsonObject } from './comparison.ts'
import { step } from './comparison.ts'
import { Findings } from './findings.ts'
import type { Contents, Operation } from './interface-model.ts'
import { InterfaceModel } from './interface-model.ts'

const TEXTS = ['summary', 'description', 'tags', 'externalDocs']

/** Compares two Swagger 2 or OpenAPI 3 documents by what they mean to callers. */
export function compareInterfaces(before: JsonObject, after: JsonObject): Comparison {
  const models = { before: new InterfaceModel(before), after: new InterfaceModel(after) }
  const findings = new Findings()
  const schemas = new SchemaComparison(models, findings)
  const { basePath } = models.after
  if (models.before.basePath !== basePath) {
    const sentence = `All paths began with ${models.before.basePath} and begin with ${basePath} now.`
    findings.add({ kind: 'changed', path: '/basePath', effect: 'breaking', sentence })
  }
  compareKeys(models.before.operations, models.after.operations, {
    both: (was, is) => new OperationComparison(findings, schemas).compare(was, is),
    removed: ({ path, label }) =>
      findings.add({ kind: 'removed', path, effect: 'breaking', sentence: `${label} is gone.` }),
    added: ({ path, label }) =>
      findings.add({ kind: 'added', path, effect: 'compatible', sentence: `${label} is new.` }),
  })
  compareInformation(before, after, findings)
  return { comparedAs: 'interface', changes: findings.changes, isCut: findings.isCut }
}

class OperationComparison {
  readonly #findings: Findings
  readonly #schemas: SchemaComparison

  constructor(findings: Findings, schemas: SchemaComparison) {
    this.#findings = findings
    this.#schemas = schemas
  }

  compare(was: Operation, is: Operation): void {
    const { path, label } = is
    if (was.operationId !== is.operationId) {
      // ServiceComb clients call an operation by this name, not by its path.
      const sentence = `${label} was called ${was.operationId || 'nothing'} and is called ${is.operationId || 'nothing'} now.`
      this.#add({ kind: 'changed', path: step(path, 'operationId'), effect: 'breaking', sentence })
    }
    this.#compareParameters(was, is)
    this.#compareBodies(was, is)
    this.#compareResponses(was, is)
    if (was.node.deprecated !== true && is.node.deprecated === true) {
      this.#add({
        kind: 'changed',
        path: step(path, 'deprecated'),
        effect: 'compatible',
        sentence: `${label} is deprecated.`,
      })
    }
    for (const name of TEXTS) {
      if (JSON.stringify(was.node[name]) === JSON.stringify(is.node[name])) continue
      this.#add({
        kind: 'changed',
        path: step(path, name),
        effect: 'neutral',
        sentence: `${label}: ${name} is different.`,
      })
    }
  }

  #compareParameters(was: Operation, is: Operation): void {
    compareKeys(was.parameters, is.parameters, {
      both: (before, after) => {
        if (before.isRequired !== after.isRequired) {
          const sentence = `${is.label}: ${after.label} ${after.isRequired ? 'must be given now' : 'may be left out now'}.`
          const effect = after.isRequired ? 'breaking' : 'compatible'
          this.#add({ kind: 'changed', path: step(after.path, 'required'), effect, sentence })
        }
        const place: Place = { direction: 'request', path: after.path, label: `${is.label}: ${after.label}` }
        this.#schemas.compare(before.schema, after.schema, place)
      },
      removed: ({ path, label }) => {
        this.#add({
          kind: 'removed',
          path,
          effect: 'breaking',
          sentence: `${is.label} does not take the ${label} any more.`,
        })
      },
      added: ({ path, label, isRequired }) => {
        const sentence = `${is.label} takes a new ${label}, which ${isRequired ? 'must be given' : 'may be left out'}.`
        this.#add({ kind: 'added', path, effect: isRequired ? 'breaking' : 'compatible', sentence })
      },
    })
  }

  #compareBodies({ body: before }: Operation, { body: after, label }: Operation): void {
    if (before === undefined && after === undefined) return
    if (after === undefined) {
      this.#add({
        kind: 'removed',
        path: before?.path ?? '',
        effect: 'breaking',
        sentence: `${label} takes no body any more.`,
      })
      return
    }
    const { path, isRequired } = after
    if (before === undefined) {
      const sentence = `${label} takes a body now, which ${isRequired ? 'must be given' : 'may be left out'}.`
      this.#add({ kind: 'added', path, effect: isRequired ? 'breaking' : 'compatible', sentence })
      return
    }
    if (before.isRequired !== isRequired) {
      const sentence = `${label}: the body ${isRequired ? 'must be given now' : 'may be left out now'}.`
      this.#add({
        kind: 'changed',
        path: step(path, 'required'),
        effect: isRequired ? 'breaking' : 'compatible',
        sentence,
      })
    }
    this.#compareContents(before.contents, after.contents, { direction: 'request', path, label: `${label}: the body` })
  }

  #compareResponses(was: Operation, is: Operation): void {
    const { label } = is
    const at = step(is.path, 'responses')
    compareKeys(named(was.responses), named(is.responses), {
      both: (before, after) => {
        const place = {
          direction: 'response',
          path: step(at, after.code),
          label: `${label}: the answer ${after.code}`,
        } as const
        this.#compareContents(before.contents, after.contents, place)
      },
      removed: ({ code }) => {
        const sentence = `${label} does not answer ${code} any more.`
        this.#add({ kind: 'removed', path: step(at, code), effect: 'breaking', sentence })
      },
      added: ({ code }) => {
        this.#add({
          kind: 'added',
          path: step(at, code),
          effect: 'compatible',
          sentence: `${label} may answer ${code} too.`,
        })
      },
    })
  }

  #compareContents(was: Contents, is: Contents, place: { direction: Direction; path: string; label: string }): void {
    const { path, label } = place
    if (was.size === 0 && is.size > 0) {
      const effect = place.direction === 'request' ? 'breaking' : 'compatible'
      this.#add({ kind: 'added', path, effect, sentence: `${label} has a content now.` })
      return
    }
    const mediaNames = (contents: Contents) =>
      new Map([...contents].map(([media, content]) => [media, { media, ...content }]))
    compareKeys(mediaNames(was), mediaNames(is), {
      both: (before, after) => this.#schemas.compare(before.schema, after.schema, { ...place, path: after.path }),
      removed: ({ media }) => {
        this.#add({
          kind: 'removed',
          path: step(path, media),
          effect: 'breaking',
          sentence: `${label} is not ${media} any more.`,
        })
      },
      added: ({ media }) => {
        this.#add({
          kind: 'added',
          path: step(path, media),
          effect: 'compatible',
          sentence: `${label} may be ${media} too.`,
        })
      },
    })
  }

  #add(change: ContractChange): void {
    this.#findings.add(change)
  }
}

function named(
  responses: ReadonlyMap<string, Contents>,
): Map<string, { readonly code: string; readonly contents: Contents }> {
  return new Map([...responses].map(([code, contents]) => [code, { code, contents }]))
}

/** Texts about the whole document. */
function compareInformation(before: JsonObject, after: JsonObject, findings: Findings): void {
  if (JSON.stringify(before.info) === JSON.stringify(after.info)) return
  findings.add({
    kind: 'changed',
    path: '/info',
    effect: 'neutral',
    sentence: 'The information about the contract is different.',
  })
}

/** Walks through two maps: what was and is, what was, and what is. */
function compareKeys<Value>(
  before: ReadonlyMap<string, Value>,
  after: ReadonlyMap<string, Value>,
  on: {
    readonly both: (was: Value, is: Value) => void
    readonly removed: (was: Value) => void
    readonly added: (is: Value) => void
  },
): void {
  for (const [key, was] of before) {
    const is = after.get(key)
    if (is === undefined) on.removed(was)
    else on.both(was, is)
  }
  for (const [key, is] of after) if (!before.has(key)) on.added(is)
}
