import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../kernel/clock.ts'
import { Failure } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import type { Answer, Family } from './call.ts'
import { errorAnswer } from './errors.ts'
import { Overload } from './overload.ts'
import { Peers } from './peers.ts'
import type { Match } from './router.ts'

interface Needs {
  readonly clock: Clock
  readonly log: Log
  readonly limits: {
    readonly connectionsPerAddress: number
    readonly requestsPerSecond: number
    readonly overloadMs: number
  }
  readonly trustForwarded: boolean
}

/** From which level of overload on a request is refused, and from how many times the rate of an address on. */
const ENDURANCE = {
  low: { level: 1, times: 1 },
  normal: { level: 2, times: 2 },
  high: { level: Number.POSITIVE_INFINITY, times: 4 },
} as const

/** Decides who is served when not everybody can be: heartbeats before writes, writes before finds. */
export class Admission {
  readonly #peers: Peers
  readonly #overload: Overload
  readonly #busy = refusals('the engine has more to do than it can; try again in a second (limits.overloadMs)')
  readonly #tooMany: (family: Family) => Answer

  constructor({ clock, log, limits, trustForwarded }: Needs) {
    this.#peers = new Peers({ clock, log, trustForwarded, ...limits })
    this.#overload = new Overload({ clock, log, overloadMs: limits.overloadMs })
    const { requestsPerSecond } = limits
    this.#tooMany = refusals(
      `more than ${requestsPerSecond} requests per second from one address (limits.requestsPerSecond)`,
    )
  }

  /** Takes a new connection in, or ends it. */
  welcome(socket: Socket): void {
    this.#peers.welcome(socket)
  }

  /** The answer to a request that is not served now; undefined for one that is. */
  refusal(request: IncomingMessage, match: Match): Answer | undefined {
    const { level, times } = ENDURANCE[urgencyOf(match)]
    if (this.#overload.level >= level) return this.#busy(familyOf(match))
    return this.#peers.admits(request, times) ? undefined : this.#tooMany(familyOf(match))
  }

  /** Ends every connection. */
  close(): void {
    this.#overload.stop()
    this.#peers.close()
  }
}

function urgencyOf(match: Match): keyof typeof ENDURANCE {
  if (match.kind !== 'route') return 'low'
  const { urgency, method } = match.route
  return urgency ?? (method === 'GET' ? 'low' : 'normal')
}

function familyOf(match: Match): Family {
  return 'route' in match ? match.route.family : 'v4'
}

/** Made once for each family: a flood must cost as little as it can. */
function refusals(detail: string): (family: Family) => Answer {
  const made = new Map<Family, Answer>()
  return (family) => {
    let answer = made.get(family)
    if (answer === undefined) {
      answer = errorAnswer(new Failure('TooManyRequests', detail), family)
      made.set(family, answer)
    }
    return answer
  }
}
