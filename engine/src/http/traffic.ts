import type { IncomingMessage } from 'node:http'
import type { Tenant } from '../domain/registry/index.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Route, SocketRoute } from './call.ts'
import { domainOf } from './call-of.ts'
import type { MetricFamily } from './exposition.ts'
import type { Found } from './lookup.ts'
import type { EngineResponse } from './response.ts'
import type { Match } from './router.ts'
import { OTHERS, RowCount } from './row-count.ts'
import { tenantNamed } from './tenant.ts'
import { traceOf } from './trace.ts'
import { trafficFamilies } from './traffic-families.ts'

const SWITCHING = 101

/** A request on its way. */
export interface Arrival {
  readonly request: IncomingMessage
  readonly response: EngineResponse
  /** What it asks for; undefined while nobody has looked, and for targets that are refused. */
  found: Found | undefined
  readonly began: number
}

interface Needs {
  readonly rows: readonly (Route | SocketRoute)[]
  readonly clock: Clock
  /** Takes a line for each answer; undefined: nobody wants them. */
  readonly accessLog: Pick<Log, 'info'> | undefined
  /** Where requests come from. */
  readonly addressOf: (request: IncomingMessage) => string
  /** Whether anything exists in a tenant. */
  readonly hasTenant: (tenant: Tenant) => boolean
}

/**
 * How many requests there are and how long each takes until its answer is handed to the connection, by row of the route
 * table. A request costs two looks at the clock and some sums; what is shown of them is made when somebody asks.
 */
export class Traffic {
  readonly #clock: Clock
  readonly #accessLog: Needs['accessLog']
  readonly #addressOf: Needs['addressOf']
  readonly #rows: ReadonlyMap<Route | SocketRoute, RowCount>
  /** What leads to no row. */
  readonly #others: RowCount
  readonly #hasTenant: Needs['hasTenant']

  constructor({ rows, clock, accessLog, addressOf, hasTenant }: Needs) {
    this.#hasTenant = hasTenant
    this.#clock = clock
    this.#accessLog = accessLog
    this.#addressOf = addressOf
    this.#rows = new Map(rows.map((row) => [row, new RowCount(describe(row), clock)]))
    this.#others = new RowCount(NO_ROW, clock)
  }

  /** Where requests are counted that lead there. */
  countOf(match: Match): RowCount {
    return ('route' in match ? this.#rows.get(match.route) : undefined) ?? this.#others
  }

  arrive(request: IncomingMessage, response: EngineResponse): Arrival {
    return { request, response, found: undefined, began: this.#clock.monotonic() }
  }

  /** Counts an answer, and writes a line about it if that is wanted. */
  answered({ request, found, began }: Omit<Arrival, 'response'>, status: number): void {
    const ms = this.#clock.monotonic() - began
    if (found === undefined) this.#others.take(undefined, status, ms / 1000)
    else found.count.take(this.#domainOf(request, found), status, ms / 1000)
    if (this.#accessLog === undefined) return
    const { method, url } = request
    const facts = { method, url, status, ms: Number(ms.toFixed(3)), address: this.#addressOf(request) }
    this.#accessLog.info({ ...traceOf(request), ...facts }, 'request')
  }

  /** Counts a WebSocket that is open. */
  opened(request: IncomingMessage, found: Found): void {
    this.answered({ request, found, began: this.#clock.monotonic() }, SWITCHING)
  }

  /** @param instance what Service Center's families call this engine */
  families(instance: string): MetricFamily[] {
    return trafficFamilies(
      [...this.#rows.values(), this.#others].filter(({ isAsked }) => isAsked),
      instance,
    )
  }

  /** The domain that a request names. One that nobody has anything in could be any word: it is not kept. */
  #domainOf({ headers }: IncomingMessage, { match, count }: Found): string | undefined {
    if (!('route' in match)) return undefined
    const { family } = match.route
    const domain = domainOf(headers, family)
    if (domain === undefined || count.knows(domain)) return domain
    return this.#hasTenant(tenantNamed(domain, family, match.params.project)) ? domain : OTHERS
  }
}

const NO_ROW = { method: '', path: '', isBeat: false }

function describe(row: Route | SocketRoute) {
  const isBeat = 'audit' in row && row.audit === 'beat'
  return { method: 'method' in row ? row.method : 'GET', path: row.path, isBeat }
}
