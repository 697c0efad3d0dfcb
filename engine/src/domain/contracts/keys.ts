import { md5 } from '../../kernel/ids.ts'
import type { ServiceId, Tenant } from '../registry/index.ts'

/** Where contracts live in the store: Service Center's etcd layout (its datasource/etcd/path). */
export const PREFIXES = { refs: '/cse-sr/ms/schema-ref/', summaries: '/cse-sr/ms/schema-sum/' } as const

const CONTENTS = '/cse-sr/ms/schema-content/'

export const keys = {
  refsOf: (tenant: Tenant, service: ServiceId) => `${PREFIXES.refs}${tenant}/${service}/`,
  ref: (tenant: Tenant, service: ServiceId, schemaId: string) => `${PREFIXES.refs}${tenant}/${service}/${schemaId}`,
  summary: (tenant: Tenant, service: ServiceId, schemaId: string) =>
    `${PREFIXES.summaries}${tenant}/${service}/${schemaId}`,
  content: (tenant: Tenant, hash: string) => `${CONTENTS}${tenant}/${hash}`,
} as const

/** Content is stored once per tenant under this name (Service Center's rule). */
export function contentHash(schemaId: string, content: string): string {
  return md5(`${schemaId}: ${content}`)
}
