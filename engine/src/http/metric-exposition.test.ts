import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Metrics, ThresholdView } from '../domain/metrics/index.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { loadSettings } from '../settings.ts'
import { expose } from './metric-exposition.ts'

test('the dashboard for Grafana asks for nothing that is not exposed', async () => {
  const dashboard = readFileSync(new URL('../../../docs/operating/grafana-services.json', import.meta.url), 'utf8')
  const metrics = new Metrics({
    clock: new ManualClock(),
    limits: loadSettings([], {}).metrics,
    journal: undefined,
    thresholds: new ThresholdView(),
    alarms: { raise() {}, clear() {} },
    log: { error() {}, warn() {}, info() {} },
  })
  const exposed = [...(await expose(metrics)).matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name)
  const asked = new Set([...dashboard.matchAll(/\brollcall_\w+/g)].map(([name]) => name))
  expect(asked.size).toBeGreaterThan(7)
  expect([...asked].filter((name) => !exposed.includes(name))).toEqual([])
})
