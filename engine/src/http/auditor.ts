import type { IncomingMessage } from 'node:http'
import type { AuditRecord } from '../domain/audit/index.ts'
import type { Principal } from '../domain/auth/index.ts'
import { EVERYBODY } from '../domain/auth/index.ts'
import type { RegistryView } from '../domain/registry/index.ts'
import type { MaybePromise } from '../storage/store.ts'
import type { Answer, Audited, Call } from './call.ts'
import { callOf } from './call-of.ts'
import { toWire } from './errors.ts'
import type { Gate } from './gate.ts'
import type { Found } from './lookup.ts'
import type { Match } from './router.ts'

/** Where entries go. */
interface Trail {
  /** Resolves when the entry is on disk, or lost for good. */
  add(record: AuditRecord): Promise<void>
  /** The entry is written soon; a promise when it has to be waited for all the same. */
  addSoon(record: AuditRecord): Promise<void> | undefined
}

interface Needs {
  readonly audit: Trail
  readonly gate: Gate
  readonly registry: RegistryView
  /** Where requests come from. */
  readonly addressOf: (request: IncomingMessage) => string
}

/** A request for a row that leaves entries. */
interface Asked {
  readonly request: IncomingMessage
  readonly found: Found
  readonly match: Extract<Match, { readonly kind: 'route' }>
  readonly audit: Audited
}

/** What a record says beside who asked for what. */
type Outcome = Pick<AuditRecord, 'resource' | 'result' | 'detail' | 'before' | 'after'>

/** Told of the call as soon as it is known, and again with its body. */
export type Seen = (call: Call) => void

/**
 * Follows requests that may change something, and writes down what came of them: of each that changed something, and of
 * each that was refused. What was answered well and left everything as it was leaves no entry.
 */
export class Auditor {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Runs a request; its answer leaves when its entry is on disk, unless entries of this kind are not waited for. */
  follow(asked: Asked, run: (seen: Seen) => MaybePromise<Answer>): MaybePromise<Answer> {
    const trace = new Trace(asked, this.#needs)
    const refused = async (thrown: unknown): Promise<never> => {
      await trace.refused(thrown)
      throw thrown
    }
    const done = (answer: Answer): MaybePromise<Answer> => trace.done(answer)?.then(() => answer) ?? answer
    try {
      const answer = run((call) => trace.see(call))
      return answer instanceof Promise ? answer.then(done, refused) : done(answer)
    } catch (thrown) {
      return refused(thrown)
    }
  }
}

/** One request on its way. */
class Trace {
  readonly #asked: Asked
  readonly #needs: Needs
  /** Read at once: nobody knows it any more when the connection has ended. */
  readonly #address: string
  #call: Call | undefined
  #isWhole = false
  #resource = ''
  #before: string | undefined

  constructor(asked: Asked, needs: Needs) {
    this.#asked = asked
    this.#needs = needs
    this.#address = needs.addressOf(asked.request)
  }

  /** Notes how things are just before the change. */
  see(call: Call): void {
    const { audit, match } = this.#asked
    this.#call = call
    // The body is still to come.
    if (match.route.body !== undefined && call.body === undefined) return
    this.#isWhole = true
    this.#resource = audit.resource(call, this.#needs.registry)
    this.#before = audit.state?.(call, this.#needs.registry, undefined)
  }

  done(answer: Answer): Promise<void> | undefined {
    const { audit } = this.#asked
    const { registry } = this.#needs
    const { made } = answer
    const call = this.#call as Call
    const before = this.#before
    const after = audit.outcome === undefined ? audit.state?.(call, registry, made) : audit.outcome(call, answer)
    if (after === before && (audit.state ?? audit.outcome) !== undefined) return undefined
    const resource = made === undefined ? this.#resource : audit.resource(call, registry, made)
    return this.#leave(call, { resource, result: 'ok', before, after }, audit.isFrequent === true)
  }

  /** Sign-ins are waited for, whatever becomes of them; other refusals come in any number and are not. */
  refused(thrown: unknown): Promise<void> | undefined {
    const { audit } = this.#asked
    const { row, detail } = toWire(thrown)
    const call = this.#call ?? this.#stranger()
    const resource = this.#isWhole ? this.#resource : named(call)
    // Some is done sometimes before the rest is refused.
    const before = this.#before
    const after = this.#isWhole ? audit.state?.(call, this.#needs.registry, undefined) : undefined
    const states = after === before ? {} : { before, after }
    return this.#leave(call, { resource, result: row.code, detail, ...states }, audit.account === undefined)
  }

  #leave(call: Call, { resource, result, detail, before, after }: Outcome, isSoon: boolean): Promise<void> | undefined {
    const { audit, request } = this.#asked
    const record = {
      account: call.body === undefined ? call.principal.account : (audit.account?.(call) ?? call.principal.account),
      address: this.#address,
      agent: request.headers['user-agent'] ?? '',
      action: audit.action,
      tenant: call.tenant,
      resource,
      result,
      detail,
      before,
      after,
    }
    return isSoon ? this.#needs.audit.addSoon(record) : this.#needs.audit.add(record)
  }

  /** The call of a request that was refused before there was one. */
  #stranger(): Call {
    const { request, found, match } = this.#asked
    const facts = { match, found, principal: this.#whoever(), address: this.#address }
    try {
      return callOf(request, facts)
    } catch {
      // The very name of the tenant was refused.
      return callOf({ headers: {} }, facts)
    }
  }

  /** Who asks, when his credential holds and only his permissions do not suffice. */
  #whoever(): Principal {
    try {
      return this.#needs.gate.admit(this.#asked.request.headers, 'signed-in')
    } catch {
      return EVERYBODY
    }
  }
}

/** What the path alone says of what was to be changed. */
function named({ params: { project: _, ...rest } }: Call): string {
  return Object.values(rest).join('/')
}
