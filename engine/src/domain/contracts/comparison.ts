/** What a change means to those who call the contract. */
export type Effect =
  /** Callers that were written for the contract before may fail. */
  | 'breaking'
  /** They go on as before. */
  | 'compatible'
  /** Only texts for people changed, or it cannot be told. */
  | 'neutral'

export interface ContractChange {
  readonly kind: 'added' | 'removed' | 'changed'
  /** Where: a JSON pointer into the document, or `/lines/12` in a text. */
  readonly path: string
  readonly effect: Effect
  readonly sentence: string
}

/** What is different between two contents of a contract. */
export interface Comparison {
  /** Whether the contents were understood as interfaces, or only as texts. */
  readonly comparedAs: 'interface' | 'text'
  /** Every difference once, breaking ones first. */
  readonly changes: readonly ContractChange[]
  /** Whether there are more than are listed. */
  readonly isCut: boolean
}

/** A content that claims to be an interface, but cannot be read or is too large to be compared. */
export class UnreadableContractError extends Error {
  override readonly name = 'UnreadableContractError'
}

/** Any part of a document. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [name: string]: Json | undefined }

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The members of a value that should be an object; none when it is something else. */
export function members(value: Json | undefined): [string, Json][] {
  return isObject(value)
    ? Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [[name, member]]))
    : []
}

/** The texts of a value that should be a list of texts. */
export function textsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((element) => typeof element === 'string') : []
}

/** One more step of a JSON pointer. */
export function step(path: string, name: string): string {
  return `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
