import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { traceOf } from './trace.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const requestWith = (headers: object) => ({ headers }) as IncomingMessage

const WHOLE = { trace_id: TRACE, span_id: SPAN, trace_flags: '01' }

test.each([
  ['the id that the client gave', { 'x-request-id': 'order-7' }, { requestId: 'order-7' }],
  ['the id of the trace', { traceparent: `00-${TRACE}-${SPAN}-01` }, { requestId: TRACE, ...WHOLE }],
  [
    'the id that the client gave, beside the trace',
    { 'x-request-id': 'order-7', traceparent: `00-${TRACE}-${SPAN}-01` },
    { requestId: 'order-7', ...WHOLE },
  ],
  ['the trace of a later version', { traceparent: `01-${TRACE}-${SPAN}-01-more` }, { requestId: TRACE, ...WHOLE }],
])('a request is known by %s', (_, headers, trace) => {
  expect(traceOf(requestWith(headers))).toEqual(trace)
})

test.each([
  ['no header', {}],
  ['an id with a line break', { 'x-request-id': 'a\nb' }],
  ['an id that is too long', { 'x-request-id': 'a'.repeat(129) }],
  ['a trace with capitals', { traceparent: `00-${TRACE.toUpperCase()}-${SPAN}-01` }],
  ['a trace of zeros', { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` }],
  ['a span of zeros', { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01` }],
  ['the version that is none', { traceparent: `ff-${TRACE}-${SPAN}-01` }],
  ['more than version 00 has', { traceparent: `00-${TRACE}-${SPAN}-01-more` }],
])('%s: it gets an id of its own, and keeps it', (_, headers) => {
  const request = requestWith(headers)
  const { requestId, ...rest } = traceOf(request)
  expect(requestId).toMatch(/^[\da-f-]{36}$/)
  expect(rest).toEqual({})
  expect(traceOf(request).requestId).toBe(requestId)
  expect(traceOf(requestWith(headers)).requestId).not.toBe(requestId)
})
