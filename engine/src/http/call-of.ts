import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Call, Family } from './call.ts'
import type { Found } from './lookup.ts'
import type { RowMatch } from './router.ts'
import { tenantOf } from './tenant.ts'

/** The plain values of a request; its body comes later. @throws Failure InvalidParameters for an overlong tenant */
export function callOf(request: IncomingMessage, { route, params }: RowMatch, { target, defaultTenant }: Found): Call {
  const { headers } = request
  const domain = domainOf(headers, route.family)
  return {
    tenant: domain ? tenantOf(utf8(domain), route.family, params.project) : defaultTenant,
    params,
    query: target.query,
    consumerId: (headers['x-consumerid'] as string | undefined) ?? '',
    accept: headers.accept ?? '',
    lastEventId: (headers['last-event-id'] as string | undefined) ?? '',
    body: undefined,
  }
}

/** The domain that a header names; undefined or empty when none does. */
function domainOf(headers: IncomingHttpHeaders, family: Family): string | undefined {
  const legacy = family === 'v3' ? (headers['x-tenant-name'] as string | undefined) : undefined
  return legacy || (headers['x-domain-name'] as string | undefined)
}

/** Node hands over header bytes as Latin-1; what was sent is UTF-8. */
function utf8(header: string): string {
  return /[\x80-\xff]/.test(header) ? Buffer.from(header, 'latin1').toString() : header
}
