import { adapted, type Difference, type Expectation } from './expectation.ts'
import { parsed } from './frame-bytes.ts'
import { headerValue, type RawAnswer, requestBytes } from './http-bytes.ts'
import { compareAnswer } from './matcher.ts'
import { Bindings, freshAddress, freshWord, TRANSCRIPT_GRAMMAR } from './placeholders.ts'
import { RawConnection } from './raw-connection.ts'
import { SocketSteps } from './socket-steps.ts'
import type { Answer, Case, Step, Transcript } from './transcript.ts'

/** Where and how strictly to play. */
export interface Target {
  readonly url: URL
  readonly differences: readonly Difference[]
  /** How long any GET may be repeated until its answer is right; the original needs 2.5 s. */
  readonly patienceMs: number
}

export interface CaseReport {
  readonly name: string
  readonly outcome: 'passed' | 'failed'
  /** What is wrong. */
  readonly reason?: string
  readonly expected?: Answer
  readonly got?: Answer
}

const REPEAT_EVERY_MS = 50

/** Headers that every recorded answer shows when it has them. */
const HEADERS_SHOWN = [
  'content-type',
  'allow',
  'x-resource-revision',
  'x-schema-summary',
  'deprecation',
  'location',
  'content-encoding',
  'access-control-allow-origin',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'sec-websocket-version',
]

/** Plays one scenario against a server and reports every case. */
export async function playTranscript(transcript: Transcript, target: Target): Promise<CaseReport[]> {
  const play = new Play(transcript, target)
  const reports: CaseReport[] = []
  try {
    for (const played of transcript.cases) reports.push(await play.report(played))
  } finally {
    play.close()
  }
  return reports
}

class Play {
  readonly #transcript: Transcript
  readonly #target: Target
  readonly #sockets: SocketSteps
  readonly #bindings = new Bindings(TRANSCRIPT_GRAMMAR, { run: freshWord(), ip: freshAddress() })
  #connection: RawConnection | undefined

  constructor(transcript: Transcript, target: Target) {
    this.#transcript = transcript
    this.#target = target
    this.#sockets = new SocketSteps(target.url)
  }

  close(): void {
    this.#connection?.close()
    this.#sockets.closeAll()
  }

  async report(played: Case): Promise<CaseReport> {
    const { name, waitMs = 0 } = played
    const { scenario } = this.#transcript
    if (waitMs > 0) await pause(waitMs)
    const expectation = adapted({ scenario, played }, this.#target.differences)
    try {
      return await this.#play(played, expectation)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return { name, outcome: 'failed', reason: message, expected: expectation.answer }
    }
  }

  async #play(played: Case, expectation: Expectation): Promise<CaseReport> {
    const { name, request, withinMs = 0 } = played
    const patienceMs = request.method === 'GET' ? this.#target.patienceMs : 0
    const until = performance.now() + Math.max(withinMs, patienceMs)
    for (;;) {
      const got = await this.#answerTo(played, expectation)
      const saved = this.#bindings.save()
      const wrong = compareAnswer(expectation.answer, got, { ...expectation, bindings: this.#bindings })
      if (wrong === undefined) return { name, outcome: 'passed' }
      this.#bindings.restore(saved)
      if (performance.now() >= until)
        return { name, outcome: 'failed', reason: wrong, expected: expectation.answer, got }
      await pause(REPEAT_EVERY_MS)
    }
  }

  async #answerTo(played: Case, expectation: Expectation): Promise<Answer> {
    const { request, alsoHeaders = [] } = played
    const shown = new Set([...HEADERS_SHOWN, ...alsoHeaders])
    switch (request.method) {
      case 'WS-OPEN': {
        const { connection = '', path = '' } = request
        const answer = await this.#sockets.open(connection, this.#bindings.expand(path), this.#headers(request))
        const headers = Object.entries(answer.headers ?? {}).filter(([name]) => shown.has(name))
        return { ...answer, headers: Object.fromEntries(headers) }
      }
      case 'WS-RECEIVE':
        return { frames: await this.#sockets.receive(request) }
      case 'WS-SEND':
        this.#sockets.send({ ...request, data: this.#bindings.expand(request.data ?? '') })
        return { frames: [] }
      case 'WS-CLOSE':
        return { frames: await this.#sockets.close(request) }
      default:
        return answerOf(await this.#request(request), shown, typeof expectation.answer.body === 'string')
    }
  }

  #headers({ headers: own = {} }: Step): Record<string, string> {
    const headers: Record<string, string> = {}
    const ownNames = new Set(Object.keys(own).map((name) => name.toLowerCase()))
    for (const [name, value] of Object.entries(this.#transcript.defaults?.headers ?? {})) {
      if (!ownNames.has(name.toLowerCase())) headers[name] = this.#bindings.expand(value)
    }
    for (const [name, value] of Object.entries(own)) if (value !== null) headers[name] = this.#bindings.expand(value)
    return headers
  }

  async #request(step: Step): Promise<RawAnswer> {
    const { method, path = '', body, rawBody } = step
    const text = rawBody === undefined ? jsonText(this.#bindings.expandAll(body)) : this.#bindings.expand(rawBody)
    const headers = {
      Host: this.#target.url.host,
      ...(text === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...this.#headers(step),
      'Content-Length': String(Buffer.byteLength(text ?? '')),
    }
    return this.#exchange(requestBytes({ method, path: this.#bindings.expand(path) }, headers, text), method === 'HEAD')
  }

  /** Sends on the connection that is open already; one that the server has closed meanwhile is replaced. */
  async #exchange(bytes: Buffer, isHead: boolean): Promise<RawAnswer> {
    const open = this.#connection
    if (open !== undefined && !open.isEnded) {
      open.write(bytes)
      const answer = await open.readAnswer({ isHead })
      if (answer !== undefined) return this.#kept(answer)
    }
    open?.close()
    const fresh = await RawConnection.open(this.#target.url)
    this.#connection = fresh
    fresh.write(bytes)
    const answer = await fresh.readAnswer({ isHead })
    if (answer === undefined) throw new Error('the connection ended without an answer')
    return this.#kept(answer)
  }

  #kept(answer: RawAnswer): RawAnswer {
    if (headerValue(answer.headers, 'connection')?.toLowerCase() === 'close') {
      this.#connection?.close()
      this.#connection = undefined
    }
    return answer
  }
}

function jsonText(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value)
}

function answerOf({ status, headers, body }: RawAnswer, shown: ReadonlySet<string>, asText: boolean): Answer {
  const seen: Record<string, string> = {}
  for (const name of shown) {
    const value = headerValue(headers, name)
    if (value !== undefined) seen[name] = name === 'allow' ? value.split(', ').sort().join(', ') : value
  }
  const text = body.toString()
  return { status, headers: seen, body: asText ? text : parsed(text) }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
