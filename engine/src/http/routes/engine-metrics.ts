import type { Route } from '../call.ts'
import { exposeFamilies, type MetricFamily, PROMETHEUS } from '../exposition.ts'
import { may } from '../permission.ts'

/** The engine itself, for Prometheus. @param families worked out anew each time that somebody asks */
export function engineMetricsRoute(families: () => readonly MetricFamily[]): Route {
  return {
    method: 'GET',
    family: 'plain',
    // Of all tenants, so it is for those who run the engine.
    permission: may('get', 'ops'),
    path: '/metrics',
    // Most worth knowing when there is too much to do.
    urgency: 'high',
    handle: () => ({ status: 200, headers: PROMETHEUS, body: Buffer.from(exposeFamilies(families())) }),
  }
}
