import type { Instance } from '@rollcall/protocol/documents'

/** An address as instances announce it, for example `rest://10.0.0.1:8080?sslEnabled=true`. */
export interface Endpoint {
  /** What comes before `://`. */
  readonly protocol: string
  /** Name or address and, if given, port; IPv6 in brackets. */
  readonly host: string
  readonly parameters: Readonly<Record<string, string>>
}

/** Reads an endpoint; undefined when the text is none. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const [, protocol, host, query = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)\/?(?:\?(.*))?$/i.exec(text) ?? []
  if (protocol === undefined || host === undefined) return undefined
  return { protocol, host, parameters: Object.fromEntries(new URLSearchParams(query)) }
}

/** The URL under which an instance answers HTTP, from its first `rest`, `http` or `https` endpoint. */
export function httpUrl({ endpoints = [] }: Instance): string | undefined {
  for (const text of endpoints) {
    const endpoint = parseEndpoint(text)
    if (endpoint === undefined || !/^(rest|https?)$/.test(endpoint.protocol)) continue
    const isSecure = endpoint.protocol === 'https' || endpoint.parameters.sslEnabled === 'true'
    return `${isSecure ? 'https' : 'http'}://${endpoint.host}`
  }
  return undefined
}
