import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Tenant } from '../domain/registry/index.ts'
import { fail } from '../kernel/failure.ts'
import { TENANT_PART_LENGTH_MAX } from '../kernel/limits.ts'
import type { Call, Family } from './call.ts'
import type { Params } from './router.ts'
import type { Target } from './target.ts'

/** The plain values of a request; its body comes later. @throws Failure InvalidParameters for an overlong tenant */
export function callOf(
  request: IncomingMessage,
  { family, params }: { readonly family: Family; readonly params: Params },
  { query }: Target,
): Call {
  const { headers } = request
  const consumerId = (headers['x-consumerid'] as string | undefined) ?? ''
  const tenant = tenantOf(headers, family, params.project)
  return { tenant, params, query, consumerId, accept: headers.accept ?? '', body: undefined }
}

function tenantOf(headers: IncomingHttpHeaders, family: Family, project: string | undefined): Tenant {
  if (family === 'plain') return ''
  const legacy = family === 'v3' ? (headers['x-tenant-name'] as string | undefined) : undefined
  const header = legacy || (headers['x-domain-name'] as string | undefined)
  const tenant = `${header ? utf8(header) : 'default'}/${family === 'v3' ? 'default' : (project ?? 'default')}`
  if (tenant.length > TENANT_PART_LENGTH_MAX) {
    fail('InvalidParameters', `domain and project together are longer than ${TENANT_PART_LENGTH_MAX} characters`)
  }
  return tenant
}

/** Node hands over header bytes as Latin-1; what was sent is UTF-8. */
function utf8(header: string): string {
  return /[\x80-\xff]/.test(header) ? Buffer.from(header, 'latin1').toString() : header
}
