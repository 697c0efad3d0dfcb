import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Route, SocketRoute } from './call.ts'
import type { MetricFamily, Sample } from './exposition.ts'
import type { Found } from './lookup.ts'
import type { Match } from './router.ts'
import { RowCount } from './row-count.ts'
import { traceOf } from './trace.ts'

const MICROSECONDS = 1_000_000
const REFUSED_FROM = 400

/** A request on its way. */
export interface Arrival {
  readonly request: IncomingMessage
  readonly response: ServerResponse
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
  readonly #others = new RowCount('', '')

  constructor({ rows, clock, accessLog, addressOf }: Needs) {
    this.#clock = clock
    this.#accessLog = accessLog
    this.#addressOf = addressOf
    this.#rows = new Map(rows.map((row) => [row, new RowCount('method' in row ? row.method : 'GET', row.path)]))
  }

  /** Where requests are counted that lead there. */
  countOf(match: Match): RowCount {
    return ('route' in match ? this.#rows.get(match.route) : undefined) ?? this.#others
  }

  arrive(request: IncomingMessage, response: ServerResponse): Arrival {
    return { request, response, found: undefined, began: this.#clock.monotonic() }
  }

  /** Counts an answer, and writes a line about it if that is wanted. */
  answered({ request, found, began }: Arrival, status: number): void {
    const ms = this.#clock.monotonic() - began
    ;(found?.count ?? this.#others).take(status, ms / 1000)
    if (this.#accessLog === undefined) return
    const { method, url } = request
    const facts = { method, url, status, ms: Number(ms.toFixed(3)), address: this.#addressOf(request) }
    this.#accessLog.info({ ...traceOf(request), ...facts }, 'request')
  }

  /** @param instance what Service Center's families call this engine */
  families(instance: string): MetricFamily[] {
    const seen = [...this.#rows.values(), this.#others].filter(({ statuses }) => statuses.length > 0)
    const center = { instance }
    const byStatus = seen.flatMap(({ statuses, counts, method, path }) =>
      statuses.map((code, index) => {
        return { labels: { method, code, ...center, api: path }, value: counts[index] as number }
      }),
    )
    const each = (sample: (row: RowCount) => Sample) => seen.map(sample)
    return [
      {
        name: 'service_center_http_request_total',
        kind: 'counter',
        help: 'Requests that were answered.',
        samples: byStatus,
      },
      {
        name: 'service_center_http_success_total',
        kind: 'counter',
        help: 'Requests that were not refused.',
        samples: byStatus.filter(({ labels }) => labels.code < REFUSED_FROM),
      },
      {
        name: 'service_center_http_request_durations_microseconds',
        kind: 'summary',
        help: 'Time until an answer, without quantiles: rollcall_http_request_duration_seconds tells them.',
        samples: each(({ seconds, method, path }) => {
          return { labels: { method, ...center, api: path }, value: seconds, scale: MICROSECONDS }
        }),
      },
      {
        name: 'rollcall_http_request_duration_seconds',
        kind: 'histogram',
        help: 'Time until an answer is handed to the connection, by row of the route table.',
        samples: each(({ seconds, method, path }) => ({ labels: { method, route: path }, value: seconds })),
      },
    ]
  }
}
