import { readFile } from 'node:fs/promises'
import type { Contract } from '@rollcall/client'
import type { Command } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../connection.ts'
import { table } from '../print/table.ts'
import { jsonText } from '../print/words.ts'
import { pathOf, selectService } from '../select.ts'
import type { Terminal } from '../terminal.ts'

const SERVICE = 'id, or as much of environment/application/name/version as is unique'
const SCHEMA = 'id of the contract'
const COLUMNS = [
  { title: 'SCHEMA ID', text: ({ schemaId }: Contract) => schemaId },
  { title: 'SUMMARY', text: ({ summary = '' }: Contract) => summary },
]

/** What somebody typed to name a contract. */
interface Named {
  readonly service: string
  readonly schemaId: string
}

/** `rollcall schemas …` */
export function addSchemas(program: Command, terminal: Terminal): void {
  const noun = program.command('schemas').description('list, show, set and delete contracts of services')
  withConnection(noun.command('list').description('the contracts of a service'))
    .argument('<service>', SERVICE)
    .action((service: string, options: ConnectionOptions) => list(service, options, terminal))
  withConnection(noun.command('get').description('the content of a contract'))
    .argument('<service>', SERVICE)
    .argument('<schema>', SCHEMA)
    .action((service: string, schemaId: string, options: ConnectionOptions) =>
      get({ service, schemaId }, options, terminal),
    )
  withConnection(noun.command('put').description('store the content of a contract'))
    .argument('<service>', SERVICE)
    .argument('<schema>', SCHEMA)
    .argument('<file>', 'the content')
    .action((...[service, schemaId, file, options]: [string, string, string, ConnectionOptions]) =>
      put({ service, schemaId, file }, options, terminal),
    )
  withConnection(noun.command('delete').description('delete a contract'))
    .argument('<service>', SERVICE)
    .argument('<schema>', SCHEMA)
    .action((service: string, schemaId: string, options: ConnectionOptions) =>
      remove({ service, schemaId }, options, terminal),
    )
}

async function list(text: string, options: ConnectionOptions, { out, err, stream }: Terminal): Promise<void> {
  const client = connect(options)
  const { serviceId } = await selectService(client, text)
  const contracts = await client.contracts.list(serviceId)
  if (options.json === true) out(jsonText(contracts))
  else if (contracts.length === 0) err('No schemas.\n')
  else out(table(contracts, COLUMNS, stream))
}

async function get({ service, schemaId }: Named, options: ConnectionOptions, { out }: Terminal): Promise<void> {
  const client = connect(options)
  const { serviceId } = await selectService(client, service)
  const contract = await client.contracts.get(serviceId, schemaId)
  out(options.json === true ? jsonText(contract) : `${contract.schema.trimEnd()}\n`)
}

async function put(
  { service, schemaId, file }: Named & { readonly file: string },
  options: ConnectionOptions,
  { out }: Terminal,
): Promise<void> {
  const schema = await readFile(file, 'utf8')
  const client = connect(options)
  const known = await selectService(client, service)
  const { serviceId } = known
  await client.contracts.put(serviceId, { schemaId, schema })
  out(
    options.json === true ? jsonText({ stored: { serviceId, schemaId } }) : `Stored ${schemaId} of ${pathOf(known)}.\n`,
  )
}

async function remove({ service, schemaId }: Named, options: ConnectionOptions, { out }: Terminal): Promise<void> {
  const client = connect(options)
  const known = await selectService(client, service)
  const { serviceId } = known
  await client.contracts.remove(serviceId, schemaId)
  out(
    options.json === true
      ? jsonText({ deleted: { serviceId, schemaId } })
      : `Deleted ${schemaId} of ${pathOf(known)}.\n`,
  )
}
