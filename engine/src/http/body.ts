import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { Decoded } from '@rollcall/protocol/decode'
import { DecodeError, decodeObject } from '@rollcall/protocol/decode'
import type { ObjectShape } from '@rollcall/protocol/shape'
import { Failure, fail } from '../kernel/failure.ts'

/**
 * Reads a whole body.
 * @throws Failure InvalidParameters when it is longer than `bytesMax`; the rest is then left to be skipped
 */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > bytesMax) reject(failure('http: request body too large'))
      else chunks.push(chunk)
    })
    request.on('end', () => {
      const [first = Buffer.alloc(0)] = chunks
      resolve(chunks.length <= 1 ? first : Buffer.concat(chunks))
    })
    request.on('error', () => reject(failure('the connection ended before the body did')))
  })
}

function failure(detail: string): Failure {
  return new Failure('InvalidParameters', detail)
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
