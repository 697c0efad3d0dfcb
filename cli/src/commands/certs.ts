import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import { checkAbsent, type NewFile, writeFiles } from '../certificates/files.ts'
import type { KeyKind, Pair, Validity } from '../certificates/issue.ts'
import { jsonText } from '../print/words.ts'
import type { Terminal } from '../terminal.ts'

interface CertsOptions {
  readonly dir: string
  readonly host: readonly string[]
  readonly client?: string
  readonly keys: KeyKind
  readonly days: number
  readonly force?: boolean
  readonly json?: boolean
}

const DAYS_DEFAULT = 365
const DAYS_MAX = 3650
const LOOPBACK = ['localhost', '127.0.0.1', '::1']

/** `rollcall certs`: a certificate authority and certificates, for tests and for trying TLS. */
export function addCerts(program: Command, terminal: Terminal): void {
  program
    .command('certs')
    .description('make a test authority and a certificate for the engine, and one for a client if asked to')
    .option('--dir <folder>', 'where the files go', 'certs')
    .option('--host <names>', 'more names or addresses of the engine, by comma', parseHosts, [])
    .option('--client <name>', 'a certificate for this client too')
    .addOption(new Option('--keys <kind>', 'kind of keys; Java watches need rsa').choices(['rsa', 'ec']).default('rsa'))
    .option('--days <n>', 'how long they are good', parseDays, DAYS_DEFAULT)
    .option('--force', 'replace files that are there')
    .option('--json', 'print JSON instead of text')
    .action((options: CertsOptions) => makeCertificates(options, terminal))
}

function parseHosts(text: string, earlier: readonly string[]): readonly string[] {
  const hosts = text.split(',').map((host) => host.trim())
  if (hosts.some((host) => !/^[\w.:*-]+$/.test(host))) throw new InvalidArgumentError('It must be names or addresses.')
  return [...earlier, ...hosts]
}

function parseDays(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days >= 1 && days <= DAYS_MAX) return days
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${DAYS_MAX}.`)
}

async function makeCertificates(options: CertsOptions, terminal: Terminal): Promise<void> {
  const { dir, client, keys: keyKind, days } = options
  const hosts = [...new Set([...LOOPBACK, hostname(), ...options.host])]
  const pairs = ['ca', 'server', ...(client === undefined ? [] : ['client'])]
  if (options.force !== true) checkAbsent(dir, pairs.flatMap(fileNames))
  // Only here: no other command should take the time to load this.
  const { createAuthority } = await import('../certificates/issue.ts')
  const validity = validFor(days)
  const authority = await createAuthority({ name: 'Rollcall test authority', keyKind, validity })
  const server = await authority.issueServer({ name: 'Rollcall', keyKind, validity }, hosts)
  const issued = client === undefined ? [] : [await authority.issueClient({ name: client, keyKind, validity })]
  writeFiles(dir, [
    ...pairFiles('ca', authority),
    ...pairFiles('server', server),
    ...issued.flatMap((pair) => pairFiles('client', pair)),
  ])
  const files = Object.fromEntries(pairs.flatMap(fileNames).map((name) => [name, join(dir, name)]))
  const facts = { files, hosts, ...(client === undefined ? {} : { client }), validUntil: validity.until.toISOString() }
  terminal.out(options.json === true ? jsonText(facts) : summary(options, hosts, validity.until))
}

/** From an hour ago on, since clocks of clients may be behind. */
function validFor(days: number): Validity {
  const from = new Date()
  from.setHours(from.getHours() - 1)
  const until = new Date()
  until.setDate(until.getDate() + days)
  return { from, until }
}

function fileNames(pair: string): string[] {
  return [`${pair}.pem`, `${pair}-key.pem`]
}

function pairFiles(name: string, { cert, key }: Pair): NewFile[] {
  const [certFile = '', keyFile = ''] = fileNames(name)
  return [
    { name: certFile, text: cert, isSecret: false },
    { name: keyFile, text: key, isSecret: true },
  ]
}

function summary({ dir, client }: CertsOptions, hosts: readonly string[], until: Date): string {
  const at = (name: string) => join(dir, name)
  const asked = client === undefined ? '' : ` --tls.client require --tls.ca ${at('ca.pem')}`
  const shown = client === undefined ? '' : ` --cert ${at('client.pem')} --key ${at('client-key.pem')}`
  const clientLine = client === undefined ? '' : `  client.pem, client-key.pem  for ${client}\n`
  return `In ${dir}, good until ${until.toISOString().slice(0, 10)}:
  ca.pem, ca-key.pem          the authority; clients need ca.pem
  server.pem, server-key.pem  for ${hosts.join(', ')}
${clientLine}
Start an engine with them, and ask it:
  rollcall serve --tls.cert ${at('server.pem')} --tls.key ${at('server-key.pem')}${asked}
  rollcall services list --url https://localhost:30100 --ca ${at('ca.pem')}${shown}

For tests only: whoever has ca-key.pem can make certificates that your clients believe.
`
}
