import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DIFFERENCES, unusedCases } from './differences.ts'
import { EngineProcess } from './engine-process.ts'
import { type CaseReport, playTranscript } from './player.ts'
import { CLIENTS, readClient } from './recorded-client.ts'
import { ownScenarioNames, readTranscript, scenarioNames, type Transcript, waitingMs } from './transcript.ts'

const SCENARIO_TIMEOUT_MS = 120_000

/** How the engine is started to be like the server that a scenario was recorded on. */
const FLAGS = {
  plain: [],
  limits: [
    ...['--quota.services', '3', '--quota.instances', '3', '--quota.schemas', '3', '--quota.tags', '3'],
    ...['--contracts.putDisabled', 'true'],
  ],
  free: ['--environments.free', 'true'],
  versions: ['--discovery.versionRules', 'apply'],
  // The recordings change the address that they seem to come from by a header.
  rbac: ['--auth.mode', 'on', '--auth.trustForwarded', 'true'],
} as const

/** The password of root that the scenarios sign in with. */
const ENVIRONMENT = { ROLLCALL_ROOT_PASSWORD: 'Root@Passw0rd1' }

const engines = new Map<string, EngineProcess>()

beforeAll(async () => {
  for (const [server, flags] of Object.entries(FLAGS)) {
    engines.set(server, await EngineProcess.start(['--store.kind', 'memory', ...flags], ENVIRONMENT))
  }
})

afterAll(async () => {
  for (const engine of engines.values()) await engine.stop()
})

/** Scenarios that wait long come first, so that the others are played meanwhile. */
const transcripts = [...scenarioNames(), ...ownScenarioNames()]
  .map(readTranscript)
  .sort((one, other) => waitingMs(other) - waitingMs(one))

/** The case's recorded answer beside what came, as a failure message. */
function describeFailure({ name, reason, expected, got }: CaseReport): string {
  return `${name}: ${reason}\n    expected ${JSON.stringify(expected)}\n    got      ${JSON.stringify(got)}`
}

async function play(transcript: Transcript): Promise<void> {
  const engine = engines.get(transcript.server)
  if (engine === undefined) throw new Error(`no engine is started like the server ${transcript.server}`)
  const reports = await playTranscript(transcript, {
    url: engine.url,
    differences: DIFFERENCES,
    // What has been acknowledged is seen at once; no answer gets a second chance unless the recording waits for it.
    patienceMs: 0,
  })
  const failed = reports.filter(({ outcome }) => outcome === 'failed')
  expect(failed.map(describeFailure).join('\n\n')).toBe('')
}

describe.concurrent('scenarios, recorded on Service Center or our own', () => {
  for (const transcript of transcripts) {
    test(transcript.scenario, { timeout: SCENARIO_TIMEOUT_MS }, () => play(transcript))
  }
})

test('every intended difference names what was recorded', () => {
  const known = new Set(transcripts.flatMap(({ scenario, cases }) => cases.map(({ name }) => `${scenario}: ${name}`)))
  for (const client of CLIENTS)
    for (const { method, path } of readClient(client)) known.add(`${client}: ${method} ${path}`)
  expect(unusedCases(known)).toEqual([])
})
