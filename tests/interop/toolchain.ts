import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

const SOURCES = new URL('./', import.meta.url).pathname
const CLASSPATH_GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath'
const OUTPUT_LENGTH_MAX = 4000

/** A driver that can be started, or why this machine cannot have one. What is wrong with a driver itself is thrown. */
export type Build = Command | { readonly missing: string }

/** What starts a driver. */
export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** How the tools are called; the proof that a lost registry is noticed needs other arguments. */
export interface Tools {
  /** Flags of every call of Maven. */
  readonly maven?: readonly string[]
  /** Variables of every call of Go. */
  readonly go?: Readonly<Record<string, string>>
}

interface Outcome {
  readonly code: number | null
  readonly output: string
}

/** What Maven and Go say when a registry cannot be reached, as opposed to a package that is not there or is broken. */
const UNREACHABLE = [
  /Could not transfer artifact/,
  /failed to transfer from/,
  /dial tcp/,
  /i\/o timeout/,
  /TLS handshake timeout/,
  /proxyconnect/,
]

/** Compiles the Java driver against the published client library, into the folder. */
export async function buildJavaDriver(folder: string, { maven = [] }: Tools = {}): Promise<Build> {
  const absent = await firstAbsent([
    ['java', '-version'],
    ['javac', '-version'],
    ['mvn', '-version'],
  ])
  if (absent !== undefined) return { missing: `${absent} is not installed` }
  const classpathFile = join(folder, 'classpath')
  const pom = join(SOURCES, 'java', 'pom.xml')
  const download = ['-B', '-q', '-f', pom, ...maven, CLASSPATH_GOAL, `-Dmdep.outputFile=${classpathFile}`]
  const missing = await downloadProblem(await run('mvn', download))
  if (missing !== undefined) return { missing }
  const classes = join(folder, 'classes')
  const libraries = (await readFile(classpathFile, 'utf8')).trim()
  const sources = await filesBelow(join(SOURCES, 'java', 'src'), '.java')
  await demand('javac', ['-Werror', '-Xlint:all,-processing,-classfile', '-d', classes, '-cp', libraries, ...sources])
  const logging = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  return { command: 'java', args: [logging, '-cp', [classes, libraries].join(delimiter), 'rollcall.interop.Main'] }
}

/** Compiles the Go driver with the published client module, into the folder. */
export async function buildGoDriver(folder: string, { go = {} }: Tools = {}): Promise<Build> {
  const absent = await firstAbsent([['go', 'version']])
  if (absent !== undefined) return { missing: `${absent} is not installed` }
  const options = { cwd: join(SOURCES, 'go'), env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off', ...go } }
  const missing = await downloadProblem(await run('go', ['mod', 'download'], options))
  if (missing !== undefined) return { missing }
  const command = join(folder, 'driver')
  await demand('go', ['build', '-o', command, '.'], options)
  // The client looks after this many seconds whether an address still accepts connections, and falls back to a fixed one,
  // where somebody else may listen, when it does not.
  return { command, args: [], env: { CHASSIS_SC_HEALTH_CHECK_INTERVAL: '3600' } }
}

/** @returns why the packages cannot be had here, or undefined when they are there; throws when the project is wrong */
async function downloadProblem({ code, output }: Outcome): Promise<string | undefined> {
  if (code === 0) return undefined
  const line = unreachable(output)
  if (line === undefined) throw new Error(`the packages of the driver cannot be resolved:\n${output}`)
  return `the published client cannot be downloaded: ${line.slice(0, 300)}`
}

/** @returns the line in which Maven or Go says that it cannot reach a registry */
export function unreachable(output: string): string | undefined {
  return output.split('\n').find((text) => UNREACHABLE.some((pattern) => pattern.test(text)))
}

/** @returns the first command that is not there */
export async function firstAbsent(
  calls: readonly (readonly [command: string, flag: string])[],
): Promise<string | undefined> {
  for (const [command, flag] of calls) {
    const { code } = await run(command, [flag])
    if (code !== 0) return command
  }
  return undefined
}

async function filesBelow(folder: string, ending: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name))
}

async function demand(...call: Parameters<typeof run>): Promise<void> {
  const { code, output } = await run(...call)
  if (code !== 0) throw new Error(`${call[0]} failed:\n${output}`)
}

/** Runs a command to its end. A command that is not there ends with the code null. */
async function run(
  command: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  console.log(`interop: ${command} ${args.filter((arg) => arg.length < 100).join(' ')}`)
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-OUTPUT_LENGTH_MAX)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  try {
    const [code] = await once(child, 'close')
    return { code, output }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { code: null, output: `${command} is not installed` }
    throw error
  }
}
