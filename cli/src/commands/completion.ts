import type { Command } from 'commander'
import { Argument } from 'commander'
import { treeOf } from '../completion/command-tree.ts'
import { completionScript, INSTALLING, SHELLS, type Shell } from '../completion/scripts.ts'
import type { Terminal } from '../terminal.ts'

/** `rollcall completion <shell>`: a script for the shell, made of the commands that there are. */
export function addCompletion(program: Command, { out }: Terminal): void {
  program
    .command('completion')
    .description('print a script that completes commands in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText(
      'after',
      `\nInstalling:\n${Object.values(INSTALLING)
        .map((line) => `  ${line}`)
        .join('\n')}`,
    )
    .action((shell: Shell) => out(completionScript(shell, treeOf(program))))
}
