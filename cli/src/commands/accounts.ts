import type { AccountLock, KnownAccount } from '@rollcall/client'
import type { Command } from 'commander'
import { Option } from 'commander'
import type { ConnectionOptions } from '../connection.ts'
import { connect, withEngine } from '../connection.ts'
import { askPassword, readPassword } from '../credentials.ts'
import type { Column } from '../print/table.ts'
import { fields, table } from '../print/table.ts'
import { jsonText, timeText } from '../print/words.ts'
import type { Terminal } from '../terminal.ts'

const COLUMNS: readonly Column<KnownAccount>[] = [
  { title: 'NAME', text: ({ name }) => name },
  { title: 'ROLES', text: ({ roles }) => roles.join(' ') },
  { title: 'STATUS', text: ({ status = '' }) => status, color: (status) => (status === 'active' ? 'green' : 'red') },
  { title: 'CHANGED', text: ({ updateTime }) => timeText(updateTime) },
]
const LOCK_COLUMNS: readonly Column<AccountLock>[] = [
  { title: 'NAME AT ADDRESS', text: ({ key }) => key },
  { title: 'STATUS', text: ({ status }) => status },
  { title: 'UNTIL', text: ({ releaseAt }) => timeText(String(releaseAt)) },
]
const NAME = 'name of the account'

interface NewPassword {
  readonly newPasswordFile?: string
}
interface CreateOptions extends ConnectionOptions, NewPassword {
  readonly role: readonly string[]
}
interface ChangeOptions extends ConnectionOptions {
  readonly role?: readonly string[]
  readonly status?: string
}

/** `rollcall accounts …` */
export function addAccounts(program: Command, terminal: Terminal): void {
  const noun = program.command('accounts').description('list, make, change and delete accounts')
  const roles = new Option('--role <name...>', 'roles that it has')
  const file = new Option('--new-password-file <file>', 'file with the new password; else it is asked for')
  withEngine(noun.command('list').description('all accounts')).action((options: ConnectionOptions) =>
    list(options, terminal),
  )
  withEngine(noun.command('get').description('one account'))
    .argument('<name>', NAME)
    .action((name: string, options: ConnectionOptions) => get(name, options, terminal))
  withEngine(noun.command('create').description('a new account'))
    .argument('<name>', NAME)
    .addOption(roles.makeOptionMandatory())
    .addOption(file)
    .action((name: string, options: CreateOptions) => create(name, options, terminal))
  withEngine(noun.command('change').description('other roles, or another status'))
    .argument('<name>', NAME)
    .addOption(new Option('--role <name...>', 'roles that it has from now on'))
    .addOption(new Option('--status <status>', 'whether it may be used').choices(['active', 'inactive']))
    .action((name: string, options: ChangeOptions) => change(name, options, terminal))
  withEngine(noun.command('password').description('a new password; tokens given before end'))
    .argument('<name>', NAME)
    .addOption(file)
    .action((name: string, options: ConnectionOptions & NewPassword) => setPassword(name, options, terminal))
  withEngine(noun.command('delete').description('delete an account; its tokens end'))
    .argument('<name>', NAME)
    .action((name: string, options: ConnectionOptions) => remove(name, options, terminal))
  withEngine(noun.command('locks').description('names with wrong passwords, and until when they are locked')).action(
    (options: ConnectionOptions) => locks(options, terminal),
  )
}

async function list(options: ConnectionOptions, { out, stream }: Terminal): Promise<void> {
  const accounts = await connect(options).access.accounts()
  out(options.json === true ? jsonText(accounts) : table(accounts, COLUMNS, stream))
}

async function get(name: string, options: ConnectionOptions, { out }: Terminal): Promise<void> {
  const account = await connect(options).access.account(name)
  if (options.json === true) {
    out(jsonText(account))
    return
  }
  out(
    fields([
      ['Name', account.name],
      ['Roles', account.roles.join(' ')],
      ['Status', account.status],
      ['Made', timeText(account.createTime)],
      ['Changed', timeText(account.updateTime)],
    ]),
  )
}

async function create(name: string, options: CreateOptions, terminal: Terminal): Promise<void> {
  const password = await newPassword(name, options)
  await connect(options).access.createAccount({ name, password, roles: options.role })
  terminal.out(
    options.json === true ? jsonText({ created: { name } }) : `Made account ${name} with ${options.role.join(' ')}.\n`,
  )
}

async function change(name: string, options: ChangeOptions, terminal: Terminal): Promise<void> {
  const { role: roles, status } = options
  const wanted = { ...(roles && { roles }), ...(status && { status }) }
  await connect(options).access.changeAccount(name, wanted)
  terminal.out(options.json === true ? jsonText({ changed: { name, ...wanted } }) : `Changed account ${name}.\n`)
}

async function setPassword(name: string, options: ConnectionOptions & NewPassword, terminal: Terminal): Promise<void> {
  const client = connect(options)
  // One's own change needs the current password, which whoever signs in has given already.
  const isOwn = options.user === name
  const current = isOwn ? await currentPassword(name, options) : ''
  const password = await newPassword(name, options)
  await client.access.changePassword(name, { password, current })
  terminal.out(options.json === true ? jsonText({ changed: { name } }) : `Changed the password of ${name}.\n`)
}

async function remove(name: string, options: ConnectionOptions, terminal: Terminal): Promise<void> {
  await connect(options).access.removeAccount(name)
  terminal.out(options.json === true ? jsonText({ deleted: { name } }) : `Deleted account ${name}.\n`)
}

async function locks(options: ConnectionOptions, { out, err, stream }: Terminal): Promise<void> {
  const found = await connect(options).access.locks()
  if (options.json === true) out(jsonText(found))
  else if (found.length === 0) err('Nobody is locked.\n')
  else out(table(found, LOCK_COLUMNS, stream))
}

function newPassword(name: string, { newPasswordFile }: NewPassword): string | Promise<string> {
  const flag = '--new-password-file'
  return newPasswordFile === undefined
    ? askPassword(`New password of ${name}`, flag)
    : readPassword(flag, newPasswordFile)
}

function currentPassword(name: string, { passwordFile }: ConnectionOptions): string | Promise<string> {
  if (passwordFile !== undefined) return readPassword('--password-file', passwordFile)
  return process.env.ROLLCALL_PASSWORD ?? askPassword(`Current password of ${name}`, '--password-file')
}
