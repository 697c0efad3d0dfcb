import type { Command } from 'commander'
import { checkNode } from '../node-version.ts'
import type { Outcome } from '../outcome.ts'

/** `rollcall serve`: an engine in this process. Its arguments are the engine's settings; `--help` lists them. */
export function addServe(program: Command, outcome: Outcome): void {
  program
    .command('serve')
    .description('run an engine in the foreground; --help lists its settings and exit codes')
    .argument('[settings...]', 'such as --server.port 30200')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (settings: readonly string[]) => {
      checkNode()
      const engine = await import('@rollcall/engine/main')
      outcome.code = await engine.run(settings, process.env)
    })
}
