import type { Client, Finding } from '@rollcall/client'
import { ConnectionError, RollcallError } from '@rollcall/client'
import type { Command } from 'commander'
import { type ConnectionOptions, connect, withEngine } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { checkNode } from '../node-version.ts'
import type { Surroundings } from '../outcome.ts'
import { CLI_VERSION } from '../package-version.ts'
import { type Column, table } from '../print/table.ts'
import { jsonText } from '../print/words.ts'

interface DoctorOptions extends ConnectionOptions {
  readonly folder?: string
}

const COLORS = { ok: 'green', warning: 'yellow', problem: 'red' } as const
const COLUMNS: readonly Column<Finding>[] = [
  { title: 'LEVEL', text: ({ level }) => level, color: (text) => COLORS[text as keyof typeof COLORS] },
  { title: 'CHECK', text: ({ check }) => check },
  { title: 'SEEN', text: ({ message }) => message },
]
/** Clocks that are kept right differ by less. */
const CLOCK_TOLERANCE_MS = 2000

/** `rollcall doctor`: what is not as it should be, and what to do about it. */
export function addDoctor(program: Command, surroundings: Surroundings): void {
  const description = 'look at an engine, its store and its machine, and say what to do about what is wrong'
  withEngine(program.command('doctor').description(description))
    .option('--folder <path>', 'instead of a running engine: a data folder that none is using')
    .action((options: DoctorOptions) => examine(options, surroundings))
}

async function examine(options: DoctorOptions, { terminal, outcome }: Surroundings): Promise<void> {
  const { folder, json = false } = options
  const findings = folder === undefined ? await examineEngine(connect(options)) : await examineFolder(folder)
  const isHealthy = findings.every(({ level }) => level !== 'problem')
  if (!isHealthy) outcome.code = EXIT.findings
  if (json) {
    terminal.out(jsonText({ isHealthy, findings }))
    return
  }
  terminal.out(table(findings, COLUMNS, terminal.stream))
  const remedies = findings.filter(({ remedy }) => remedy !== undefined)
  if (remedies.length > 0) {
    terminal.out(`\n${remedies.map(({ check, remedy }) => `${check}: ${remedy}\n`).join('')}`)
  }
}

async function examineFolder(folder: string): Promise<readonly Finding[]> {
  checkNode()
  const diagnosis = await import('@rollcall/engine/diagnosis/folder')
  return diagnosis.examineFolder(folder)
}

async function examineEngine(client: Client): Promise<readonly Finding[]> {
  try {
    const { version } = await client.version()
    return [...(await judgeEngine(client, version)), ...(await askEngine(client))]
  } catch (error) {
    return [judgeAbsence(error, client.url)]
  }
}

async function judgeEngine(client: Client, version: string): Promise<readonly Finding[]> {
  const answers = { check: 'engine', message: `version ${version} answers at ${client.url}` }
  const isReady = await client.isReady()
  const engine: Finding = isReady
    ? { ...answers, level: 'ok' }
    : { ...answers, level: 'problem', remedy: 'It is stopping, or not ready yet: look into its log.' }
  if (version === CLI_VERSION) return [engine]
  const message = `this command has version ${CLI_VERSION}, the engine ${version}`
  return [
    engine,
    { check: 'versions', level: 'warning', message, remedy: 'Use the command that came with the engine.' },
  ]
}

/** What the engine says of itself, and whether its clock is that of this machine. */
async function askEngine(client: Client): Promise<readonly Finding[]> {
  const asked = Date.now()
  try {
    const { time, findings } = await client.operations.diagnosis()
    const answered = Date.now()
    const early = asked - time
    const late = time - answered
    const apart = Math.max(early, late, 0)
    return [...findings, judgeClocks(apart)]
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error
    const message = `the engine does not say how it is: ${error.code} ${error.message} ${error.detail}`.trim()
    const remedy = 'Give ROLLCALL_TOKEN of an account that may read ops; a Service Center has no such answer.'
    return [{ check: 'diagnosis', level: 'warning', message, remedy }]
  }
}

function judgeClocks(apart: number): Finding {
  const check = 'clocks'
  if (apart < CLOCK_TOLERANCE_MS) return { check, level: 'ok', message: 'engine and this machine have the same time' }
  const message = `engine and this machine are ${(apart / 1000).toFixed(1)} s apart`
  return { check, level: 'warning', message, remedy: 'Keep both right (chrony, systemd-timesyncd).' }
}

/** Why nobody answers as an engine does. */
function judgeAbsence(error: unknown, url: string): Finding {
  const check = 'port'
  if (error instanceof RollcallError) {
    const message = `something answers at ${url}, but not as an engine does (HTTP status ${error.status})`
    const remedy = 'Another program has this port: stop it, or choose another with --server.port and --url.'
    return { check, level: 'problem', message, remedy }
  }
  if (!(error instanceof ConnectionError)) throw error
  const reason = error.attempts.map((attempt) => `${attempt.url} (${attempt.reason})`).join(', ')
  const isClosed = error.attempts.every((attempt) => attempt.reason === 'ECONNREFUSED')
  const remedy = isClosed
    ? 'Start an engine with "rollcall serve", or look at its data folder with --folder.'
    : 'Something is in the way: another program on this port, a firewall, or a wrong address in --url.'
  return { check, level: 'problem', message: `no engine answers at ${reason}`, remedy }
}
