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

const DEFAULT_TENANT = 'default'
const DEFAULT_URL = 'http://127.0.0.1:30100'

/** Adds --url, --domain, --project and --json to a command. */
export function withConnection(command: Command): Command {
  withUrl(command)
    .addOption(new Option('--domain <name>', 'domain of the tenant').env('ROLLCALL_DOMAIN').default(DEFAULT_TENANT))
    .addOption(new Option('--project <name>', 'project of the tenant').env('ROLLCALL_PROJECT').default(DEFAULT_TENANT))
  return withJson(command)
}

/** Adds --url and --json to a command that is about an engine as a whole, not about one tenant. */
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
  return command.addOption(new Option('--url <url>', 'where the engine is').env('ROLLCALL_URL').default(DEFAULT_URL))
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
