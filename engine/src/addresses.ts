import { hostname } from 'node:os'

/** A name that others can connect to, for a host that is listened on. */
export function reachableHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? hostname() : urlHost(host)
}

/** A host as it stands in addresses. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
