import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent, request as requestPlain } from 'node:http'
import { request as requestSecure, Agent as SecureAgent } from 'node:https'
import type { Clock } from '../kernel/clock.ts'
import { QUOTA_ANSWER_BYTES_MAX, QUOTA_CONNECTIONS_MAX } from '../kernel/limits.ts'

interface Needs {
  readonly timeoutMs: number
  readonly clock: Clock
}

/** Asks an HTTP server for JSON, over connections that stay open. */
export class Questions {
  readonly #timeoutMs: number
  readonly #clock: Clock
  readonly #plain = new Agent({ keepAlive: true, maxSockets: QUOTA_CONNECTIONS_MAX })
  readonly #secure = new SecureAgent({ keepAlive: true, maxSockets: QUOTA_CONNECTIONS_MAX })

  constructor({ timeoutMs, clock }: Needs) {
    this.#timeoutMs = timeoutMs
    this.#clock = clock
  }

  /** The decoded body of a 200. Rejects with an Error that says in words what was wrong. */
  get(url: URL): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let current: ClientRequest | undefined
      const deadline = this.#clock.after(this.#timeoutMs, () => {
        settle(() => reject(new Error(`it gave no answer within ${this.#timeoutMs} ms`)))
        current?.destroy()
      })
      const settle = (outcome: () => void) => {
        deadline.stop()
        outcome()
      }
      const attempt = (isRepeated: boolean) => {
        const request = this.#request(url)
        current = request
        request.on('response', (response) => {
          readJson(response).then(
            (value) => settle(() => resolve(value)),
            (error: Error) => {
              request.destroy()
              settle(() => reject(error))
            },
          )
        })
        request.on('error', (error: NodeJS.ErrnoException) => {
          // The server had closed an idle connection just when it was used: nothing was asked yet.
          if (request.reusedSocket && error.code === 'ECONNRESET' && !isRepeated) attempt(true)
          else settle(() => reject(new Error(`it cannot be reached: ${error.message}`, { cause: error })))
        })
        request.end()
      }
      attempt(false)
    })
  }

  #request(url: URL): ClientRequest {
    const headers = { Accept: 'application/json' }
    return url.protocol === 'https:'
      ? requestSecure(url, { agent: this.#secure, headers })
      : requestPlain(url, { agent: this.#plain, headers })
  }
}

async function readJson(response: IncomingMessage): Promise<unknown> {
  if (response.statusCode !== 200) throw new Error(`it answered with status ${response.statusCode}`)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > QUOTA_ANSWER_BYTES_MAX) throw new Error(`its answer is longer than ${QUOTA_ANSWER_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  if (!response.complete) throw new Error('its answer broke off')
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch (cause) {
    throw new Error('its answer is not JSON', { cause })
  }
}
