/**
 * The only error that rules throw on purpose: a code, named by the module that owns the rule, and a sentence that says
 * what it is about. The edge turns the code into a status and a body; the domain knows neither.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: string
  readonly detail: string

  constructor(code: string, detail: string) {
    super(`${code}: ${detail}`)
    this.code = code
    this.detail = detail
  }
}

/** Refuses a request. `Code` is the caller's union of codes, so that a misspelt one does not compile. */
export function fail<Code extends string>(code: Code, detail: string): never {
  // A refusal is an answer, not a defect: nobody reads its stack, and taking one costs more than the rule itself.
  const depth = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const failure = new Failure(code, detail)
  Error.stackTraceLimit = depth
  throw failure
}
