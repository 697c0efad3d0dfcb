import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Principal } from '../domain/auth/index.ts'
import type { Tenant } from '../domain/registry/index.ts'
import { fail } from '../kernel/failure.ts'
import { TENANT_PART_LENGTH_MAX } from '../kernel/limits.ts'
import type { Call, Family } from './call.ts'
import type { Params } from './router.ts'
import type { Target } from './target.ts'

/** What is known of a request besides its head. */
interface Facts {
  readonly family: Family
  readonly params: Params
  readonly principal: Principal
  readonly address: string
}

/** The plain values of a request; its body comes later. @throws Failure InvalidParameters for an overlong tenant */
export function callOf(request: IncomingMessage, facts: Facts, { query }: Target): Call {
  const { headers } = request
  const { family, params, principal, address } = facts
  const consumerId = (headers['x-consumerid'] as string | undefined) ?? ''
  const tenant = tenantOf(headers, family, params.project)
  return { principal, address, tenant, params, query, consumerId, accept: headers.accept ?? '', body: undefined }
}

function tenantOf(headers: IncomingHttpHeaders, family: Family, project: string | undefined): Tenant {
  if (family === 'plain') return ''
  const legacy = family === 'v3' ? (headers['x-tenant-name'] as string | undefined) : undefined
  const header = legacy || (headers['x-domain-name'] as string | undefined)
  const tenant = `${header ? utf8(header) : 'default'}/${family === 'v3' ? 'default' : project}`
  if (tenant.length > TENANT_PART_LENGTH_MAX) {
    fail('InvalidParameters', `domain and project together are longer than ${TENANT_PART_LENGTH_MAX} characters`)
  }
  return tenant
}

/** Node hands over header bytes as Latin-1; what was sent is UTF-8. */
function utf8(header: string): string {
  return /[\x80-\xff]/.test(header) ? Buffer.from(header, 'latin1').toString() : header
}

/** Where a request comes from, as the connection says it. */
export function peerAddress({ socket }: IncomingMessage): string {
  const address = socket.remoteAddress ?? ''
  return address.startsWith('::ffff:') ? address.slice(7) : address
}

/** Where a request comes from, as the proxy in front says it: the last of the forwarded addresses is its own word. */
export function forwardedAddress(request: IncomingMessage): string {
  const header = String(request.headers['x-forwarded-for'] ?? '')
  return header.slice(header.lastIndexOf(',') + 1).trim() || peerAddress(request)
}
