import type { AnyErrorName } from '@rollcall/protocol/error-guide'
import type { Words } from '@rollcall/protocol/words'
import type { Schema } from './schema.ts'

/** A part of the query, or a header, that a request may have. */
export interface Parameter {
  readonly schema: Schema
  readonly about: Words
  readonly isRequired?: true
}

/** A request that can be sent as it stands to an engine that knows the scene (`scene.ts`). */
export interface Example {
  readonly name: string
  /** Parts of the path that are others than the scene's. */
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** What is answered; absent: 200. */
  readonly status?: number
  /** What it is refused with; the status then follows. */
  readonly refused?: AnyErrorName
}

/** What an answer carries: a document, text of another type, or nothing. */
export type Content = Schema | { readonly mediaType: string } | 'nothing'

/** What people and programs should know of a row of the route table besides the row itself. */
export interface Description {
  /** Its name in generated clients. */
  readonly id: string
  readonly summary: Words
  readonly query?: Readonly<Record<string, Parameter>>
  readonly headers?: Readonly<Record<string, Parameter>>
  /** The body, where the row has a reader of its own; bodies with a shape describe themselves. */
  readonly body?: Schema
  /** What each good status carries. */
  readonly answers: Readonly<Record<number, Content>>
  /** Headers of the good answers. */
  readonly answerHeaders?: Readonly<Record<string, Words>>
  /** Refusals besides those that every row like it can give (`refusals.ts`). */
  readonly refusals?: readonly AnyErrorName[]
  readonly examples: readonly Example[]
}

/** Rows about one thing; the key is `METHOD path`, as in the route table. */
export interface Group {
  readonly name: string
  readonly title: Words
  readonly rows: Readonly<Record<string, Description>>
}

/** An answer that says no more than that it is done. */
export const DONE: Readonly<Record<number, Content>> = { 200: 'nothing' }
