import type { Given, Problem } from './parse.ts'
import { suggestion } from './parse.ts'
import { SETTINGS } from './table.ts'

const NAMES = Object.keys(SETTINGS)

/** The spelling of a setting in the environment: `server.port` is `ROLLCALL_SERVER_PORT`. */
export function variableOf(name: string): string {
  const words = name.replaceAll(/[A-Z]/g, (capital) => `_${capital}`).replaceAll('.', '_')
  return `ROLLCALL_${words.toUpperCase()}`
}

const BY_VARIABLE = new Map(NAMES.map((name) => [variableOf(name), name]))

/** Variables of other commands that begin like settings. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set([
  'ROLLCALL_CONFIG',
  'ROLLCALL_URL',
  'ROLLCALL_DOMAIN',
  'ROLLCALL_PROJECT',
  'ROLLCALL_TOKEN',
  'ROLLCALL_USER',
  'ROLLCALL_PASSWORD',
  'ROLLCALL_PASSWORD_FILE',
  'ROLLCALL_CA',
  'ROLLCALL_CERT',
  'ROLLCALL_KEY',
  // Secrets are no settings: they would show in lists of processes and in files that are shared.
  'ROLLCALL_ROOT_PASSWORD',
  'ROLLCALL_ROOT_PASSWORD_FILE',
])

/** Settings from the environment. */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>, problems: Problem[]): Given[] {
  const given: Given[] = []
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('ROLLCALL_') || OTHER_VARIABLES.has(variable) || text === undefined) continue
    const name = BY_VARIABLE.get(variable)
    if (name !== undefined) given.push({ name, text, origin: `environment variable ${variable}` })
    else {
      const near = suggestion(variable, [...BY_VARIABLE.keys()])
      const allowed = 'Variables that begin with ROLLCALL_ are settings; --help lists them.'
      problems.push({ sentence: `Unknown setting in environment variable ${variable}.${near} ${allowed}` })
    }
  }
  return given
}

/** Settings from the command line: `--server.port 30200` or `--server.port=30200`. */
export function fromFlags(argv: readonly string[], problems: Problem[]): { given: Given[]; config?: string } {
  const given: Given[] = []
  let config: string | undefined
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? ''
    if (!argument.startsWith('--')) {
      problems.push({ sentence: `Unexpected argument '${argument}': settings are given as --name value.` })
      continue
    }
    const equals = argument.indexOf('=')
    const name = equals < 0 ? argument.slice(2) : argument.slice(2, equals)
    const text = equals < 0 ? argv[++index] : argument.slice(equals + 1)
    if (text === undefined) problems.push({ sentence: `Flag --${name} needs a value.` })
    else if (name === 'config') config = text
    else given.push({ name, text, origin: `flag --${name}` })
  }
  return config === undefined ? { given } : { given, config }
}
