import type { Command } from 'commander'

/** A flag as it is typed. */
export interface FlagNode {
  readonly long: string
  readonly takesValue: boolean
  readonly description: string
}

/** A command, what may follow it, and its flags: what completion and the reference page are made of. */
export interface CommandNode {
  /** Its words, without `rollcall`; empty for the program itself. */
  readonly path: readonly string[]
  readonly description: string
  readonly children: readonly CommandNode[]
  readonly flags: readonly FlagNode[]
  /** Words that its arguments may be, where only some are allowed. */
  readonly choices: readonly string[]
  readonly command: Command
}

/** The tree below a command. */
export function treeOf(command: Command, path: readonly string[] = []): CommandNode {
  return {
    path,
    description: command.description(),
    children: command.commands.map((child) => treeOf(child, [...path, child.name()])),
    flags: command.options.flatMap(({ long, required, optional, description }) =>
      long ? [{ long, takesValue: required || optional, description }] : [],
    ),
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    command,
  }
}

/** A tree as a list, the program first. */
export function nodesOf(node: CommandNode): readonly CommandNode[] {
  return [node, ...node.children.flatMap(nodesOf)]
}
