import type { KnownService } from '@rollcall/client'
import type { Command } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../connection.ts'
import { table } from '../print/table.ts'
import { jsonText } from '../print/words.ts'
import { repeat, type WatchOptions, withWatch } from '../repeat.ts'
import { pathOf, selectService } from '../select.ts'
import type { Terminal } from '../terminal.ts'

interface Row {
  readonly relation: 'uses' | 'is used by'
  readonly service: KnownService
}

const COLUMNS = [
  { title: 'RELATION', text: ({ relation }: Row) => relation },
  { title: 'SERVICE', text: ({ service }: Row) => pathOf(service) },
  { title: 'SERVICE ID', text: ({ service }: Row) => service.serviceId },
]

/** `rollcall dependencies <service>`: whom a service uses, and who uses it. */
export function addDependencies(program: Command, terminal: Terminal): void {
  withWatch(withConnection(program.command('dependencies').description('whom a service uses, and who uses it')))
    .argument('<service>', 'id, or as much of environment/application/name/version as is unique')
    .action((text: string, options: ConnectionOptions & WatchOptions) =>
      repeat(options, terminal, (screen) => show(text, options, screen)),
    )
}

async function show(text: string, options: ConnectionOptions, { out, err, stream }: Terminal): Promise<void> {
  const client = connect(options)
  const service = await selectService(client, text)
  const [providers, consumers] = await Promise.all([
    client.relations.providersOf(service.serviceId),
    client.relations.consumersOf(service.serviceId),
  ])
  if (options.json === true) {
    out(jsonText({ providers, consumers }))
    return
  }
  const rows: Row[] = [
    ...providers.map((provider) => ({ relation: 'uses' as const, service: provider })),
    ...consumers.map((consumer) => ({ relation: 'is used by' as const, service: consumer })),
  ]
  if (rows.length === 0) err(`${pathOf(service)} uses nobody, and nobody is known to use it.\n`)
  else out(table(rows, COLUMNS, stream))
}
