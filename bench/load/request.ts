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

/** Numbers that this process has given: a slice of load goes on counting where the one before has ended. */
let given = 0

/** Takes the requests in turn; what never changes is encoded once. */
export function requestSource(specs: readonly RequestSpec[]): RequestSource {
  const makers = specs.map(maker)
  let calls = 0
  return () => {
    const make = makers[calls % makers.length]
    if (make === undefined) throw new Error('a scene without a request')
    calls += 1
    return make()
  }
}

function maker(spec: RequestSpec): () => Buffer {
  if (!`${spec.path}${spec.body ?? ''}`.includes(PLACEHOLDER)) {
    const bytes = encodeRequest(spec)
    return () => bytes
  }
  const { path, body = '', ...rest } = spec
  return () => {
    given += 1
    const number = String(given)
    const parts = { path: path.replaceAll(PLACEHOLDER, number), body: body.replaceAll(PLACEHOLDER, number) }
    return encodeRequest({ ...rest, ...parts })
  }
}

/** The bytes of a request, headers as k6 sends them. */
export function encodeRequest({ method, path, headers = {}, body = '' }: RequestSpec): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1:30100', 'User-Agent: k6/0.40.0 (https://k6.io/)']
  if (method !== 'GET') lines.push(`Content-Length: ${Buffer.byteLength(body)}`)
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}
