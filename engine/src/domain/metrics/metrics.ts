import type { MetricReport } from '@rollcall/protocol/metrics'
import type { Clock } from '../../kernel/clock.ts'
import type { CurrentQuery } from './current.ts'
import { currentGroups } from './current.ts'
import { Samples } from './samples.ts'
import type { SeriesAnswer, SeriesQuery } from './series.ts'
import { readSeries } from './series.ts'
import type { CurrentGroup, MetricLimits, Tenant } from './types.ts'

interface Needs {
  readonly clock: Clock
  readonly limits: MetricLimits
}

/** How calls are going: takes reports, answers questions about now and about the past. */
export class Metrics {
  readonly #samples: Samples

  constructor({ clock, limits }: Needs) {
    this.#samples = new Samples(clock, limits)
  }

  /** Takes a report that was read and checked. */
  report(tenant: Tenant, report: MetricReport): void {
    this.#samples.add(tenant, report)
  }

  /** The current numbers of each group. */
  current(query: CurrentQuery): CurrentGroup[] {
    return currentGroups(this.#samples, query)
  }

  /** Numbers over time. @throws InvalidParameters for what would be too much or is not kept */
  series(tenant: Tenant, query: SeriesQuery): SeriesAnswer {
    return readSeries(this.#samples, tenant, query)
  }
}
