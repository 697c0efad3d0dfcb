import { parse } from 'yaml'
import type { JsonObject } from '../domain/contracts/index.ts'
import { UnreadableContractError } from '../domain/contracts/index.ts'
import { DOCUMENT_ALIASES_MAX, DOCUMENT_DEPTH_MAX, DOCUMENT_PARTS_MAX } from '../kernel/limits.ts'

/** Texts in which an interface says what it is. */
const CLAIM = /(?:^|[{,\s])["']?(?:swagger|openapi)["']?\s*:/

/**
 * Reads a contract as Swagger or OpenAPI; undefined when it is something else.
 * @throws UnreadableContractError when it claims to be one and cannot be read, or is larger than can be compared
 */
export function readDocument(text: string): JsonObject | undefined {
  if (!CLAIM.test(text)) return undefined
  const value = parseText(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  if (!('swagger' in value || 'openapi' in value)) return undefined
  checkSize(value)
  return value as JsonObject
}

function parseText(text: string): unknown {
  try {
    if (text.trimStart().startsWith('{')) return JSON.parse(text)
  } catch {
    // A mapping in braces may be YAML as well, and that parser says more about what is wrong.
  }
  try {
    return parse(text, { maxAliasCount: DOCUMENT_ALIASES_MAX, logLevel: 'error' })
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(error)
    const [reason = ''] = error instanceof Error ? error.message.split('\n') : []
    throw new UnreadableContractError(`is not sound YAML or JSON: ${reason.replace(/:$/, '')}`, { cause: error })
  }
}

/** Parts that are shared by aliases count as often as they are shown, so that a small text cannot unfold without end. */
function checkSize(document: object): void {
  let parts = 0
  const open: { readonly value: object; readonly depth: number }[] = [{ value: document, depth: 1 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.depth > DOCUMENT_DEPTH_MAX) throw tooDeep()
    for (const member of Object.values(next.value)) {
      if (++parts > DOCUMENT_PARTS_MAX) throw new UnreadableContractError(`has more than ${DOCUMENT_PARTS_MAX} parts`)
      if (typeof member === 'object' && member !== null) open.push({ value: member, depth: next.depth + 1 })
    }
  }
}

function tooDeep(cause?: unknown): UnreadableContractError {
  return new UnreadableContractError(`is nested deeper than ${DOCUMENT_DEPTH_MAX} levels`, { cause })
}
