import type { ServiceKey } from '@rollcall/protocol/documents'
import type { Tenant } from '../registry/index.ts'

/** Where dependencies live in the store: Service Center's etcd layout (its datasource/etcd/path). */
export const PREFIX = '/cse-sr/ms/dep-rules/'

/** Version under which all versions of a provider share their consumers. */
export const ANY_VERSION = '0.0.0+'

/** Key of the list of providers of one consumer version. */
export function consumerRule(tenant: Tenant, key: ServiceKey): string {
  return `${PREFIX}${tenant}/c/${path(key)}/${key.version ?? ''}`
}

/** Key of the list of consumers of one provider name. */
export function providerRule(tenant: Tenant, key: ServiceKey): string {
  return `${PREFIX}${tenant}/p/${path(key)}/${ANY_VERSION}`
}

function path(key: ServiceKey): string {
  return `${key.environment ?? ''}/${key.appId ?? ''}/${key.serviceName ?? ''}`
}
