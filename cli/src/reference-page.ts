import type { Argument, Option } from 'commander'
import { type CommandNode, nodesOf, treeOf } from './completion/command-tree.ts'
import { INSTALLING } from './completion/scripts.ts'
import { EXIT_MEANINGS } from './exit-codes.ts'
import { createProgram, ENVIRONMENT } from './program.ts'

const NOWHERE = { out() {}, err() {}, stream: process.stdout }

/** `docs/cli.md`: every command with its arguments and flags, made of the commands themselves. */
export function referencePage(): string {
  const root = treeOf(createProgram(NOWHERE, { outcome: { code: 0 }, asJson: false }))
  const commands = nodesOf(root).filter(({ path, children }) => path.length > 0 && children.length === 0)
  const environment = ENVIRONMENT.map(([name, meaning]) => `| \`${name}\` | ${cell(meaning)} |`)
  const codes = EXIT_MEANINGS.map(([code, meaning]) => `| ${code} | ${meaning} |`)
  const shells = Object.entries(INSTALLING).map(([shell, line]) => `| ${shell} | \`${line.replace(/ {2,}/, '  ')}\` |`)
  return `# The rollcall command

Generated from the command itself by \`npm run docs\`. Results go to standard output, everything else to standard error.
People get tables, programs JSON with \`--json\`: then errors are one JSON document too.

## Commands

${commands.map(section).join('\n')}
## Environment

| variable | meaning |
|---|---|
${environment.join('\n')}

## Exit codes

| code | meaning |
|--:|---|
${codes.join('\n')}

\`rollcall serve\` ends with the engine's own codes, which \`rollcall serve --help\` lists.

## Completion

| shell | line to add |
|---|---|
${shells.join('\n')}
`
}

function section({ path, description, command }: CommandNode): string {
  const words = [...path, ...command.registeredArguments.map(argumentText)].join(' ')
  const rows = [
    ...command.registeredArguments.map((argument) => `| \`${argumentText(argument)}\` | ${meaningOf(argument)} |`),
    ...command.options.map((option) => `| \`${option.flags}\` | ${meaningOf(option)} |`),
  ]
  const rest = rows.length === 0 ? '' : `\n| | |\n|---|---|\n${rows.join('\n')}\n`
  return `### rollcall ${path.join(' ')}\n\n\`rollcall ${words}\`: ${description}\n${rest}`
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

function meaningOf(one: Argument | Option): string {
  const { description, argChoices = [], defaultValue } = one
  const choices = argChoices.length === 0 ? '' : ` (${argChoices.join(', ')})`
  const preset = typeof defaultValue === 'string' ? ` (${defaultValue})` : ''
  const variable = 'envVar' in one && one.envVar !== undefined ? `; also \`${one.envVar}\`` : ''
  return cell(`${description}${choices}${preset}${variable}`)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
