import { exit, stderr, stdout } from 'node:process'
import type { Engine } from './engine.ts'
import { startEngine } from './engine.ts'
import { systemClock } from './kernel/clock.ts'
import type { Secret } from './kernel/secret.ts'
import { createLog } from './logger.ts'
import { readSecrets, type Secrets } from './secrets.ts'
import { settingsHelp } from './settings/help.ts'
import type { Settings } from './settings.ts'
import { loadSettings, SettingsError } from './settings.ts'
import { VERSION } from './version.ts'

/** How the process ends; scripts may rely on these. */
const EXIT = {
  ok: 0,
  defect: 1,
  settings: 2,
  folderInUse: 3,
  cannotListen: 4,
  storeUnavailable: 5,
} as const

const HELP = `rollcall serve: runs the engine in the foreground until it is interrupted.

  --help     this text
  --version  the version

${settingsHelp()}

Exit codes: 0 stopped in order, 1 defect, 2 settings, 3 data folder in use, 4 cannot listen, 5 store cannot be opened.
`

/**
 * Runs the engine until a signal ends it.
 * @param args arguments after the program's name
 * @returns the exit code
 */
export async function serve(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  if (args.includes('--help')) return say(HELP)
  if (args.includes('--version')) return say(`${VERSION}\n`)
  let settings: Settings
  let secrets: Secrets
  try {
    settings = loadSettings(args, environment)
    secrets = readSecrets(settings, environment)
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    return refuse(error.message, EXIT.settings)
  }
  const log = createLog(settings.log)
  let engine: Engine
  try {
    engine = await startEngine(settings, { log, secrets })
  } catch (error) {
    return explain(error, settings)
  }
  // Listens before it speaks: whoever reads the greeting may interrupt at once.
  const interruption = interrupted()
  if (engine.certificateEnd !== undefined) reloadAtHangUp(engine)
  stdout.write(greeting(engine, settings))
  await interruption
  await engine.close()
  stdout.write('Stopped.\n')
  return EXIT.ok
}

function say(text: string): number {
  stdout.write(text)
  return EXIT.ok
}

function refuse(message: string, code: number): number {
  stderr.write(`${message}\n`)
  return code
}

function greeting({ url, version, rootPassword, certificateEnd }: Engine, { auth, store, tls }: Settings): string {
  const where = store.kind === 'lmdb' ? `lmdb in ${store.path}` : 'memory (forgets everything at the end)'
  const access =
    auth.mode === 'on' ? 'accounts and tokens' : 'open to everybody who can reach it (--auth.mode on asks for accounts)'
  const secured =
    certificateEnd === undefined
      ? ''
      : `\n  TLS      ${tls.cert}, good until ${certificateEnd.toISOString()}; client certificates: ${tls.client}`
  const password = rootPassword === undefined ? '' : rootGreeting(rootPassword, url)
  const token = auth.mode === 'on' ? ` -H "Authorization: Bearer $TOKEN"` : ''
  return `Rollcall ${version}
  API      ${url}
  Console  ${url}/console/
  Store    ${where}
  Access   ${access}${secured}
${password}
Register a first service:
  curl -X POST ${url}/v4/default/registry/microservices -H 'Content-Type: application/json'${token} -d '{"service":{"serviceName":"hello","version":"1.0.0"}}'

Ctrl-C stops it.
`
}

/** The one time that a made-up password is shown. */
function rootGreeting(password: Secret, url: string): string {
  return `
The password of account root is shown this once and stored nowhere in clear:
  ${password.reveal()}
Sign in with it; the answer has the TOKEN that other requests need:
  curl -X POST ${url}/v4/token -H 'Content-Type: application/json' -d '{"name":"root","password":"…"}'
`
}

/** Says why the engine did not start, and what to do. */
function explain(error: unknown, { server, store }: Settings): number {
  const { code, syscall, message, name } = error as NodeJS.ErrnoException
  if (name === 'StoreInUseError') {
    return refuse(
      `Another Rollcall is using the data folder ${store.path}. Stop it, or choose another folder with --store.path.`,
      EXIT.folderInUse,
    )
  }
  if (name === 'AuthStartError' || name === 'CertificateError') return refuse(message, EXIT.settings)
  if (name === 'StoreUnavailableError') return refuse(`The store cannot be opened: ${message}.`, EXIT.storeUnavailable)
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    const reason = code === 'EADDRINUSE' ? 'the port is in use' : message
    const remedy = 'Choose another with --server.host and --server.port (0 takes any free port).'
    return refuse(`Cannot listen on ${server.host}:${server.port}: ${reason}. ${remedy}`, EXIT.cannotListen)
  }
  throw error
}

/** A Ctrl-C comes from the terminal, and at once again from npm, which hands on what it got itself: one wish, not two. */
const ONE_WISH_MS = 1000

/** Resolves at the first SIGINT or SIGTERM; one that comes later, from somebody who waits, ends the process at once. */
function interrupted(): Promise<void> {
  const codes = { SIGINT: 130, SIGTERM: 143 } as const
  let firstAt: number | undefined
  return new Promise((resolve) => {
    for (const [signal, code] of Object.entries(codes)) {
      process.on(signal, () => {
        firstAt ??= systemClock.monotonic()
        if (systemClock.monotonic() - firstAt > ONE_WISH_MS) exit(code)
        resolve()
      })
    }
  })
}

/** SIGHUP reads new certificates; at a terminal it ends the engine as ever, since then the terminal is gone. */
function reloadAtHangUp(engine: Engine): void {
  if (!stdout.isTTY) process.on('SIGHUP', () => void engine.reloadCertificates())
}
