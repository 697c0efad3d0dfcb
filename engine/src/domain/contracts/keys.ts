import { md5 } from '../../kernel/ids.ts'
import type { ServiceId, Tenant } from '../registry/index.ts'

/** Where contracts live in the store: Service Center's etcd layout (its datasource/etcd/path). */
export const PREFIXES = {
  refs: '/cse-sr/ms/schema-ref/',
  summaries: '/cse-sr/ms/schema-sum/',
  contents: '/cse-sr/ms/schema-content/',
} as const

export const keys = {
  refsOf: (tenant: Tenant, service: ServiceId) => `${PREFIXES.refs}${tenant}/${service}/`,
  ref: (tenant: Tenant, service: ServiceId, schemaId: string) => `${PREFIXES.refs}${tenant}/${service}/${schemaId}`,
  summary: (tenant: Tenant, service: ServiceId, schemaId: string) =>
    `${PREFIXES.summaries}${tenant}/${service}/${schemaId}`,
  content: (tenant: Tenant, hash: string) => `${PREFIXES.contents}${tenant}/${hash}`,
} as const

/** Whose content is stored under a key. A domain may hold slashes, a hash never does. */
export function contentOf(key: string): { readonly tenant: Tenant; readonly hash: string } {
  const at = key.lastIndexOf('/')
  return { tenant: key.slice(PREFIXES.contents.length, at), hash: key.slice(at + 1) }
}

/** Content is stored once per tenant under this name (Service Center's rule). */
export function contentHash(schemaId: string, content: string): string {
  return md5(`${schemaId}: ${content}`)
}
