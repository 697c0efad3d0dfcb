/**
 * Plays recorded scenarios against any server:
 * `ROLLCALL_URL=http://127.0.0.1:30100 node tests/conformance/wire/main.ts [--json] [--all] [--original] [scenario…]`.
 * `--all` plays what is pending too.
 * With `--original` nothing but what was recorded is right: for Service Center itself.
 */
import { DIFFERENCES } from './differences.ts'
import { pendingReason } from './pending.ts'
import { type CaseReport, playTranscript, type Target } from './player.ts'
import { readTranscript, scenarioNames } from './transcript.ts'

const PATIENCE_MS = 2500

interface ScenarioReport {
  readonly scenario: string
  readonly cases: readonly CaseReport[]
}

function print({ scenario, cases }: ScenarioReport): void {
  const passed = cases.filter(({ outcome }) => outcome === 'passed').length
  console.log(`${passed === cases.length ? 'ok  ' : '    '} ${scenario}: ${passed} of ${cases.length}`)
  for (const { name, outcome, reason, got } of cases) {
    if (outcome === 'passed') continue
    console.log(`     ${outcome}: ${name}: ${reason}`)
    if (got !== undefined) console.log(`       got ${JSON.stringify(got)}`)
  }
}

const names = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const isJson = process.argv.includes('--json')
const isOriginal = process.argv.includes('--original')
const isAll = isOriginal || process.argv.includes('--all')
const target: Target = {
  url: new URL(process.env.ROLLCALL_URL ?? 'http://127.0.0.1:30100'),
  patienceMs: PATIENCE_MS,
  differences: isOriginal ? [] : DIFFERENCES,
  pendingReason: isAll ? () => undefined : pendingReason,
}

const known = scenarioNames()
const unknown = names.filter((name) => !known.includes(name))
if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(', ')}; there are ${known.join(', ')}`)

const reports: ScenarioReport[] = []
for (const scenario of names.length > 0 ? names : known) {
  const report = { scenario, cases: await playTranscript(readTranscript(scenario), target) }
  reports.push(report)
  if (!isJson) print(report)
}
const outcomes = reports.flatMap(({ cases }) => cases.map(({ outcome }) => outcome))
const count = (wanted: string) => outcomes.filter((outcome) => outcome === wanted).length
const totals = { passed: count('passed'), failed: count('failed'), pending: count('pending') }
if (isJson) console.log(JSON.stringify({ ...totals, reports }, undefined, 2))
else console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.pending} pending`)
process.exitCode = totals.failed === 0 ? 0 : 1
