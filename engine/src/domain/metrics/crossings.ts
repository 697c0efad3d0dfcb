import type { MetricThreshold } from '@rollcall/protocol/thresholds'
import { currentGroups } from './current.ts'
import type { Samples } from './samples.ts'
import type { ThresholdView } from './threshold-view.ts'
import type { MetricNumbers, Tenant } from './types.ts'

/** Who shows alarms. Declared here, provided by the edge. */
export interface AlarmBoard {
  raise(id: string, detail: string, tenant: Tenant): void
  clear(id: string, tenant: Tenant): void
}

interface Rule {
  readonly alarm: string
  readonly limit: (threshold: MetricThreshold) => number | undefined
  readonly value: (numbers: MetricNumbers) => number
  readonly words: (value: number, limit: number) => string
}

const RULES: readonly Rule[] = [
  {
    alarm: 'LatencyHigh',
    limit: ({ avgDelay }) => avgDelay,
    value: ({ latency }) => latency,
    words: (value, limit) => `mean latency is ${value} ms, more than ${limit} ms`,
  },
  {
    alarm: 'FailureRateHigh',
    limit: ({ failureRate }) => failureRate,
    value: ({ failureRate }) => failureRate,
    words: (value, limit) => `failure rate is ${value} %, more than ${limit} %`,
  },
  {
    alarm: 'ThroughputHigh',
    limit: ({ throughput }) => throughput,
    value: ({ qps }) => qps,
    words: (value, limit) => `throughput is ${value} calls a second, more than ${limit}`,
  },
]

/** Compares services with their thresholds: raises alarms, and clears them as soon as they no longer hold. */
export class Crossings {
  readonly #samples: Samples
  readonly #view: ThresholdView
  readonly #board: AlarmBoard
  /** Alarms that were raised and not cleared, with their tenants. */
  #raised = new Map<string, { readonly id: string; readonly tenant: Tenant }>()

  constructor(samples: Samples, view: ThresholdView, board: AlarmBoard) {
    this.#samples = samples
    this.#view = view
    this.#board = board
  }

  /** Looks at every threshold. An alarm that an operator has removed comes back while its reason stands. */
  check(): void {
    const before = this.#raised
    this.#raised = new Map()
    for (const tenant of this.#view.tenants()) {
      for (const threshold of this.#view.list(tenant)) this.#checkOne(tenant, threshold)
    }
    for (const [key, { id, tenant }] of before) if (!this.#raised.has(key)) this.#board.clear(id, tenant)
  }

  #checkOne(tenant: Tenant, threshold: MetricThreshold): void {
    const { environment, appId, serviceName } = threshold
    const selection = { environment, appId, serviceNames: new Set([serviceName]) }
    const [group] = currentGroups(this.#samples, { tenant, selection, level: 'service' })
    if (group === undefined || group.isSilent) return
    for (const { alarm, limit, value, words } of RULES) {
      const [most, is] = [limit(threshold), value(group.numbers)]
      if (most === undefined || is <= most) continue
      const name = [environment, appId, serviceName].filter((part) => part !== '').join('/')
      const id = `${alarm}:${name}`
      this.#raised.set(JSON.stringify([tenant, id]), { id, tenant })
      this.#board.raise(id, `${name}: ${words(is, most)}`, tenant)
    }
  }
}
