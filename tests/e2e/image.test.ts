import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, matchesGlob } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { projectFiles, ROOT, readProjectFile } from '../repo/tree.ts'
import { startProgram } from './command.ts'

/*
 * What the Dockerfile says, done without Docker: the same files, the same installation, and the engine as a user of no
 * rights in a tree that cannot be written to.
 */

const TIMEOUT_MS = 180_000
const NOBODY = 65_534
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT/
const dockerfile = readProjectFile('Dockerfile')

let folder: string
let app: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-image-'))
  app = join(folder, 'app')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The words behind an instruction, the last that there is. */
function instruction(name: string): string {
  const lines = dockerfile.match(new RegExp(`^${name} .*$`, 'gm')) ?? []
  return (lines.at(-1) ?? '').slice(name.length + 1)
}

/** Whether `COPY . .` takes a file; patterns are read in order, and the last that fits counts. */
function isCopied(path: string): boolean {
  const patterns = readProjectFile('.dockerignore').split('\n').filter(Boolean)
  const places = path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'))
  const fits = (pattern: string) => places.some((place) => matchesGlob(place, pattern))
  const last = patterns.findLast((pattern) => fits(pattern.replace(/^!/, '')))
  return last === undefined || last.startsWith('!')
}

/** Starts a command in the image's tree with its environment, as a user of no rights where only root could do that. */
function start(command: readonly string[], environment: Readonly<Record<string, string>>) {
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  chownSync(data, NOBODY, NOBODY)
  const mounts = `mount --make-rprivate / && mount --bind '${data}' '${data}' && mount -o remount,bind,ro /`
  const identity = `--reuid=${NOBODY} --regid=${NOBODY} --clear-groups --no-new-privs --bounding-set=-all`
  const script = `${mounts} && cd '${app}' && exec setpriv ${identity} "$@"`
  const env = { PATH: process.env.PATH, ...environment, ROLLCALL_STORE_PATH: data, ROLLCALL_SERVER_PORT: '0' }
  return startProgram('unshare', ['-m', 'sh', '-c', script, 'sh', ...command], { env })
}

test('the image: installed without development, served by nobody from what is read-only, closed to whoever has no token', {
  timeout: TIMEOUT_MS,
}, async (context) => {
  if (process.getuid?.() !== 0) context.skip('only root may mount and become somebody else')
  if (spawnSync('unshare', ['-m', 'true']).status !== 0) context.skip('mounting is not allowed here')
  for (const path of projectFiles().filter(isCopied)) cpSync(join(ROOT, path), join(app, path))
  expect(projectFiles().filter(isCopied)).not.toContain('docs/README.md')
  const install = /^RUN (npm ci .*)$/m.exec(dockerfile)?.[1] ?? ''
  const PATH = `${dirname(process.execPath)}:${process.env.PATH}`
  const installed = spawnSync('sh', ['-c', install], { cwd: app, env: { ...process.env, PATH }, encoding: 'utf8' })
  if (OFFLINE.test(installed.stderr)) context.skip('the registry of packages is out of reach')
  expect(installed.status, installed.stderr).toBe(0)

  // Node as the image has it, where everybody may run it.
  const node = join(folder, 'node')
  cpSync(process.execPath, node)
  for (const path of [folder, node]) chmodSync(path, 0o755)
  const env = Object.fromEntries(
    instruction('ENV')
      .split(' ')
      .map((pair) => pair.split('=') as [string, string]),
  )
  const [, ...args] = JSON.parse(instruction('ENTRYPOINT')) as string[]
  const engine = start([node, ...args], { ...env, ROLLCALL_ROOT_PASSWORD: 'Ferry-Lantern-38' })
  try {
    const [, port] = await engine.said(/API\s+http:\/\/0\.0\.0\.0:(\d+)[\s\S]*Ctrl-C stops it/)
    const url = `http://127.0.0.1:${port}`
    const statusOf = async (path: string, headers = {}) => (await fetch(`${url}/v4${path}`, { headers })).status
    expect(await statusOf('/default/registry/health/readiness')).toBe(200)
    expect(await statusOf('/default/registry/microservices')).toBe(401)
    const body = JSON.stringify({ name: 'root', password: 'Ferry-Lantern-38' })
    const { token } = (await (await fetch(`${url}/v4/token`, { method: 'POST', body })).json()) as { token: string }
    expect(await statusOf('/default/registry/microservices', { Authorization: `Bearer ${token}` })).toBe(200)
    engine.child.kill('SIGTERM')
    expect(await engine.ended).toMatchObject({ code: 0, err: '' })
  } finally {
    engine.child.kill('SIGKILL')
  }
})

test('the unit: systemd finds nothing wrong with it, and little that a service could harm', (context) => {
  const path = join(folder, 'rollcall.service')
  // It names the engine's place, where it is not now.
  const unit = readProjectFile('docs/operating/rollcall.service').replace(/^(ExecStart=)\S+/m, `$1${process.execPath}`)
  writeFileSync(path, unit)
  const analyze = (...args: string[]) => spawnSync('systemd-analyze', [...args, path], { encoding: 'utf8' })
  const verified = analyze('verify')
  if (verified.error !== undefined) context.skip('systemd-analyze is not installed')
  expect(verified.stderr).toBe('')
  expect(verified.status).toBe(0)
  // 10 is a service that may do everything.
  const { status, stdout } = analyze('security', '--offline=yes', '--threshold=40')
  expect(status, stdout).toBe(0)
})
