/**
 * Plays recorded scenarios against any server. Exit codes: 0 all as recorded, 1 something differs, 2 cannot be played.
 */
import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import { DIFFERENCES } from './differences.ts'
import { type CaseReport, playTranscript, type Target } from './player.ts'
import { ownScenarioNames, readTranscript, scenarioNames, type Transcript } from './transcript.ts'

const USAGE = `ROLLCALL_URL=http://127.0.0.1:30100 npm run conformance [-- options] [scenario…]
  --server NAME  how the server is configured: plain, rbac (access control), free (environments.free), versions
                 (discovery.versionRules), or limits (three services, instances, schemas and tags at most, single
                 contracts disabled); scenarios recorded on another one are not played (plain)
  --original     nothing but what was recorded is right: for Service Center itself
  --json         prints the reports as JSON, and nothing while playing
  --help         this text`

/** Service Center shows some writes only after a while. */
const ORIGINAL_PATIENCE_MS = 2500
const DIFFERS = 1
const UNPLAYABLE = 2

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: 'string', default: 'plain' },
    original: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

interface ScenarioReport {
  readonly scenario: string
  readonly cases: readonly CaseReport[]
}

if (options.help) console.log(USAGE)
else process.exitCode = await main(new URL(process.env.ROLLCALL_URL ?? 'http://127.0.0.1:30100'))

async function main(url: URL): Promise<number> {
  const known = options.original ? scenarioNames() : [...scenarioNames(), ...ownScenarioNames()]
  const unknown = wanted.filter((name) => !known.includes(name))
  if (unknown.length > 0) return refuse(`no such scenario: ${unknown.join(', ')}; there are ${known.join(', ')}`)
  if (!(await isListening(url))) return refuse(`nobody listens on ${url}; say where with ROLLCALL_URL`)
  const transcripts = (wanted.length > 0 ? wanted : known).map(readTranscript)
  const fitting = transcripts.filter(({ server }) => server === options.server)
  const reports = await playAll(fitting, {
    url,
    patienceMs: options.original ? ORIGINAL_PATIENCE_MS : 0,
    differences: options.original ? [] : DIFFERENCES,
  })
  return conclude(reports, transcripts.length - fitting.length)
}

async function playAll(transcripts: readonly Transcript[], target: Target): Promise<ScenarioReport[]> {
  const reports: ScenarioReport[] = []
  for (const transcript of transcripts) {
    const report = { scenario: transcript.scenario, cases: await playTranscript(transcript, target) }
    reports.push(report)
    if (!options.json) print(report, `${reports.length}/${transcripts.length}`)
  }
  return reports
}

function print({ scenario, cases }: ScenarioReport, progress: string): void {
  const passed = cases.filter(({ outcome }) => outcome === 'passed').length
  console.log(`${passed === cases.length ? 'ok  ' : '    '} ${progress} ${scenario}: ${passed} of ${cases.length}`)
  for (const { name, outcome, reason, got } of cases) {
    if (outcome === 'passed') continue
    console.log(`     ${outcome}: ${name}: ${reason}`)
    if (got !== undefined) console.log(`       got ${JSON.stringify(got)}`)
  }
}

/** Prints the closing line. @returns the exit code */
function conclude(reports: readonly ScenarioReport[], others: number): number {
  const outcomes = reports.flatMap(({ cases }) => cases.map(({ outcome }) => outcome))
  const count = (outcome: string) => outcomes.filter((each) => each === outcome).length
  const totals = { passed: count('passed'), failed: count('failed') }
  if (options.json) console.log(JSON.stringify({ ...totals, otherServer: others, reports }, undefined, 2))
  else {
    const { passed, failed } = totals
    const left = others === 0 ? '' : `; ${others} scenarios want a server that is configured otherwise (--server)`
    console.log(`${passed} passed, ${failed} failed in ${reports.length} scenarios${left}`)
  }
  if (outcomes.length === 0) return refuse('nothing was played')
  return totals.failed === 0 ? 0 : DIFFERS
}

function refuse(sentence: string): number {
  console.error(sentence)
  return UNPLAYABLE
}

function isListening({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 80) }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
