import { setTimeout as wait } from 'node:timers/promises'
import type { AuditEntry, AuditFilters, Client } from '@rollcall/client'
import { type Command, InvalidArgumentError } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../connection.ts'
import { type Column, printable, table } from '../print/table.ts'
import { jsonText } from '../print/words.ts'
import type { Terminal } from '../terminal.ts'

const LIMIT_DEFAULT = 50
const LOOK_SECONDS = 2

const COLUMNS: readonly Column<AuditEntry>[] = [
  { title: 'TIME', text: ({ time }) => time },
  { title: 'ACCOUNT', text: ({ account }) => account },
  { title: 'ADDRESS', text: ({ address }) => address },
  { title: 'ACTION', text: ({ action }) => action },
  { title: 'RESULT', text: ({ result }) => result, color: (result) => (result === 'ok' ? 'green' : 'red') },
  { title: 'RESOURCE', text: ({ resource }) => resource },
  { title: 'DETAIL', text: ({ detail = '' }) => detail },
]

type AuditOptions = ConnectionOptions & AuditFilters & { readonly limit: number; readonly follow?: boolean }

/** `rollcall audit`: who changed what, and who was refused. */
export function addAudit(program: Command, terminal: Terminal): void {
  withConnection(program.command('audit').description('who changed what, and who was refused; the latest come last'))
    .option('--since <time>', 'from this time on, such as 2030-12-31T23:59:59Z')
    .option('--until <time>', 'before this time')
    .option('--account <name>', 'only of this account')
    .option('--address <address>', 'only from this address')
    .option('--action <action>', 'only this action, such as service.delete, or all about a service')
    .option('--resource <id>', 'only about this')
    .option('--result <result>', 'only with this result: ok, refused, or the code of an error')
    .option('--text <text>', 'only with this text anywhere')
    .option('--limit <n>', 'the latest so many', parseLimit, LIMIT_DEFAULT)
    .option('--follow', 'go on with what comes, until interrupted')
    .action((options: AuditOptions) => (options.follow === true ? follow(options, terminal) : list(options, terminal)))
}

function parseLimit(text: string): number {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidArgumentError('It must be a whole number from 1.')
  return limit
}

async function list(options: AuditOptions, { out, err, stream }: Terminal): Promise<void> {
  const entries = await latest(connect(options), filtersOf(options), options.limit)
  if (options.json === true) out(jsonText(entries))
  else if (entries.length === 0) err('No entries.\n')
  else out(table(entries, COLUMNS, stream))
}

/** Prints the latest, then each new one; what was printed is known by its id. */
async function follow(options: AuditOptions, { out }: Terminal): Promise<void> {
  const client = connect(options)
  const line = (entry: AuditEntry) => (options.json === true ? `${JSON.stringify(entry)}\n` : lineOf(entry))
  let filters = filtersOf(options)
  let { limit } = options
  let printed = new Set<string>()
  for (;;) {
    const entries = await latest(client, filters, limit)
    for (const entry of entries) if (!printed.has(entry.id)) out(line(entry))
    const { time: since } = entries.at(-1) ?? {}
    if (since !== undefined) {
      printed = new Set(entries.map(({ id }) => id))
      filters = { ...filters, since }
      limit = Number.POSITIVE_INFINITY
    }
    await wait(LOOK_SECONDS * 1000)
  }
}

/** The latest entries that fit, in the order in which they came. */
async function latest(client: Client, filters: AuditFilters, limit: number): Promise<AuditEntry[]> {
  const found: AuditEntry[] = []
  for await (const entry of client.operations.audit(filters)) if (found.push(entry) >= limit) break
  return found.reverse()
}

function filtersOf({ since, until, account, address, action, resource, result, text }: AuditOptions): AuditFilters {
  return { since, until, account, address, action, resource, result, text }
}

function lineOf(entry: AuditEntry): string {
  return `${COLUMNS.map(({ text }) => printable(text(entry)) || '-').join('  ')}\n`
}
