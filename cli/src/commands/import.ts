import type { Command } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { UsageError } from '../explain.ts'
import type { Surroundings } from '../outcome.ts'
import { startProgress } from '../print/progress.ts'
import { jsonText } from '../print/words.ts'
import { pathOf } from '../select.ts'
import { apply } from '../transfer/apply.ts'
import type { Scope } from '../transfer/bundle.ts'
import { each } from '../transfer/each.ts'
import { compare } from '../transfer/read-engine.ts'
import { Report } from '../transfer/report.ts'
import { openEngine, openFile, type Source } from '../transfer/source.ts'
import { withScope } from './export.ts'

interface ImportOptions extends ConnectionOptions, Scope {
  readonly from?: string
  readonly fromDomain?: string
  readonly fromProject?: string
  readonly dryRun?: boolean
  /** False with --no-instances. */
  readonly instances: boolean
}

const SERVICES_AT_ONCE = 4

/** `rollcall import [file]`: brings in what an export holds, or what another engine has. */
export function addImport(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('import')
    .description('bring in services and what belongs to them; what is there stays')
  withScope(withConnection(command))
    .argument('[file]', 'what "rollcall export" has written')
    .option('--from <url>', 'instead of a file: a running Rollcall or Service Center')
    .option('--from-domain <name>', 'domain there; the same when left out')
    .option('--from-project <name>', 'project there; the same when left out')
    .option('--dry-run', 'only show what would change')
    .option('--no-instances', 'without instances')
    .action((file: string | undefined, options: ImportOptions) => importFrom(file, options, surroundings))
}

async function importFrom(file: string | undefined, options: ImportOptions, { terminal, outcome }: Surroundings) {
  const { dryRun = false, json = false, instances } = options
  const client = connect(options)
  const source = await open(file, options)
  const there = new Map((await client.services.list()).map((service) => [pathOf(service), service]))
  const progress = startProgress({ label: 'Importing', unit: 'services and instances', total: source.total }, terminal)
  const report = new Report()
  try {
    await each(source.bundles(), SERVICES_AT_ONCE, async (found) => {
      const bundle = instances ? found : { ...found, instances: [] }
      const difference = await compare(client, bundle, there.get(pathOf(bundle.service)))
      const expected = 1 + found.instances.length
      let done = 0
      if (report.add(difference) && !dryRun) {
        await apply(client, difference, () => {
          done += 1
          progress.add(1)
        })
      }
      progress.add(expected - done)
    })
  } catch (error) {
    progress.end()
    terminal.err('Broken off. What was brought in stays; the same command goes on from there.\n')
    throw error
  }
  progress.end()
  if (dryRun && report.changes.length > 0) outcome.code = EXIT.findings
  terminal.out(json ? jsonText(report.document(dryRun)) : report.text(dryRun))
}

function open(file: string | undefined, options: ImportOptions): Promise<Source> {
  const { from, fromDomain, fromProject } = options
  if ((file === undefined) === (from === undefined)) throw new UsageError('Name a file, or an engine with --from.')
  if (file !== undefined) return openFile(file, options)
  return openEngine(connectTo(options, { url: from ?? '', fromDomain, fromProject }), options)
}

interface Elsewhere {
  readonly url: string
  readonly fromDomain: string | undefined
  readonly fromProject: string | undefined
}

function connectTo(options: ImportOptions, { url, fromDomain, fromProject }: Elsewhere) {
  const { domain, project } = options
  return connect({ url, domain: fromDomain ?? domain, project: fromProject ?? project })
}
