import type { Command } from 'commander'
import type { ConnectionOptions } from '../connection.ts'
import { connect, withConnection } from '../connection.ts'
import { CLI_VERSION } from '../package-version.ts'
import { jsonText } from '../print/words.ts'
import type { Terminal } from '../terminal.ts'

/** `rollcall version`: of this command and of the engine. */
export function addVersion(program: Command, terminal: Terminal): void {
  withConnection(program.command('version').description('versions of this command and of the engine')).action(
    (options: ConnectionOptions) => showVersions(options, terminal),
  )
}

async function showVersions(options: ConnectionOptions, { out }: Terminal): Promise<void> {
  const client = connect(options)
  if (options.json !== true) out(`rollcall ${CLI_VERSION}\n`)
  const engine = await client.version()
  if (options.json === true) out(jsonText({ rollcall: CLI_VERSION, engine, url: client.url }))
  else out(`engine   ${engine.version} at ${client.url}\n`)
}
