import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { ROOT } from '../repo/tree.ts'
import type { PageCommands, readPage } from './page.ts'

/** Ports that the pages name. A test uses free ones instead: other tests run, and readers try the pages, on the same machine. */
const PORTS = /\b(?:30100|30200|8080|8081|8082)\b/g
const ENGINE_PORT = '30100'
const OTHER_PORTS = ['30200', '8080', '8081', '8082']
/** A page that starts the engine itself, with settings of its own; a second one has another port. */
const STARTS_ENGINE = /^rollcall serve (?!.*--server\.port 30200).*&$/m
/** A request that is refused fails a page, as a command does. */
const CURL_SETTINGS = 'fail\nshow-error\n'
const MARK = '\u0001'

/** What was printed by the commands of a page, and how it ended. */
export interface Reading {
  /** The first commands that failed, or did not print what the page promises; undefined when all is as it says. */
  readonly failure: { readonly commands: PageCommands; readonly output: string } | undefined
  readonly output: string
}

/** Does all that a page says, in a folder of its own and in one shell, with a running engine unless the page starts one. */
export async function follow({ files, commands }: ReturnType<typeof readPage>, withinMs: number): Promise<Reading> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-tutorial-'))
  const isOwn = commands.some((one) => STARTS_ENGINE.test(one.commands))
  const engine = isOwn ? undefined : await EngineProcess.start(['--store.path', join(folder, '.engine')])
  try {
    // Pages for Node are read in the folder of the repository.
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, '.curlrc'), CURL_SETTINGS)
    const enginePort = engine?.url.port ?? (await freePort())
    const ported = await portsInstead(enginePort)
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), ported(text))
    }
    const script = commands.map((one) => `printf '${MARK}'\n${ported(one.commands)}`).join('\n')
    const output = await type(script, { folder, enginePort, withinMs })
    return judge(commands, { ported, output })
  } finally {
    await engine?.crash()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @returns what has free ports in a text instead of those of the pages */
async function portsInstead(enginePort: string): Promise<(text: string) => string> {
  const ports = new Map([[ENGINE_PORT, enginePort]])
  for (const port of OTHER_PORTS) ports.set(port, await freePort())
  return (text) => text.replaceAll(PORTS, (port) => ports.get(port) ?? port)
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}

interface Surroundings {
  readonly folder: string
  readonly enginePort: string
  readonly withinMs: number
}

/** Runs a script that ends at its first failure, and ends whatever it has left running. @returns all that was printed */
async function type(script: string, { folder, enginePort, withinMs }: Surroundings): Promise<string> {
  const env = {
    ...process.env,
    // `rollcall` and Node are those of the repository.
    PATH: [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter),
    ROLLCALL_URL: `http://127.0.0.1:${enginePort}`,
    ROLLCALL_SERVER_PORT: enginePort,
    CURL_HOME: folder,
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
  }
  const args = ['-e', '-o', 'pipefail', '-c', `exec 2>&1\n${script}\nprintf '${MARK}'`]
  const child = spawn('bash', args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const endAll = () => process.kill(-(child.pid ?? Number.NaN), 'SIGKILL')
  const closed = once(child, 'close')
  const timer = setTimeout(endAll, withinMs)
  await once(child, 'exit')
  clearTimeout(timer)
  try {
    endAll()
  } catch {
    // Nothing was left running.
  }
  await closed
  return output
}

interface Said {
  readonly ported: (text: string) => string
  readonly output: string
}

function judge(commands: readonly PageCommands[], { ported, output }: Said): Reading {
  // Before each block stands a mark, and one after the last of them when all went well.
  const [, ...parts] = output.split(MARK)
  const isComplete = parts.length === commands.length + 1
  const lastIndex = isComplete ? -1 : parts.length - 1
  const failed = commands.find(({ printed }, index) => {
    return index === lastIndex || printed.some((line) => !(parts[index] ?? '').includes(ported(line)))
  })
  const failure = failed && { commands: failed, output: parts[commands.indexOf(failed)] ?? '' }
  return { failure, output }
}
