import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Client, TlsOptions } from '@rollcall/client'
import { createClient } from '@rollcall/client'
import type { Command } from 'commander'
import { Option } from 'commander'
import { type CredentialOptions, credentialsOf, withCredentials } from './credentials.ts'
import { UsageError } from './explain.ts'

/** What every command that asks an engine takes. */
export interface ConnectionOptions extends CredentialOptions {
  readonly url: string
  readonly domain: string
  readonly project: string
  /** Files in PEM: authorities to trust; a certificate to show, and its key. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** Print JSON for programs instead of a table for people. */
  readonly json?: boolean
}

const DEFAULT_TENANT = 'default'
const DEFAULT_URL = 'http://127.0.0.1:30100'

/** Adds --url, --domain, --project, --user, --password-file, --ca, --cert, --key and --json to a command. */
export function withConnection(command: Command): Command {
  withUrl(command)
    .addOption(new Option('--domain <name>', 'domain of the tenant').env('ROLLCALL_DOMAIN').default(DEFAULT_TENANT))
    .addOption(new Option('--project <name>', 'project of the tenant').env('ROLLCALL_PROJECT').default(DEFAULT_TENANT))
  return withJson(command)
}

/** Adds the same, but --domain and --project, to a command that is about an engine as a whole, not about one tenant. */
export function withEngine(command: Command): Command {
  command.hook('preAction', (_, action) => {
    action.setOptionValue('domain', DEFAULT_TENANT).setOptionValue('project', DEFAULT_TENANT)
  })
  return withJson(withUrl(command))
}

/** Adds --json to a command. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON instead of a table')
}

function withUrl(command: Command): Command {
  return withCredentials(command)
    .addOption(new Option('--url <url>', 'where the engine is').env('ROLLCALL_URL').default(DEFAULT_URL))
    .addOption(new Option('--ca <file>', "authority of the engine's certificate, in PEM").env('ROLLCALL_CA'))
    .addOption(new Option('--cert <file>', 'certificate to show to the engine, in PEM').env('ROLLCALL_CERT'))
    .addOption(new Option('--key <file>', 'private key of that certificate, in PEM').env('ROLLCALL_KEY'))
}

/** A client for the engine that the options name. @throws UsageError for an address that is none, or an unfit file */
export function connect({ url, domain, project, user, passwordFile, ...files }: ConnectionOptions): Client {
  const tls = readTls(files)
  const credentials = credentialsOf({ ...(user && { user }), ...(passwordFile && { passwordFile }) })
  const urls = url.split(',').map((text) => text.trim())
  try {
    return createClient({ urls, domain, project, ...(tls && { tls }), ...credentials })
  } catch (cause) {
    throw new UsageError(`'${url}' is no address of an engine; it looks like ${DEFAULT_URL}.`, { cause })
  }
}

function readTls({ ca, cert, key }: Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>): TlsOptions | undefined {
  if (ca === undefined && cert === undefined && key === undefined) return undefined
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError('--cert and --key belong together: name both or neither.')
  }
  const tls = {
    ...(ca !== undefined && { ca: readPem('--ca', ca) }),
    ...(cert !== undefined && { cert: readPem('--cert', cert) }),
    ...(key !== undefined && { key: readPem('--key', key) }),
  }
  try {
    createSecureContext(tls)
  } catch (cause) {
    throw new UsageError(`The files of --cert and --key cannot be used: ${(cause as Error).message}.`, { cause })
  }
  return tls
}

function readPem(flag: string, file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`${flag}: cannot read ${file}: ${(cause as Error).message}.`, { cause })
  }
  if (text.includes('-----BEGIN ')) return text
  throw new UsageError(`${flag}: ${file} holds nothing in PEM; it must begin with -----BEGIN.`)
}
