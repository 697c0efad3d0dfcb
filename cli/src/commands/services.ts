import type { KnownService } from '@rollcall/client'
import type { Command } from 'commander'
import type { ConnectionOptions } from '../connection.ts'
import { connect, withConnection } from '../connection.ts'
import type { Column } from '../print/table.ts'
import { fields, table } from '../print/table.ts'
import { jsonText, propertiesText, statusColor, timeText } from '../print/words.ts'
import { repeat, type WatchOptions, withWatch } from '../repeat.ts'
import { pathOf, selectService } from '../select.ts'
import type { Terminal } from '../terminal.ts'

const COLUMNS: readonly Column<KnownService>[] = [
  { title: 'SERVICE ID', text: ({ serviceId }) => serviceId },
  { title: 'APPLICATION', text: ({ appId }) => appId },
  { title: 'NAME', text: ({ serviceName }) => serviceName },
  { title: 'VERSION', text: ({ version }) => version },
  { title: 'ENVIRONMENT', text: ({ environment = '' }) => environment },
  { title: 'REGISTERED', text: ({ timestamp }) => timeText(timestamp) },
]

interface ListOptions extends ConnectionOptions, WatchOptions {
  readonly app?: string
  readonly name?: string
  readonly environment?: string
  readonly shared?: boolean
}

/** `rollcall services …` */
export function addServices(program: Command, terminal: Terminal): void {
  const noun = program.command('services').description('list, show and delete services')
  withWatch(withConnection(noun.command('list').description('all services of the tenant')))
    .option('--app <appId>', 'only of this application')
    .option('--name <serviceName>', 'only of this name')
    .option('--environment <environment>', 'only of this environment')
    .option('--shared', "also the engine's own")
    .action((options: ListOptions) => repeat(options, terminal, (screen) => list(options, screen)))
  withConnection(noun.command('get').description('one service'))
    .argument('<service>', 'id, or as much of environment/application/name/version as is unique')
    .action((text: string, options: ConnectionOptions) => get(text, options, terminal))
  withConnection(noun.command('delete').description('delete a service and what belongs to it'))
    .argument('<service>', 'id, or as much of environment/application/name/version as is unique')
    .option('--force', 'even if it has instances or consumers')
    .action((text: string, options: ConnectionOptions & { force?: boolean }) => remove(text, options, terminal))
}

async function list(options: ListOptions, { out, err, stream }: Terminal): Promise<void> {
  const { app, name, environment, shared = false } = options
  const all = await connect(options).services.list({ withShared: shared })
  const wanted = all
    .filter(({ appId }) => app === undefined || appId === app)
    .filter(({ serviceName }) => name === undefined || serviceName === name)
    .filter((service) => environment === undefined || (service.environment ?? '') === environment)
    .sort((one, other) => pathOf(one).localeCompare(pathOf(other)))
  if (options.json === true) out(jsonText(wanted))
  else if (wanted.length === 0) err('No services.\n')
  else out(table(wanted, COLUMNS, stream))
}

async function get(text: string, options: ConnectionOptions, { out, stream }: Terminal): Promise<void> {
  const client = connect(options)
  const service = await selectService(client, text)
  const instances = await client.instances.list(service.serviceId)
  if (options.json === true) {
    out(jsonText({ ...service, instances }))
    return
  }
  out(
    fields([
      ['Service id', service.serviceId],
      ['Application', service.appId],
      ['Name', service.serviceName],
      ['Version', service.version],
      ['Environment', service.environment],
      ['Alias', service.alias],
      ['Description', service.description],
      ['Level', service.level],
      ['Schemas', service.schemas?.join(' ')],
      ['Properties', propertiesText(service.properties)],
      ['Registered', timeText(service.timestamp)],
      ['Changed', timeText(service.modTimestamp)],
      ['Instances', String(instances.length)],
    ]),
  )
  if (instances.length === 0) return
  const columns: readonly Column<(typeof instances)[number]>[] = [
    { title: 'INSTANCE ID', text: ({ instanceId }) => instanceId },
    { title: 'STATUS', text: ({ status }) => status, color: statusColor },
    { title: 'HOST', text: ({ hostName = '' }) => hostName },
  ]
  out(`\n${table(instances, columns, stream)}`)
}

async function remove(
  text: string,
  options: ConnectionOptions & { readonly force?: boolean },
  { out }: Terminal,
): Promise<void> {
  const client = connect(options)
  const service = await selectService(client, text)
  await client.services.remove(service.serviceId, { force: options.force ?? false })
  const { serviceId } = service
  out(options.json === true ? jsonText({ deleted: { serviceId } }) : `Deleted ${pathOf(service)} (${serviceId}).\n`)
}
