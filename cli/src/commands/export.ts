import { createReadStream } from 'node:fs'
import type { Command } from 'commander'
import type { ConnectionOptions } from '../connection.ts'
import { connect, withConnection } from '../connection.ts'
import { startProgress } from '../print/progress.ts'
import { bytesText, jsonText } from '../print/words.ts'
import { checkIsNew, dropPartial, finishPartial, writePartial } from '../sealed-file.ts'
import type { Terminal } from '../terminal.ts'
import type { Scope } from '../transfer/bundle.ts'
import { EXPORT, type ExportHead } from '../transfer/export-lines.ts'
import { bundlesOf, servicesIn } from '../transfer/read-engine.ts'
import { readBegun, writeExport } from '../transfer/write-export.ts'

interface ExportOptions extends ConnectionOptions, Scope {
  readonly force?: boolean
  readonly restart?: boolean
}

/** `rollcall export <file>`: services and what belongs to them, of a Rollcall or a Service Center. */
export function addExport(program: Command, terminal: Terminal): void {
  const what = 'write services, their contracts, tags, dependencies and instances to a file'
  withScope(withConnection(program.command('export').description(`${what}; of a Rollcall or a Service Center`)))
    .argument('<file>', 'where to; compressed when the name ends with .gz')
    .option('--force', 'overwrite the file if it is there')
    .option('--restart', 'begin anew, even if an earlier export to this file was broken off')
    .action((file: string, options: ExportOptions) => exportTo(file, options, terminal))
}

/** Adds --app and --environment to a command. */
export function withScope(command: Command): Command {
  return command
    .option('--app <appId>', 'only of this application')
    .option('--environment <environment>', 'only of this environment')
}

async function exportTo(file: string, options: ExportOptions, terminal: Terminal): Promise<void> {
  await checkIsNew(file, options)
  const { domain, project, app, environment, json = false } = options
  const scope = { ...(app === undefined ? {} : { app }), ...(environment === undefined ? {} : { environment }) }
  const client = connect(options)
  const services = await servicesIn(client, scope)
  const partial = `${file}.part`
  const asked: ExportHead = { ...EXPORT_HEAD, source: client.url, domain, project, scope, time: Date.now() }
  const begun = options.restart === true ? undefined : await readBegun(partial, asked)
  const rest = services.filter(({ serviceId }) => begun?.complete.has(serviceId) !== true)
  const kept = begun?.complete.size ?? 0
  if (kept > 0) terminal.err(`Going on after ${kept} services that an earlier export has written.\n`)
  const progress = startProgress({ label: 'Exporting', unit: 'services', total: services.length }, terminal)
  progress.add(services.length - rest.length)
  let instances = 0
  const onBundle = (bundle: { readonly instances: readonly unknown[] }) => {
    instances += bundle.instances.length
    progress.add(1)
  }
  try {
    await writeExport(partial, { head: asked, begun, bundles: bundlesOf(client, rest), onBundle })
  } finally {
    progress.end()
  }
  const bytes = await name(file, partial)
  const counts = { services: kept + rest.length, resumedAfter: kept, instances }
  const going = kept === 0 ? '' : ` (${kept} of them earlier)`
  const sentence = `Exported ${counts.services} services${going} with ${instances} instances to ${file}, ${bytesText(bytes)}.\n`
  terminal.out(json ? jsonText({ exported: { file, bytes, ...counts } }) : sentence)
}

const EXPORT_HEAD = { rollcall: EXPORT.kind, format: EXPORT.format }

/** Gives a whole export its name, compressed where the name says so. @returns its bytes */
async function name(file: string, partial: string): Promise<number> {
  if (!file.endsWith('.gz')) return finishPartial(file, partial)
  const compressed = `${file}.compressed`
  await writePartial(file, { partial: compressed, content: createReadStream(partial) })
  const bytes = await finishPartial(file, compressed)
  await dropPartial(partial)
  return bytes
}
