import type { IncomingMessage } from 'node:http'
import type { Log } from '../kernel/log.ts'
import type { Alarms } from './alarms.ts'
import type { Answer, Family } from './call.ts'
import { errorAnswer, isAlarming, isExpected, isRefusal } from './errors.ts'
import type { Found } from './lookup.ts'
import { givenId, traceOf } from './trace.ts'

export interface RefusalsNeeds {
  readonly log: Log
  readonly alarms: Pick<Alarms, 'raise'>
}

/** What becomes of all that is thrown on the way of a request: an answer, and a line in the log for what nobody expects. */
export class Refusals {
  readonly #log: Log
  readonly #alarms: RefusalsNeeds['alarms']

  constructor({ log, alarms }: RefusalsNeeds) {
    this.#log = log
    this.#alarms = alarms
  }

  /** @param found where the request leads, as far as that is known */
  answer(request: IncomingMessage, found: Found | undefined, thrown: unknown): Answer {
    const { method, url } = request
    const isDefect = !isExpected(thrown)
    if (isDefect) this.#log.error({ err: thrown, ...traceOf(request), method, url }, 'request failed')
    else if (!isRefusal(thrown)) this.#log.warn({ err: thrown, ...traceOf(request), method }, 'store refused')
    const answer = errorAnswer(thrown, familyOf(found))
    if (isAlarming(thrown)) this.#alarms.raise('InternalError', String(answer.body))
    // Whoever reports it can name the line of the log that says why; an id that the client gave is given back anyway.
    return isDefect && givenId(request) === undefined
      ? { ...answer, headers: [...answer.headers, 'X-Request-Id', traceOf(request).requestId] }
      : answer
  }
}

/** Whose form a refusal has. */
function familyOf(found: Found | undefined): Family {
  return found?.match.kind === 'route' ? found.match.route.family : 'v4'
}
