import type { Quota } from '@rollcall/client'
import type { Command } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../connection.ts'
import { UsageError } from '../explain.ts'
import { table } from '../print/table.ts'
import { jsonText } from '../print/words.ts'
import { repeat, type WatchOptions, withWatch } from '../repeat.ts'
import type { Terminal } from '../terminal.ts'

const NEAR_PERCENT = 80
const FULL_PERCENT = 100

const COLUMNS = [
  { title: 'RESOURCE', text: ({ resource }: Quota) => resource },
  { title: 'USED', text: ({ used }: Quota) => String(used) },
  { title: 'LIMIT', text: ({ limit }: Quota) => String(limit) },
  { title: 'SHARE', text: (quota: Quota) => `${percentOf(quota)} %`, color: shareColor },
]

/** `rollcall quotas …` */
export function addQuotas(program: Command, terminal: Terminal): void {
  const noun = program.command('quotas').description('show and set what a tenant may have')
  withWatch(
    withConnection(noun.command('list').description('limits of the tenant, and how much of them is used')),
  ).action((options: ConnectionOptions & WatchOptions) => repeat(options, terminal, (screen) => list(options, screen)))
  withConnection(noun.command('set').description('set limits of the tenant; what is not named stays'))
    .argument('<limits...>', 'such as instance=200000 service=5000')
    .action((limits: readonly string[], options: ConnectionOptions) => set(limits, options, terminal))
}

function percentOf({ used, limit }: Quota): number {
  return limit === 0 ? FULL_PERCENT : Math.floor((used / limit) * 100)
}

function shareColor(text: string): 'red' | 'yellow' | undefined {
  const percent = Number.parseInt(text, 10)
  if (percent >= FULL_PERCENT) return 'red'
  return percent >= NEAR_PERCENT ? 'yellow' : undefined
}

async function list(options: ConnectionOptions, { out, stream }: Terminal): Promise<void> {
  const quotas = await connect(options).operations.quotas()
  out(options.json === true ? jsonText(quotas) : table(quotas, COLUMNS, stream))
}

async function set(texts: readonly string[], options: ConnectionOptions, { out }: Terminal): Promise<void> {
  const limits = Object.fromEntries(texts.map(parseLimit))
  await connect(options).operations.setQuotas(limits)
  out(options.json === true ? jsonText({ set: limits }) : `Set ${texts.join(', ')}.\n`)
}

function parseLimit(text: string): readonly [resource: string, limit: number] {
  const [, resource = '', limit = ''] = /^([a-z]+)=(\d+)$/.exec(text) ?? []
  if (resource === '') throw new UsageError(`'${text}' is no limit; it looks like instance=200000.`)
  return [resource, Number(limit)]
}
