/** A request of a scene. `%n%` in path or body stands for a number that is new with each call. */
export interface RequestSpec {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Hands out the bytes to send next. */
export type RequestSource = () => Buffer

const PLACEHOLDER = '%n%'

/** Takes the requests in turn; what never changes is encoded once. */
export function requestSource(specs: readonly RequestSpec[]): RequestSource {
  const makers = specs.map(maker)
  let calls = 0
  return () => {
    const make = makers[calls % makers.length]
    if (make === undefined) throw new Error('a scene without a request')
    calls += 1
    return make(calls)
  }
}

function maker(spec: RequestSpec): (call: number) => Buffer {
  if (!`${spec.path}${spec.body ?? ''}`.includes(PLACEHOLDER)) {
    const bytes = encodeRequest(spec)
    return () => bytes
  }
  return (call) => {
    const { body, ...rest } = spec
    const path = spec.path.replaceAll(PLACEHOLDER, String(call))
    return encodeRequest({ ...rest, path, ...(body && { body: body.replaceAll(PLACEHOLDER, String(call)) }) })
  }
}

/** The bytes of a request, headers as k6 sends them. */
export function encodeRequest({ method, path, headers = {}, body = '' }: RequestSpec): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1:30100', 'User-Agent: k6/0.40.0 (https://k6.io/)']
  if (method !== 'GET') lines.push(`Content-Length: ${Buffer.byteLength(body)}`)
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}
