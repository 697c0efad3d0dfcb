import { headerValue, type RawAnswer } from '../conformance/wire/http-bytes.ts'
import { RawConnection } from '../conformance/wire/raw-connection.ts'

/** What came back on one connection. */
export interface Outcome {
  readonly answers: readonly RawAnswer[]
  /** Whether the server ended the connection. */
  readonly ended: boolean
}

interface Sending {
  /** How many answers to take; fewer when the connection ends before. */
  readonly answers?: number
  /** Whether to end the own side after sending. */
  readonly finish?: boolean
}

const ANSWER_WITHIN_MS = 10_000

/** Sends bytes on a fresh connection and takes what comes. @throws Error when nothing comes in time */
export async function send(
  url: URL,
  bytes: Buffer | string,
  { answers = 1, finish = false }: Sending = {},
): Promise<Outcome> {
  const connection = await RawConnection.open(url)
  try {
    connection.write(bytes)
    if (finish) connection.finish()
    const taken: RawAnswer[] = []
    while (taken.length < answers) {
      const answer = await connection.readAnswer({ withinMs: ANSWER_WITHIN_MS })
      if (answer === undefined) break
      taken.push(answer)
    }
    return { answers: taken, ended: connection.isEnded }
  } finally {
    connection.close()
  }
}

/** A request with a body of JSON, or of bytes as they stand. */
export function post(
  { method = 'POST', path, domain }: { readonly method?: string; readonly path: string; readonly domain: string },
  body: unknown,
): Buffer {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: rollcall',
    `X-Domain-Name: ${domain}`,
    'Content-Type: application/json',
    `Content-Length: ${bytes.length}`,
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes])
}

/** A request without a body. */
export function get(path: string, domain: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: rollcall\r\nX-Domain-Name: ${domain}\r\n\r\n`
}

export interface Refusal {
  readonly errorCode: string
  readonly detail: string
}

/**
 * Reads the documented form of a refusal.
 * @throws Error when the answer is not of that form
 */
export function refusalOf({ status, headers, body }: RawAnswer): Refusal {
  const text = body.toString()
  const complain = (what: string) => new Error(`${what}: ${status} ${text.slice(0, 500)}`)
  if (headerValue(headers, 'content-type') !== 'application/json; charset=UTF-8') throw complain('not of the type JSON')
  const document = JSON.parse(text) as Readonly<Record<string, unknown>>
  const members = Object.keys(document).sort().join(' ')
  if (members !== 'detail errCode errMsg errorCode errorMessage') throw complain(`members ${members}`)
  const { errorCode, errCode, errorMessage, errMsg, detail } = document
  if (typeof errorCode !== 'string' || typeof detail !== 'string') throw complain('not texts')
  if (errorCode !== errCode || errorMessage !== errMsg) throw complain('the two spellings differ')
  if (Number(errorCode.slice(0, 3)) !== status) throw complain('the status does not go with the code')
  return { errorCode, detail }
}

/** Asserts that an answer is a success or a refusal in the documented form; nothing of the kind 5xx. */
export function assertDocumented(answer: RawAnswer): void {
  if (answer.status === 200) return
  if (answer.status >= 500 || answer.status < 400)
    throw new Error(`${answer.status} ${answer.body.toString().slice(0, 500)}`)
  refusalOf(answer)
}
