import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Principal } from '../domain/auth/index.ts'
import type { Call, Family } from './call.ts'
import type { Found } from './lookup.ts'
import type { RowMatch } from './router.ts'
import { tenantOf } from './tenant.ts'

type Head = Pick<IncomingMessage, 'headers'>

/** What is known of a request besides its head. */
interface Facts {
  readonly match: RowMatch
  readonly found: Found
  readonly principal: Principal
  readonly address: string
}

/** The plain values of a request; its body comes later. @throws Failure InvalidParameters for an overlong tenant */
export function callOf({ headers }: Head, { match, found, principal, address }: Facts): Call {
  const { route, params } = match
  const domain = domainOf(headers, route.family)
  return {
    principal,
    address,
    tenant: domain === undefined ? found.defaultTenant : tenantOf(domain, route.family, params.project),
    params,
    query: found.target.query,
    consumerId: (headers['x-consumerid'] as string | undefined) ?? '',
    authorization: headers.authorization ?? '',
    accept: headers.accept ?? '',
    lastEventId: (headers['last-event-id'] as string | undefined) ?? '',
    body: undefined,
  }
}

/** The domain that a header names; undefined when none does. */
export function domainOf(headers: IncomingHttpHeaders, family: Family): string | undefined {
  const legacy = family === 'v3' ? (headers['x-tenant-name'] as string | undefined) : undefined
  const named = legacy || (headers['x-domain-name'] as string | undefined)
  return named ? utf8(named) : undefined
}

/** Node hands over header bytes as Latin-1; what was sent is UTF-8. */
function utf8(header: string): string {
  return /[\x80-\xff]/.test(header) ? Buffer.from(header, 'latin1').toString() : header
}

/** How the address of a request is found; not at all when nobody asks for it, since that takes a system call. */
export function addressReader(isAsked: boolean, trustForwarded: boolean): (request: IncomingMessage) => string {
  if (!isAsked) return () => ''
  return trustForwarded ? forwardedAddress : peerAddress
}

/** Where a request comes from, as the connection says it. */
function peerAddress({ socket }: IncomingMessage): string {
  return addressOf(socket)
}

/** The other end of a connection. */
export function addressOf({ remoteAddress = '' }: Socket): string {
  return remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress
}

/** Where a request comes from, as the proxy in front says it: the last of the forwarded addresses is its own word. */
export function forwardedAddress(request: IncomingMessage): string {
  const header = String(request.headers['x-forwarded-for'] ?? '')
  return header.slice(header.lastIndexOf(',') + 1).trim() || peerAddress(request)
}
