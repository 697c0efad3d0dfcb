import type { MetricReport } from '@rollcall/protocol/metrics'
import { readMetricReport } from '@rollcall/protocol/metrics'
import type { MetricLimits } from './types.ts'

export const TENANT = 'default/default'

export const LIMITS: MetricLimits = {
  fineSeconds: 10,
  fineRetentionSeconds: 300,
  coarseSeconds: 60,
  coarseRetentionHours: 24,
  interfacesPerInstance: 500,
  maxMegabytes: 64,
}

/** A report of `shop/cart` 1.0.0 with one interface, or others. */
export function reportOf(interfaces: object | readonly object[], members: object = {}): MetricReport {
  const list = [interfaces].flat().map((item) => ({ name: 'Provider.get', ...item }))
  return readMetricReport({
    appId: 'shop',
    name: 'cart',
    version: '1.0.0',
    instance: 'h1',
    ...members,
    interfaces: list,
  })
}
