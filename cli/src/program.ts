import { Command, CommanderError } from 'commander'
import { addCerts } from './commands/certs.ts'
import { addErrors } from './commands/errors.ts'
import { addFind } from './commands/find.ts'
import { addInstances } from './commands/instances.ts'
import { addServe } from './commands/serve.ts'
import { addServices } from './commands/services.ts'
import { addVersion } from './commands/version.ts'
import { addWatch } from './commands/watch.ts'
import { EXIT } from './exit-codes.ts'
import { explain, UsageError } from './explain.ts'
import { CLI_VERSION } from './package-version.ts'
import type { Terminal } from './terminal.ts'

const AFTER_HELP = `
Environment:
  ROLLCALL_URL      where the engine is; several addresses with commas (default http://127.0.0.1:30100)
  ROLLCALL_DOMAIN   domain of the tenant (default "default")
  ROLLCALL_PROJECT  project of the tenant (default "default")
  ROLLCALL_TOKEN    bearer token, if the engine asks for one
  ROLLCALL_CA       authority to trust for https addresses, a file in PEM
  ROLLCALL_CERT     certificate to show to the engine, a file in PEM; ROLLCALL_KEY its private key
  NO_COLOR          no colours

Exit codes: 0 done, 1 wrong usage, 2 no engine answers, 3 refused by the engine or not there, 70 defect of this command.
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

/** How the command that ran wants the process to end. */
export interface Outcome {
  code: number
}

interface Circumstances {
  readonly outcome: Outcome
  readonly asJson: boolean
}

function createProgram(terminal: Terminal, { outcome, asJson }: Circumstances): Command {
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
  addServe(program, outcome)
  addServices(program, terminal)
  addInstances(program, terminal)
  addFind(program, terminal)
  addWatch(program, terminal)
  addCerts(program, terminal)
  addErrors(program, terminal)
  addVersion(program, terminal)
  return program
}
