import type { IncomingMessage } from 'node:http'
import type { Admission } from './admission.ts'
import type { Auditor, Seen } from './auditor.ts'
import { BodyReader, checkPlain, parseBody, parseReport } from './body.ts'
import type { Answer, BodySpec, Call, ReaderSpec, Route, SocketRoute } from './call.ts'
import { callOf } from './call-of.ts'
import { methodNotAllowed, NOT_FOUND, UPGRADE_REQUIRED } from './errors.ts'
import type { Gate } from './gate.ts'
import { type Found, Lookup } from './lookup.ts'
import { Refusals, type RefusalsNeeds } from './refusals.ts'
import type { Replier } from './reply.ts'
import type { EngineRequest } from './request.ts'
import type { EngineResponse } from './response.ts'
import type { Match, Router, RowMatch } from './router.ts'
import type { Arrival, Traffic } from './traffic.ts'

interface Needs extends RefusalsNeeds {
  readonly router: Router
  readonly replier: Replier
  readonly bodyBytesMax: number
  readonly gate: Gate
  readonly auditor: Pick<Auditor, 'follow'>
  readonly admission: Pick<Admission, 'refusal'>
  readonly traffic: Pick<Traffic, 'arrive' | 'answered' | 'opened' | 'countOf'>
  /** Where requests come from. */
  readonly addressOf: (request: IncomingMessage) => string
}

/** A WebSocket about to be opened. */
interface Opening {
  readonly route: SocketRoute
  readonly call: Call
}

/** A row about to run. */
interface Running {
  readonly found: Found
  readonly match: Extract<Match, { readonly kind: 'route' }>
  /** Told of the call before it is handled. */
  readonly seen?: Seen
}

const OPTIONS_STATUS = 200

/** On a connection: resolves when the request that it waits for has been answered. */
const UNDER_WAY = Symbol('request under way')
type Ordered = IncomingMessage['socket'] & { [UNDER_WAY]?: Promise<void> | undefined }

/**
 * The way of a request: target, route, gate, call, handler, answer. Whatever is thrown on it becomes an answer too. The
 * gate asks for the permission of the very row whose handler runs, so no spelling of a path can part the two.
 */
export class Pipeline {
  /** The whole route table. */
  readonly rows: Router['rows']
  readonly #lookup: Lookup
  readonly #replier: Replier
  readonly #refusals: Refusals
  readonly #bodyBytesMax: number
  readonly #gate: Gate
  readonly #auditor: Needs['auditor']
  readonly #admission: Needs['admission']
  readonly #traffic: Needs['traffic']
  readonly #bodies = new BodyReader()
  readonly #addressOf: (request: IncomingMessage) => string

  constructor({ router, replier, log, alarms, bodyBytesMax, gate, admission, auditor, addressOf, traffic }: Needs) {
    this.#traffic = traffic
    this.#gate = gate
    this.#admission = admission
    this.#auditor = auditor
    this.#addressOf = addressOf
    this.rows = router.rows
    this.#lookup = new Lookup(router, (match) => traffic.countOf(match))
    this.#replier = replier
    this.#refusals = new Refusals({ log, alarms })
    this.#bodyBytesMax = bodyBytesMax
  }

  handle(request: EngineRequest, response: EngineResponse): void {
    const earlier = (request.socket as Ordered)[UNDER_WAY]
    // Requests that a client sends without waiting for answers take effect in their order.
    if (earlier === undefined) this.#process(request, response)
    else void earlier.then(() => this.handle(request, response))
  }

