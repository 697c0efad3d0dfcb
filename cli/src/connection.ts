import type { Client } from '@rollcall/client'
import { createClient } from '@rollcall/client'
import type { Command } from 'commander'
import { Option } from 'commander'
import { UsageError } from './explain.ts'

/** What every command that asks an engine takes. */
export interface ConnectionOptions {
  readonly url: string
  readonly domain: string
  readonly project: string
  /** Print JSON for programs instead of a table for people. */
  readonly json?: boolean
}

const DEFAULT_URL = 'http://127.0.0.1:30100'

/** Adds --url, --domain, --project and --json to a command. */
export function withConnection(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'where the engine is').env('ROLLCALL_URL').default(DEFAULT_URL))
    .addOption(new Option('--domain <name>', 'domain of the tenant').env('ROLLCALL_DOMAIN').default('default'))
    .addOption(new Option('--project <name>', 'project of the tenant').env('ROLLCALL_PROJECT').default('default'))
    .option('--json', 'print JSON instead of a table')
}

/** A client for the engine that the options name. @throws UsageError for an address that is none */
export function connect({ url, domain, project }: ConnectionOptions): Client {
  const token = process.env.ROLLCALL_TOKEN
  const urls = url.split(',').map((text) => text.trim())
  try {
    return createClient({ urls, domain, project, ...(token ? { token } : {}) })
  } catch (cause) {
    throw new UsageError(`'${url}' is no address of an engine; it looks like ${DEFAULT_URL}.`, { cause })
  }
}
