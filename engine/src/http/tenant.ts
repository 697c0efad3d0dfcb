import type { Tenant } from '../domain/registry/index.ts'
import { fail } from '../kernel/failure.ts'
import { TENANT_PART_LENGTH_MAX } from '../kernel/limits.ts'
import type { Family } from './call.ts'

/** The tenant that a domain and a path stand for. @throws Failure InvalidParameters when it is too long */
export function tenantOf(domain: string, family: Family, project = 'default'): Tenant {
  const tenant = tenantNamed(domain, family, project)
  if (tenant.length > TENANT_PART_LENGTH_MAX) {
    fail('InvalidParameters', `domain and project together are longer than ${TENANT_PART_LENGTH_MAX} characters`)
  }
  return tenant
}

/** The same, however long it is. */
export function tenantNamed(domain: string, family: Family, project = 'default'): Tenant {
  return family === 'plain' ? '' : `${domain}/${family === 'v3' ? 'default' : project}`
}
