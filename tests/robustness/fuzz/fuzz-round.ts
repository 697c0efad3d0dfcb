import { inspect } from 'node:util'
import fc from 'fast-check'
import { AnswerChecker } from '../../conformance/api/answer-checker.ts'
import type { Received } from '../../conformance/api/described-engine.ts'
import { DescribedEngine } from '../../conformance/api/described-engine.ts'
import type { FuzzRequest } from './fuzz-requests.ts'
import { requestsFor } from './fuzz-requests.ts'

/** A fresh scene after so many requests, so that there is something to find and to break. */
const REQUESTS_PER_SCENE = 40

/** CSE's code for what is no JSON; and what Service Center answers when its configuration server refuses something. */
const KNOWN_FAILURES = /"SVCSTG\.CSE\.500500"|"detail":"the policy store cannot be used: it answered/

export interface RoundOptions {
  readonly count: number
  readonly seed: number
  readonly onRequest?: (sent: number) => void
}

/** How the requests of a round were answered. */
export interface RoundSummary {
  readonly sent: number
  readonly byStatus: Readonly<Record<string, number>>
  /** Operations that answered with success at least once. */
  readonly succeeded: ReadonlySet<string>
  readonly operations: readonly string[]
}

/**
 * Sends made-up requests to a fresh engine, one after the other.
 * Rejects with the smallest request found that is answered with 5xx, not at all, otherwise than the document says, or
 * that changes something although it is refused.
 */
export async function fuzzRound({ count, seed, onRequest = () => {} }: RoundOptions): Promise<RoundSummary> {
  const engine = await DescribedEngine.start()
  const round = new Round(engine)
  const requests = requestsFor(engine.document, () => round.domain)
  const property = fc.asyncProperty(requests, async (request) => {
    await round.judge(request)
    onRequest(round.sent)
  })
  try {
    await fc.assert(property, { numRuns: count, seed, endOnFailure: false, includeErrorInReport: true })
    return round
  } finally {
    await engine.stop()
  }
}

class Round implements RoundSummary {
  sent = 0
  domain = ''
  readonly byStatus: Record<string, number> = {}
  readonly succeeded = new Set<string>()
  readonly operations: readonly string[]
  readonly #engine: DescribedEngine
  readonly #checker: AnswerChecker
  #state = ''

  constructor(engine: DescribedEngine) {
    this.#engine = engine
    this.#checker = new AnswerChecker(engine.document)
    const all = Object.values(engine.document.paths).flatMap((own) => Object.values(own))
    this.operations = all.map(({ operationId }) => operationId)
  }

  /** @throws Error that says what is wrong with the answer to a request */
  async judge(request: FuzzRequest): Promise<void> {
    if (this.sent % REQUESTS_PER_SCENE === 0) await this.#begin()
    this.sent += 1
    const answer = await this.#engine.send(request)
    this.byStatus[answer.status] = (this.byStatus[answer.status] ?? 0) + 1
    if (answer.status < 400) this.succeeded.add(request.operationId)
    const before = this.#state
    if (isRefused(answer) || mayChange(request)) this.#state = await this.#look()
    const complaint = this.#complaint(request, answer)
    if (complaint !== undefined) throw new Error(`${request.operationId}: ${complaint}`)
    if (isRefused(answer) && !isPartlyDone(answer) && this.#state !== before) {
      throw new Error(`${request.operationId} is refused, but changed something: ${difference(before, this.#state)}`)
    }
    const defects = this.#engine.defects.splice(0)
    if (defects.length > 0) throw new Error(`${request.operationId}: the engine logged ${inspect(defects)}`)
  }

  async #begin(): Promise<void> {
    this.domain = `fuzz-${this.sent}`
    await this.#engine.lay(this.domain)
    this.#state = await this.#look()
  }

  #complaint({ path, method, isOnPath }: FuzzRequest, answer: Received): string | undefined {
    const { status, text } = answer
    if (status >= 500 && !KNOWN_FAILURES.test(text)) return `${status} ${text}`
    // A part of the path that is empty or has slashes makes it another path.
    if (!isOnPath) return undefined
    return this.#checker.complaint(path, method, answer)
  }

  /** Everything that requests can change. */
  async #look(): Promise<string> {
    const own = { 'X-Domain-Name': this.domain }
    const parts = [
      ['/v4/default/admin/dump', { 'X-Domain-Name': 'default' }],
      ['/v4/accounts', own],
      ['/v4/roles', own],
      ['/v4/default/admin/quotas', own],
      ['/v4/default/registry/environments', own],
      ['/v1/default/gov/retry?environment=all', own],
      ['/v3/default/csemonitor/thresholds?services=cart', own],
      ['/v3/default/csemonitor/services', own],
      ['/v3/default/csemonitor/transactions', own],
    ] as const
    const texts = await Promise.all(
      parts.map(async ([target, headers]) => (await this.#engine.send({ method: 'GET', target, headers })).text),
    )
    return texts.join('\n')
  }
}

/** Finds in the name of a consumer make it depend on what they find. */
function mayChange({ method, headers = {} }: FuzzRequest): boolean {
  return method !== 'GET' || 'X-ConsumerId' in headers
}

const isRefused = ({ status }: Received): boolean => status >= 400

/** Service Center creates a service although its tags or instances are bad, and says so; clients know it. */
function isPartlyDone({ text }: Received): boolean {
  return text.includes('"detail":"errMessages: [')
}

function difference(before: string, after: string): string {
  let at = 0
  while (at < before.length && before[at] === after[at]) at += 1
  const from = Math.max(0, at - 80)
  return `…${before.slice(from, at + 120)}… became …${after.slice(from, at + 120)}…`
}
