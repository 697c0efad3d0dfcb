import { readFileSync } from 'node:fs'
import { env, stderr, stdin } from 'node:process'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { AccountOptions, ClientOptions } from '@rollcall/client'
import type { Command } from 'commander'
import { Option } from 'commander'
import { UsageError } from './explain.ts'

/** How a command signs in. */
export interface CredentialOptions {
  readonly user?: string
  readonly passwordFile?: string
}

/** Adds --user and --password-file to a command. */
export function withCredentials(command: Command): Command {
  return command
    .addOption(new Option('--user <account>', 'sign in with this account').env('ROLLCALL_USER'))
    .addOption(
      new Option('--password-file <file>', 'file with its password; else ROLLCALL_PASSWORD, else it is asked for').env(
        'ROLLCALL_PASSWORD_FILE',
      ),
    )
}

/** What a client needs to sign in: an account, or the token of ROLLCALL_TOKEN; nothing when neither is given. */
export function credentialsOf(options: CredentialOptions): Pick<ClientOptions, 'account' | 'token'> {
  const account = accountOf(options)
  const token = env.ROLLCALL_TOKEN
  if (account !== undefined) return { account }
  return token ? { token } : {}
}

function accountOf({ user, passwordFile }: CredentialOptions): AccountOptions | undefined {
  if (user === undefined || user === '') return undefined
  const given = passwordFile === undefined ? env.ROLLCALL_PASSWORD : readPassword('--password-file', passwordFile)
  return { name: user, password: given ?? (() => askPassword(`Password of ${user}`, '--password-file')) }
}

/** The password in a file, without the end of its line. @throws UsageError */
export function readPassword(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new UsageError(`${flag}: cannot read ${file}: ${(cause as Error).message}.`, { cause })
  }
}

/** Asks who sits at the terminal, and does not show what is typed. @throws UsageError where nobody sits */
export async function askPassword(question: string, flag: string): Promise<string> {
  if (!stdin.isTTY) throw new UsageError(`${question}: nobody is there to be asked. Name a file with ${flag}.`)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true })
  stderr.write(`${question}: `)
  try {
    return await new Promise((resolve) => lines.question('', resolve))
  } finally {
    lines.close()
    stderr.write('\n')
  }
}
