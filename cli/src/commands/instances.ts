import type { Client, InstanceStatus, KnownInstance, KnownService } from '@rollcall/client'
import type { Command } from 'commander'
import { Argument } from 'commander'
import type { ConnectionOptions } from '../connection.ts'
import { connect, withConnection } from '../connection.ts'
import type { Column } from '../print/table.ts'
import { fields, table } from '../print/table.ts'
import { endpointsText, jsonText, propertiesText, statusColor, timeText } from '../print/words.ts'
import { repeat, type WatchOptions, withWatch } from '../repeat.ts'
import { pathOf, selectInstance, selectService } from '../select.ts'
import type { Terminal } from '../terminal.ts'

interface Row {
  readonly instance: KnownInstance
  readonly service: KnownService
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'INSTANCE ID', text: ({ instance }) => instance.instanceId },
  { title: 'SERVICE', text: ({ service }) => pathOf(service) },
  { title: 'STATUS', text: ({ instance }) => instance.status, color: statusColor },
  { title: 'HOST', text: ({ instance }) => instance.hostName ?? '' },
  { title: 'ENDPOINTS', text: ({ instance }) => endpointsText(instance) },
  { title: 'REGISTERED', text: ({ instance }) => timeText(instance.timestamp) },
]
const STATUSES: readonly InstanceStatus[] = ['UP', 'DOWN', 'STARTING', 'TESTING', 'OUTOFSERVICE']
const SERVICE = 'its service: id, or as much of environment/application/name/version as is unique'
const INSTANCE = 'id, or the beginning of one'
/** Services that are asked for at a time. */
const PARALLEL = 8

type StatusArguments = [service: string, instance: string, status: InstanceStatus, options: ConnectionOptions]

/** `rollcall instances …` */
export function addInstances(program: Command, terminal: Terminal): void {
  const noun = program.command('instances').description('list, show, mark and delete instances')
  withWatch(withConnection(noun.command('list').description('the instances of a service, or of all')))
    .argument('[service]', SERVICE)
    .action((text: string | undefined, options: ConnectionOptions & WatchOptions) =>
      repeat(options, terminal, (screen) => list(text, options, screen)),
    )
  withConnection(noun.command('get').description('one instance'))
    .argument('<service>', SERVICE)
    .argument('<instance>', INSTANCE)
    .action((service: string, instance: string, options: ConnectionOptions) =>
      get({ service, instance }, options, terminal),
    )
  withConnection(noun.command('status').description('set the status that consumers see'))
    .argument('<service>', SERVICE)
    .argument('<instance>', INSTANCE)
    .addArgument(new Argument('<status>', 'the new status').choices(STATUSES))
    .action((...[service, instance, status, options]: StatusArguments) =>
      setStatus({ service, instance, status }, options, terminal),
    )
  withConnection(
    noun.command('delete').description('unregister an instance; if it lives, its client registers it anew'),
  )
    .argument('<service>', SERVICE)
    .argument('<instance>', INSTANCE)
    .action((service: string, instance: string, options: ConnectionOptions) =>
      remove({ service, instance }, options, terminal),
    )
}

/** What somebody typed to name an instance. */
interface Named {
  readonly service: string
  readonly instance: string
}

async function select(client: Client, named: Named): Promise<Row> {
  const service = await selectService(client, named.service)
  return { service, instance: await selectInstance(client, service, named.instance) }
}

async function list(text: string | undefined, options: ConnectionOptions, terminal: Terminal): Promise<void> {
  const client = connect(options)
  const services = text === undefined ? await client.services.list() : [await selectService(client, text)]
  const rows: Row[] = []
  for (let at = 0; at < services.length; at += PARALLEL) {
    const some = services.slice(at, at + PARALLEL)
    const lists = await Promise.all(some.map(({ serviceId }) => client.instances.list(serviceId)))
    for (const [index, service] of some.entries()) {
      for (const instance of lists[index] ?? []) rows.push({ service, instance })
    }
  }
  rows.sort((one, other) => pathOf(one.service).localeCompare(pathOf(other.service)))
  if (options.json === true) terminal.out(jsonText(rows.map(({ instance }) => instance)))
  else if (rows.length === 0) terminal.err('No instances.\n')
  else terminal.out(table(rows, COLUMNS, terminal.stream))
}

async function get(named: Named, options: ConnectionOptions, { out }: Terminal): Promise<void> {
  const { service, instance } = await select(connect(options), named)
  if (options.json === true) {
    out(jsonText(instance))
    return
  }
  const { mode, interval, times } = instance.healthCheck ?? {}
  const { name, region, availableZone } = instance.dataCenterInfo ?? {}
  out(
    fields([
      ['Instance id', instance.instanceId],
      ['Service', `${pathOf(service)} (${service.serviceId})`],
      ['Status', instance.status],
      ['Host', instance.hostName],
      ['Endpoints', endpointsText(instance)],
      ['Health check', mode === undefined ? '' : `${mode}, every ${interval} s, ${times} may be missed`],
      ['Data centre', [name, region, availableZone].filter(Boolean).join(' / ')],
      ['Properties', propertiesText(instance.properties)],
      ['Registered', timeText(instance.timestamp)],
      ['Changed', timeText(instance.modTimestamp)],
    ]),
  )
}

async function setStatus(
  { status, ...named }: Named & { readonly status: InstanceStatus },
  options: ConnectionOptions,
  { out }: Terminal,
): Promise<void> {
  const client = connect(options)
  const { service, instance } = await select(client, named)
  const { instanceId, serviceId } = instance
  await client.instances.setStatus(serviceId, instanceId, status)
  const changed = { serviceId, instanceId, status, before: instance.status }
  const sentence = `${instanceId} of ${pathOf(service)} is ${status} (was ${instance.status}).\n`
  out(options.json === true ? jsonText({ changed }) : sentence)
}

async function remove(named: Named, options: ConnectionOptions, { out }: Terminal): Promise<void> {
  const client = connect(options)
  const { service, instance } = await select(client, named)
  const { instanceId, serviceId } = instance
  await client.instances.unregister(serviceId, instanceId)
  const deleted = { serviceId, instanceId }
  out(options.json === true ? jsonText({ deleted }) : `Deleted ${instanceId} of ${pathOf(service)}.\n`)
}
