import { readFileSync } from 'node:fs'
import type { Permission, Role } from '@rollcall/protocol/accounts'
import type { Command } from 'commander'
import { Option } from 'commander'
import type { ConnectionOptions } from '../connection.ts'
import { connect, withEngine } from '../connection.ts'
import { UsageError } from '../explain.ts'
import type { Column } from '../print/table.ts'
import { table } from '../print/table.ts'
import { jsonText } from '../print/words.ts'
import type { Terminal } from '../terminal.ts'

/** One line for each verb and type that a role allows. */
interface Line {
  readonly role: string
  readonly type: string
  readonly verbs: string
  readonly labels: string
}

const COLUMNS: readonly Column<Line>[] = [
  { title: 'ROLE', text: ({ role }) => role },
  { title: 'MAY', text: ({ verbs }) => verbs },
  { title: 'WITH', text: ({ type }) => type },
  { title: 'WHERE', text: ({ labels }) => labels },
]
const NAME = 'name of the role'

interface FileOptions extends ConnectionOptions {
  readonly perms: string
}

/** `rollcall roles …` */
export function addRoles(program: Command, terminal: Terminal): void {
  const noun = program.command('roles').description('list, make, change and delete roles')
  const file = new Option(
    '--perms <file>',
    'permissions, as JSON: [{"resources":[{"type":"service"}],"verbs":["get"]}]',
  )
  withEngine(noun.command('list').description('all roles')).action((options: ConnectionOptions) =>
    list(options, terminal),
  )
  withEngine(noun.command('get').description('one role'))
    .argument('<name>', NAME)
    .action((name: string, options: ConnectionOptions) => get(name, options, terminal))
  withEngine(noun.command('create').description('a new role'))
    .argument('<name>', NAME)
    .addOption(file.makeOptionMandatory())
    .action((name: string, options: FileOptions) => create(name, options, terminal))
  withEngine(noun.command('change').description('other permissions'))
    .argument('<name>', NAME)
    .addOption(file)
    .action((name: string, options: FileOptions) => change(name, options, terminal))
  withEngine(noun.command('delete').description('delete a role that no account has'))
    .argument('<name>', NAME)
    .action((name: string, options: ConnectionOptions) => remove(name, options, terminal))
}

async function list(options: ConnectionOptions, { out, stream }: Terminal): Promise<void> {
  const roles = await connect(options).access.roles()
  out(options.json === true ? jsonText(roles) : table(roles.flatMap(linesOf), COLUMNS, stream))
}

async function get(name: string, options: ConnectionOptions, { out, stream }: Terminal): Promise<void> {
  const role = await connect(options).access.role(name)
  out(options.json === true ? jsonText(role) : table(linesOf(role), COLUMNS, stream))
}

async function create(name: string, options: FileOptions, { out }: Terminal): Promise<void> {
  await connect(options).access.createRole(name, readPermissions(options.perms))
  out(options.json === true ? jsonText({ created: { name } }) : `Made role ${name}.\n`)
}

async function change(name: string, options: FileOptions, { out }: Terminal): Promise<void> {
  await connect(options).access.changeRole(name, readPermissions(options.perms))
  out(options.json === true ? jsonText({ changed: { name } }) : `Changed role ${name}.\n`)
}

async function remove(name: string, options: ConnectionOptions, { out }: Terminal): Promise<void> {
  await connect(options).access.removeRole(name)
  out(options.json === true ? jsonText({ deleted: { name } }) : `Deleted role ${name}.\n`)
}

function linesOf({ name = '', perms = [] }: Role): Line[] {
  const nothing: Line = { role: name, type: '', verbs: 'nothing', labels: '' }
  const lines = perms.flatMap(({ resources = [], verbs = [] }) =>
    resources.map(({ type = '', labels = {} }): Line => {
      const where = Object.entries(labels).map(([label, value]) => `${label}=${value}`)
      return { role: name, type, verbs: verbs.join(' '), labels: where.join(' ') }
    }),
  )
  return lines.length === 0 ? [nothing] : lines
}

/** @throws UsageError */
function readPermissions(file: string): readonly Permission[] {
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (Array.isArray(read)) return read as readonly Permission[]
  } catch (cause) {
    throw new UsageError(`--perms: cannot read ${file}: ${(cause as Error).message}.`, { cause })
  }
  throw new UsageError(`--perms: ${file} holds no list of permissions.`)
}
