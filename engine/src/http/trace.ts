import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** What lines of the log say of the request that they are about; names as OpenTelemetry's loggers have them. */
export interface Trace {
  readonly requestId: string
  readonly trace_id?: string
  /** The caller's span. */
  readonly span_id?: string
  readonly trace_flags?: string
}

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/
/** Of W3C Trace Context: what later versions add at the end is not looked at. */
const TRACE_PARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/

const known = new WeakMap<IncomingMessage, Trace>()

/**
 * Which request it is: `X-Request-Id` as the client gave it, else the trace of `traceparent`, else a new id, the
 * same whenever it is asked for. Only who writes a line asks: it is no work for requests that nothing is logged about.
 */
export function traceOf(request: IncomingMessage): Trace {
  let trace = known.get(request)
  if (trace === undefined) {
    trace = readTrace(request)
    known.set(request, trace)
  }
  return trace
}

/** The `X-Request-Id` of the client; undefined when there is none, or it could not stand in a header or a line of the log. */
export function givenId({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const asked = headers['x-request-id']
  return typeof asked === 'string' && REQUEST_ID.test(asked) ? asked : undefined
}

function readTrace(request: IncomingMessage): Trace {
  const { headers } = request
  const given = givenId(request)
  const [, version, traceId, spanId, flags, rest] = TRACE_PARENT.exec(String(headers.traceparent ?? '')) ?? []
  const isKnown = traceId !== undefined && spanId !== undefined && flags !== undefined
  if (!isKnown || (version === '00' && rest !== undefined)) return { requestId: given ?? randomUUID() }
  return { requestId: given ?? traceId, trace_id: traceId, span_id: spanId, trace_flags: flags }
}
