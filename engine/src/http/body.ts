import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Decoded } from '@rollcall/protocol/decode'
import { DecodeError, decodeObject } from '@rollcall/protocol/decode'
import { findJsonFault, placeOf } from '@rollcall/protocol/json-fault'
import type { ObjectShape } from '@rollcall/protocol/shape'
import { TxReportError } from '@rollcall/protocol/transactions'
import { Failure, fail } from '../kernel/failure.ts'
import { BODIES_HELD_BYTES_MAX, SMALL_BODY_BYTES_MAX } from '../kernel/limits.ts'
import type { MaybePromise } from '../storage/store.ts'
import type { ReaderSpec } from './call.ts'
import type { BodySink, EngineRequest } from './request.ts'

type Refusal = ReaderSpec['invalid']

/** Reads bodies. What has come of all that are not whole yet is bounded together, or many slow ones would fill the memory. */
export class BodyReader {
  /** Bytes of bodies that are not whole yet. */
  readonly #held = { bytes: 0 }

  /**
   * Reads a whole body and makes something of it, at once when its last byte is there.
   * @throws what `then` throws, and Failure with the given code when the body is longer than `bytesMax`, or TooManyRequests
   * when there is no room for a large one; the rest is then left to be skipped
   */
  read<Result>(
    request: EngineRequest,
    bounds: { readonly bytesMax: number; readonly code: Refusal },
    then: (bytes: Buffer) => MaybePromise<Result>,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      const whole = (bytes: Buffer): void => {
        try {
          const result = then(bytes)
          // Handed to `resolve`, a promise would take two turns more.
          if (result instanceof Promise) result.then(resolve, reject)
          else resolve(result)
        } catch (error) {
          reject(error)
        }
      }
      request.readBody(new Reading({ held: this.#held, ...bounds, whole, refused: reject }))
    })
  }
}

interface ReadingNeeds {
  readonly held: { bytes: number }
  readonly bytesMax: number
  readonly code: Refusal
  readonly whole: (bytes: Buffer) => void
  readonly refused: (failure: Failure) => void
}

/** One body that is coming in. */
class Reading implements BodySink {
  readonly #needs: ReadingNeeds
  #first: Buffer | undefined
  /** What came after the first piece: most bodies are one. */
  #further: Buffer[] = []
  #length = 0
  #isRefused = false

  constructor(needs: ReadingNeeds) {
    this.#needs = needs
  }

  chunk(bytes: Buffer): void {
    if (this.#isRefused) return
    const { held, bytesMax, code } = this.#needs
    const length = this.#length + bytes.length
    if (length > bytesMax) this.#refuse(tooLong(code, bytesMax))
    else if (held.bytes >= BODIES_HELD_BYTES_MAX && length > SMALL_BODY_BYTES_MAX) {
      this.#refuse(new Failure('TooManyRequests', NO_ROOM))
    } else {
      if (this.#first === undefined) this.#first = bytes
      else this.#further.push(bytes)
      this.#length = length
      held.bytes += bytes.length
    }
  }

  end(): void {
    if (this.#isRefused) return
    const first = this.#first ?? NOTHING
    const bytes = this.#further.length === 0 ? first : Buffer.concat([first, ...this.#further])
    this.#release()
    this.#needs.whole(bytes)
  }

  cut(): void {
    if (!this.#isRefused) this.#refuse(new Failure(this.#needs.code, 'the connection ended before the body did'))
  }

  #refuse(failure: Failure): void {
    this.#isRefused = true
    this.#release()
    this.#needs.refused(failure)
  }

  #release(): void {
    this.#needs.held.bytes -= this.#length
    this.#length = 0
    this.#first = undefined
    this.#further = NONE
  }
}

const NOTHING = Buffer.alloc(0)
const NONE: Buffer[] = []

const NO_ROOM = 'large bodies of too many requests are under way; try again in a second'

/**
 * Bodies are taken as they are: what a few compressed bytes become could be any number.
 * @throws Failure with the given code
 */
export function checkPlain({ headers }: IncomingMessage, code: Refusal): void {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity') return
  fail(code, `Content-Encoding: ${encoding} is not accepted; send the body as it is`)
}

/** Service Center's words, where there are any. */
function tooLong(code: Refusal, bytesMax: number): Failure {
  return new Failure(
    code,
    code === 'InvalidParameters' ? 'http: request body too large' : `body: longer than ${bytesMax} bytes`,
  )
}

/**
 * Reads bytes as a JSON document of the given shape.
 * @throws Failure InvalidParameters that says what is wrong and where
 */
export function parseBody(bytes: Buffer, shape: ObjectShape): Decoded {
  if (!isUtf8(bytes)) fail('InvalidParameters', 'the body is not valid UTF-8')
  try {
    return decodeObject(shape, parseJson(bytes.toString()))
  } catch (error) {
    if (error instanceof DecodeError) fail('InvalidParameters', error.message)
    throw error
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return fail('InvalidParameters', `the body is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}

/**
 * Reads bytes as JSON and then with the reader of the route.
 * @throws Failure BodyUndecodable with reason, line and column; or the route's own, naming member and rule
 */
export function parseReport(bytes: Buffer, { read, invalid }: ReaderSpec): unknown {
  const { value, text } = decodeJson(bytes)
  try {
    return read(value, text)
  } catch (error) {
    if (error instanceof DecodeError) fail(error instanceof TxReportError ? error.code : invalid, error.message)
    throw error
  }
}

function decodeJson(bytes: Buffer): { readonly value: unknown; readonly text: string } {
  const text = bytes.toString()
  if (!isUtf8(bytes)) {
    const at = firstDifference(bytes, text)
    const offset = bytes.toString('utf8', 0, at).length
    undecodable(text, `Invalid UTF-8 (byte 0x${bytes[at]?.toString(16)})`, offset)
  }
  try {
    return { value: JSON.parse(text), text }
  } catch (error) {
    const { reason, offset } = findJsonFault(text) ?? { reason: String(error), offset: 0 }
    return undecodable(text, reason, offset)
  }
}

function undecodable(text: string, reason: string, offset: number): never {
  const { line, column } = placeOf(text, offset)
  return fail('BodyUndecodable', `${reason}\n at [Source: request body; line: ${line}, column: ${column}]`)
}

/** Where bytes stop being what their text would be encoded as. */
function firstDifference(bytes: Buffer, text: string): number {
  const encoded = Buffer.from(text)
  let at = 0
  while (at < bytes.length && bytes[at] === encoded[at]) at++
  return at
}