  #process(request: EngineRequest, response: EngineResponse): void {
    const arrival = this.#traffic.arrive(request, response)
    if (request.method === 'OPTIONS') {
      this.#replier.sendOptions(request, response)
      this.#traffic.answered(arrival, OPTIONS_STATUS)
      return
    }
    let answer: Answer | Promise<Answer>
    try {
      arrival.found = this.#lookup.find(request.method ?? '', request.url ?? '')
      answer = this.#answer(request, arrival.found)
    } catch (thrown) {
      answer = this.#refuse(arrival, thrown)
    }
    if (answer instanceof Promise) this.#sendLater(arrival, answer)
    else this.#send(arrival, answer)
  }

  #send(arrival: Arrival, answer: Answer): void {
    this.#replier.send(arrival.request, arrival.response, answer)
    this.#traffic.answered(arrival, answer.status)
  }

  #sendLater(arrival: Arrival, answer: Promise<Answer>): void {
    const socket = arrival.request.socket as Ordered
    const send = (settled: Answer): void => {
      socket[UNDER_WAY] = undefined
      this.#send(arrival, settled)
    }
    socket[UNDER_WAY] = answer.then(send, (thrown: unknown) => send(this.#refuse(arrival, thrown)))
  }

  /** The WebSocket that a request may become, if any; all others are answered like any request. */
  opening(request: IncomingMessage): Opening | undefined {
    try {
      const found = this.#lookup.find(request.method ?? '', request.url ?? '')
      const { match } = found
      return match.kind === 'socket' ? { route: match.route, call: this.#pass(request, found, match) } : undefined
    } catch {
      return undefined
    }
  }

  /** A WebSocket is open: the answer to this request, which is counted like any. */
  opened(request: IncomingMessage): void {
    this.#traffic.opened(request, this.#lookup.find(request.method ?? '', request.url ?? ''))
  }

  /** The call of a request without a body that may pass. */
  #pass(request: IncomingMessage, found: Found, match: RowMatch): Call {
    const call = this.#admit(request, found, match)
    this.#gate.check(call, match.route.permission)
    return call
  }

  /** The call of a request, as far as this can be told without its body; what it touches is still to be checked. */
  #admit(request: IncomingMessage, found: Found, match: RowMatch): Call {
    const principal = this.#gate.admit(request.headers, match.route.permission)
    return callOf(request, { match, found, principal, address: this.#addressOf(request) })
  }

  #answer(request: EngineRequest, found: Found): Answer | Promise<Answer> {
    const { match } = found
    const refusal = this.#admission.refusal(request, match)
    if (refusal !== undefined) return refusal
    switch (match.kind) {
      case 'none':
        this.#gate.admit(request.headers, 'signed-in')
        return NOT_FOUND
      case 'method':
        this.#gate.admit(request.headers, match.isPublic ? 'public' : 'signed-in')
        return methodNotAllowed(match.allowed)
      case 'socket':
        this.#pass(request, found, match)
        return UPGRADE_REQUIRED
      case 'route': {
        const { audit } = match.route
        if (typeof audit !== 'object') return this.#run(request, { found, match })
        return this.#auditor.follow({ request, found, match, audit }, (seen) =>
          this.#run(request, { found, match, seen }),
        )
      }
    }
  }

  #run(request: EngineRequest, { found, match, seen }: Running): Answer | Promise<Answer> {
    const { route } = match
    const call = this.#admit(request, found, match)
    seen?.(call)
    if (route.body !== undefined) return this.#withBody(request, { route, call, seen })
    this.#gate.check(call, route.permission)
    return route.handle(call)
  }

  #withBody(
    request: EngineRequest,
    { route, call, seen }: { readonly route: Route; readonly call: Call; readonly seen: Seen | undefined },
  ): Promise<Answer> {
    const spec = route.body as BodySpec | ReaderSpec
    const code = 'read' in spec ? spec.invalid : 'InvalidParameters'
    checkPlain(request, code)
    const bounds = { bytesMax: spec.bytesMax ?? this.#bodyBytesMax, code } as const
    return this.#bodies.read(request, bounds, (bytes) => {
      route.admit?.(call)
      const body = 'read' in spec ? parseReport(bytes, spec) : parseBody(bytes, spec.shape)
      const whole = { ...call, body }
      seen?.(whole)
      this.#gate.check(whole, route.permission)
      return route.handle(whole)
    })
  }

  #refuse({ request, found }: Arrival, thrown: unknown): Answer {
    return this.#refusals.answer(request, found, thrown)
  }
}
