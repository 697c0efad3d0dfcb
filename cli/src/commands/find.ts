import type { KnownInstance } from '@rollcall/client'
import { matchesVersion } from '@rollcall/client'
import type { Command } from 'commander'
import type { ConnectionOptions } from '../connection.ts'
import { connect, withConnection } from '../connection.ts'
import type { Column } from '../print/table.ts'
import { table } from '../print/table.ts'
import { endpointsText, jsonText, statusColor } from '../print/words.ts'
import { selectService } from '../select.ts'
import type { Terminal } from '../terminal.ts'

const COLUMNS: readonly Column<KnownInstance>[] = [
  { title: 'INSTANCE ID', text: ({ instanceId }) => instanceId },
  { title: 'VERSION', text: ({ version }) => version },
  { title: 'STATUS', text: ({ status }) => status, color: statusColor },
  { title: 'HOST', text: ({ hostName = '' }) => hostName },
  { title: 'ENDPOINTS', text: endpointsText },
]

interface FindOptions extends ConnectionOptions {
  readonly app: string
  readonly rule: string
  readonly environment?: string
  readonly consumer?: string
}

/** `rollcall find <service>`: what a consumer would get. */
export function addFind(program: Command, terminal: Terminal): void {
  withConnection(program.command('find').description('the instances that a consumer would get'))
    .argument('<service>', 'name or alias of the provider')
    .option('--app <appId>', 'application of the provider', 'default')
    .option('--rule <version>', '1.0.0, 1.0+, 1.0-2.0 or latest', '0+')
    .option('--environment <environment>', 'environment of the provider')
    .option('--consumer <service>', 'ask as this service; the engine notes that it uses the provider')
    .action((serviceName: string, options: FindOptions) => find(serviceName, options, terminal))
}

async function find(serviceName: string, options: FindOptions, { out, err, stream }: Terminal): Promise<void> {
  const { app: appId, rule, environment, consumer } = options
  const client = connect(options)
  const consumerId = consumer === undefined ? undefined : (await selectService(client, consumer)).serviceId
  const answer = await client.find({ appId, serviceName, version: rule, environment, consumerId })
  const instances = answer.kind === 'changed' ? matchesVersion(answer.instances, rule) : []
  if (options.json === true) out(jsonText({ revision: answer.revision, instances }))
  else if (instances.length === 0) err(`${appId}/${serviceName} has no instances.\n`)
  else out(table(instances, COLUMNS, stream))
}
