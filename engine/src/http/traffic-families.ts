import type { MetricFamily, Total } from './exposition.ts'
import type { RowCount, StatusCount } from './row-count.ts'

const MICROSECONDS = 1_000_000
const REFUSED_FROM = 400

/** What rows that were asked for have counted, under the names of Service Center and our own. */
export function trafficFamilies(rows: readonly RowCount[], instance: string): MetricFamily[] {
  const asked = rows.flatMap(({ method, path: api, byDomain }) =>
    [...byDomain]
      .filter(([, { statuses }]) => statuses.length > 0)
      .map(([domain, count]) => {
        const total = totalOf(count.statuses)
        return {
          statuses: count.statuses,
          total,
          perSecond: count.rate.of(total.count),
          labels: { method, instance, api, domain },
        }
      }),
  )
  const byStatus = asked.flatMap(({ statuses, labels: { method, ...rest } }) =>
    statuses.map(({ status: code, count }) => ({ labels: { method, code, ...rest }, value: count })),
  )
  const beats = rows.filter(({ isBeat }) => isBeat).flatMap(({ byDomain }) => [...byDomain.values()])
  const beatStatuses = beats.flatMap(({ statuses }) => statuses)
  const beatTime = (status: string, isCounted: (one: StatusCount) => boolean) => {
    return { labels: { instance, status }, value: inMicroseconds(totalOf(beatStatuses.filter(isCounted))) }
  }
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
      samples: asked.map(({ labels, total }) => ({ labels, value: inMicroseconds(total) })),
    },
    {
      name: 'service_center_http_query_per_seconds',
      kind: 'gauge',
      help: 'Requests per second since somebody last looked, at least ten seconds ago.',
      samples: asked.map(({ labels, perSecond }) => ({ labels, value: perSecond })),
    },
    {
      name: 'service_center_db_heartbeat_durations_microseconds',
      kind: 'summary',
      help: 'Time until a request with heartbeats is answered.',
      samples: [
        beatTime('success', ({ status }) => status < REFUSED_FROM),
        beatTime('failure', ({ status }) => status >= REFUSED_FROM),
      ],
    },
    {
      name: 'rollcall_http_request_duration_seconds',
      kind: 'histogram',
      help: 'Time until an answer is handed to the connection, by row of the route table.',
      samples: rows.map(({ seconds, method, path }) => ({ labels: { method, route: path }, value: seconds })),
    },
  ]
}

function totalOf(counts: readonly StatusCount[]): Total {
  let count = 0
  let sum = 0
  for (const one of counts) {
    count += one.count
    sum += one.sum
  }
  return { count, sum }
}

/** A sum of seconds as Service Center's families have it. */
export function inMicroseconds({ count, sum }: Total): Total {
  return { count, sum: sum * MICROSECONDS }
}
