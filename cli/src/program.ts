import { Command, CommanderError } from 'commander'
import { addCommands } from './commands.ts'
import { EXIT, EXIT_MEANINGS } from './exit-codes.ts'
import { explain, UsageError } from './explain.ts'
import type { Outcome } from './outcome.ts'
import { CLI_VERSION } from './package-version.ts'
import type { Terminal } from './terminal.ts'

/** Variables that the command heeds, with what they mean. */
export const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ['ROLLCALL_URL', 'where the engine is; several addresses with commas (default http://127.0.0.1:30100)'],
  ['ROLLCALL_DOMAIN', 'domain of the tenant (default "default")'],
  ['ROLLCALL_PROJECT', 'project of the tenant (default "default")'],
  ['ROLLCALL_TOKEN', 'bearer token, if the engine asks for one'],
  ['ROLLCALL_USER', 'account to sign in with; ROLLCALL_PASSWORD or ROLLCALL_PASSWORD_FILE its password'],
  ['ROLLCALL_CA', 'authority to trust for https addresses, a file in PEM'],
  ['ROLLCALL_CERT', 'certificate to show to the engine, a file in PEM; ROLLCALL_KEY its private key'],
  ['NO_COLOR', 'no colours'],
]

const AFTER_HELP = `
Environment:
${ENVIRONMENT.map(([name, meaning]) => `  ${name.padEnd(16)}  ${meaning}`).join('\n')}

Exit codes:
${EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padEnd(2)}  ${meaning}`).join('\n')}
`

/**
 * Runs one command.
 * @param args arguments after the program's name
 * @returns the exit code
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const outcome: Outcome = { code: EXIT.ok }
  const asJson = args.includes('--json')
  const program = createProgram(terminal, { outcome, asJson })
  try {
    await program.parseAsync(args, { from: 'user' })
    return outcome.code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const { text, code } = explain(error, { asJson })
    terminal.err(text)
    return code
  }
}

interface Circumstances {
  readonly outcome: Outcome
  readonly asJson: boolean
}

/** All commands, ready to run or to be described. */
export function createProgram(terminal: Terminal, { outcome, asJson }: Circumstances): Command {
  const outputError = (text: string, write: (text: string) => void) => {
    const said = text.replace(/^error: /, '').trim()
    write(asJson ? explain(new UsageError(said), { asJson }).text : text)
  }
  const program = new Command('rollcall')
    .description('Runs a Rollcall engine, and shows and changes what one knows.')
    .version(CLI_VERSION, '--version', 'version of this command')
    .addHelpText('after', AFTER_HELP)
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err, outputError })
    .configureHelp({ showGlobalOptions: false })
  addCommands(program, { terminal, outcome })
  return program
}
