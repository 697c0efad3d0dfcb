import { gunzipSync } from 'node:zlib'

/** An HTTP answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  /** Names with the capitals they were sent with. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** After transfer and content encoding. */
  readonly body: Buffer
}

interface Taken<T> {
  readonly value: T
  /** How many bytes it took. */
  readonly length: number
}

interface Context {
  /** Answers to HEAD have no body. */
  readonly isHead: boolean
  /** Whether the server has ended the connection, so that nothing more comes. */
  readonly ended: boolean
}

/** Reads the first answer of `bytes`; undefined when it is not complete yet. */
export function takeAnswer(bytes: Buffer, { isHead, ended }: Context): Taken<RawAnswer> | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? Number.NaN)
  if (Number.isNaN(status)) throw new Error(`not an HTTP answer: ${statusLine}`)
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), Buffer.from(line.slice(colon + 1).trim(), 'latin1').toString()] as const
  })
  const rest = bytes.subarray(headEnd + 4)
  const body = isHead || status === 304 || status < 200 ? NO_BODY : takeBody(rest, headers, ended)
  if (body === undefined) return undefined
  const isCompressed = headerValue(headers, 'content-encoding') === 'gzip' && body.value.length > 0
  const value = { status, headers, body: isCompressed ? gunzipSync(body.value) : body.value }
  return { value, length: headEnd + 4 + body.length }
}

const NO_BODY: Taken<Buffer> = { value: Buffer.alloc(0), length: 0 }

/** The value of a header, whatever the capitals of its name; several are joined. */
export function headerValue(headers: RawAnswer['headers'], name: string): string | undefined {
  const values = headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value)
  return values.length === 0 ? undefined : values.join(', ')
}

function takeBody(bytes: Buffer, headers: RawAnswer['headers'], ended: boolean): Taken<Buffer> | undefined {
  if (headerValue(headers, 'transfer-encoding') === 'chunked') return takeChunks(bytes)
  const declared = headerValue(headers, 'content-length')
  if (declared === undefined) return ended ? { value: bytes, length: bytes.length } : undefined
  const length = Number(declared)
  return bytes.length < length ? undefined : { value: bytes.subarray(0, length), length }
}

function takeChunks(bytes: Buffer): Taken<Buffer> | undefined {
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const from = lineEnd + 2
    if (bytes.length < from + size + 2) return undefined
    chunks.push(bytes.subarray(from, from + size))
    at = from + size + 2
    if (size === 0) return { value: Buffer.concat(chunks), length: at }
  }
}

/** A request as bytes, headers in the given order and capitals. */
export function requestBytes(
  { method, path }: { readonly method: string; readonly path: string },
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return Buffer.from(`${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n${body ?? ''}`)
}
