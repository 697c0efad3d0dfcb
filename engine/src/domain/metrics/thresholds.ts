import type { MetricThreshold } from '@rollcall/protocol/thresholds'
import type { Clock } from '../../kernel/clock.ts'
import { fail } from '../../kernel/failure.ts'
import { METRIC_THRESHOLDS_MAX } from '../../kernel/limits.ts'
import type { Committer } from '../../storage/commit.ts'
import type { StoredThreshold, ThresholdView } from './threshold-view.ts'
import { thresholdKey } from './threshold-view.ts'
import type { MetricFailure, Tenant } from './types.ts'

interface Needs {
  readonly view: ThresholdView
  readonly committer: Committer
  readonly clock: Clock
}

/** From where on calls are worth an alarm, as operators set it. */
export class Thresholds {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Those of the services with these names. */
  list(tenant: Tenant, serviceNames: ReadonlySet<string>): StoredThreshold[] {
    return this.#needs.view.list(tenant).filter(({ serviceName }) => serviceNames.has(serviceName))
  }

  /** Sets thresholds, all or none; one that watches nothing removes what was there. @throws InvalidParameters */
  set(tenant: Tenant, thresholds: readonly MetricThreshold[]): Promise<void> {
    const { view, committer, clock } = this.#needs
    const wanted = new Map(thresholds.map((threshold) => [thresholdKey(tenant, threshold), threshold]))
    return committer.change(() => {
      const keys = [...wanted.keys()]
      const added = keys.filter((key) => view.revision(tenant, key) === 0).length
      if (view.count(tenant) + added > METRIC_THRESHOLDS_MAX) {
        fail<MetricFailure>('InvalidParameters', `body: a tenant has at most ${METRIC_THRESHOLDS_MAX} thresholds`)
      }
      const guards = keys.map((key) => ({ key, revision: view.revision(tenant, key) }))
      const setAt = clock.now()
      const writes = [...wanted].flatMap(([key, threshold]) => {
        if (watches(threshold)) return [{ key, value: JSON.stringify({ ...threshold, setAt }) }]
        return view.revision(tenant, key) === 0 ? [] : [{ key }]
      })
      return { guards, writes, result: undefined }
    })
  }
}

function watches({ avgDelay, failureRate, throughput }: MetricThreshold): boolean {
  return avgDelay !== undefined || failureRate !== undefined || throughput !== undefined
}
