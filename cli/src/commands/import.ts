import type { Client } from '@rollcall/client'
import type { Command } from 'commander'
import type { ConnectionOptions } from '../connection.ts'
import { connect, withConnection } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { UsageError } from '../explain.ts'
import { startProgress } from '../print/progress.ts'
import { jsonText } from '../print/words.ts'
import { readSealed } from '../sealed-file.ts'
import { pathOf } from '../select.ts'
import type { Terminal } from '../terminal.ts'
import { apply } from '../transfer/apply.ts'
import type { Bundle, Scope } from '../transfer/bundle.ts'
import { countsOf, type Difference, differenceOf, isNothing } from '../transfer/difference.ts'
import { bundlesIn, EXPORT } from '../transfer/export-lines.ts'
import { bundleOf, bundlesOf, servicesIn } from '../transfer/read-engine.ts'
import { withScope } from './export.ts'

interface ImportOptions extends ConnectionOptions, Scope {
  readonly from?: string
  readonly fromDomain?: string
  readonly fromProject?: string
  readonly dryRun?: boolean
  /** False with --no-instances. */
  readonly instances: boolean
}

/** How the command that ran wants the process to end. */
interface Outcome {
  code: number
}

interface Surroundings {
  readonly terminal: Terminal
  readonly outcome: Outcome
}

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

/** Where bundles come from. */
interface Source {
  /** How many services and instances there are. */
  readonly total: number
  bundles(): AsyncIterable<Bundle>
}

async function importFrom(file: string | undefined, options: ImportOptions, { terminal, outcome }: Surroundings) {
  const { dryRun = false, json = false, instances } = options
  const client = connect(options)
  const source = await open(file, options)
  const there = new Map((await client.services.list()).map((service) => [pathOf(service), service]))
  const progress = startProgress({ label: 'Importing', unit: 'services and instances', total: source.total }, terminal)
  const report = new Report()
  try {
    for await (const found of source.bundles()) {
      const bundle = instances ? found : { ...found, instances: [] }
      const known = there.get(pathOf(bundle.service))
      const difference = differenceOf(bundle, known === undefined ? undefined : await bundleOf(client, known))
      report.add(difference)
      const expected = 1 + found.instances.length
      let done = 0
      if (!dryRun && !isNothing(difference)) {
        await apply(client, difference, () => {
          done += 1
          progress.add(1)
        })
      }
      progress.add(expected - done)
    }
  } catch (error) {
    progress.end()
    terminal.err('Broken off. What was brought in stays; the same command goes on from there.\n')
    throw error
  }
  progress.end()
  if (dryRun && report.changes.length > 0) outcome.code = EXIT.findings
  terminal.out(json ? jsonText(report.document(dryRun)) : report.text(dryRun))
}

/** A file is read to its end before anything of it is used: what is damaged changes nothing. */
async function open(file: string | undefined, options: ImportOptions): Promise<Source> {
  const { from, fromDomain, fromProject } = options
  if ((file === undefined) === (from === undefined)) throw new UsageError('Name a file, or an engine with --from.')
  if (file === undefined) return openEngine(connectTo(options, { url: from ?? '', fromDomain, fromProject }), options)
  const bundles = () => bundlesIn(withoutHead(readSealed(file, EXPORT)), { name: file, scope: options })
  let total = 0
  for await (const { instances } of bundles()) total += 1 + instances.length
  return { total, bundles }
}

interface Elsewhere {
  readonly url: string
  readonly fromDomain: string | undefined
  readonly fromProject: string | undefined
}

function connectTo(options: ImportOptions, { url, fromDomain, fromProject }: Elsewhere): Client {
  const { domain, project } = options
  return connect({ url, domain: fromDomain ?? domain, project: fromProject ?? project })
}

async function openEngine(client: Client, scope: Scope): Promise<Source> {
  const services = await servicesIn(client, scope)
  return { total: services.length, bundles: () => bundlesOf(client, services) }
}

async function* withoutHead(lines: AsyncGenerator<unknown>): AsyncGenerator<unknown> {
  await lines.next()
  yield* lines
}

/** What is, or would be, done for one service; it keeps counts only, for there may be many instances. */
interface Change {
  readonly service: string
  readonly isNew: boolean
  readonly counts: ReturnType<typeof countsOf>
}

/** What an import changes, or would change. */
class Report {
  readonly changes: Change[] = []
  #same = 0
  #others = 0

  add(difference: Difference): void {
    const { wanted, serviceId, otherInstances } = difference
    this.#others += otherInstances.length
    if (isNothing(difference)) this.#same += 1
    else {
      const counts = countsOf(difference).filter(([, count]) => count > 0)
      this.changes.push({ service: pathOf(wanted.service), isNew: serviceId === undefined, counts })
    }
  }

  text(isDry: boolean): string {
    const lines = this.changes.map(({ service, isNew, counts }) => {
      const what = counts.map(([name, count]) => (name === 'properties' ? name : `${count} ${name}`)).join(', ')
      return `${isNew ? '+' : '~'} ${service}${what === '' ? '' : `: ${what}`}\n`
    })
    const created = this.changes.filter(({ isNew }) => isNew).length
    const parts = [`${created} new`, `${this.changes.length - created} changed`, `${this.#same} as they are`]
    const others = `${this.#others} instances live there with other addresses and stay as they are.\n`
    const verb = isDry ? 'Would import' : 'Imported'
    return `${lines.join('')}${verb} services: ${parts.join(', ')}.\n${this.#others === 0 ? '' : others}`
  }

  document(isDry: boolean): object {
    const changes = this.changes.map(({ counts, ...change }) => ({ ...change, ...Object.fromEntries(counts) }))
    return { isDryRun: isDry, changes, unchangedServices: this.#same, instancesElsewhere: this.#others }
  }
}
