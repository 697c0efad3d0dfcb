import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createClient } from '@rollcall/client'
import { publint } from 'publint'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectFiles, ROOT } from '../repo/tree.ts'
import { startProgram } from './command.ts'

const PACKAGES = ['protocol', 'console', 'engine', 'client', 'cli']
const TIMEOUT_MS = 120_000

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
}

let folder: string
let empty: string
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }

function run(command: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** Packs a copy of the repository, for packing writes into it, and unpacks it where an installation would. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-packed-'))
  const copy = join(folder, 'repository')
  for (const path of projectFiles()) cpSync(join(ROOT, path), join(copy, path))
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const workspaces = PACKAGES.flatMap((name) => ['--workspace', name])
  const packed = run('npm', ['pack', ...workspaces, '--pack-destination', folder], copy)
  expect(packed.status, packed.stderr).toBe(0)
  empty = join(folder, 'empty')
  const modules = join(empty, 'node_modules')
  mkdirSync(join(modules, '.bin'), { recursive: true })
  writeFileSync(join(empty, 'package.json'), '{}')
  // What others have published comes from this installation: a test needs no network.
  const ours = new Set(['.bin', '.cache', '.vite', '.vite-temp', '@rollcall', 'rollcall'])
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter((name) => !ours.has(name))) {
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  }
  for (const tarball of tarballs()) {
    const name = tarball.replace(/-\d.*$/, '').replace('rollcall-', '@rollcall/')
    mkdirSync(join(modules, name), { recursive: true })
    const unpacked = run('tar', ['-xzf', join(folder, tarball), '--strip-components', '1'], join(modules, name))
    expect(unpacked.status, unpacked.stderr).toBe(0)
  }
  symlinkSync('../rollcall/dist/main.js', join(modules, '.bin/rollcall'))
  run('chmod', ['+x', join(modules, 'rollcall/dist/main.js')], empty)
}, TIMEOUT_MS)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tarballs = () => readdirSync(folder).filter((name) => name.endsWith('.tgz'))

test('every package is packed, and nothing is wrong with it by the rules of publint', async () => {
  expect(tarballs()).toHaveLength(PACKAGES.length)
  for (const name of tarballs()) {
    const { buffer } = new Uint8Array(readFileSync(join(folder, name)))
    const { messages } = await publint({ strict: true, pack: { tarball: buffer } })
    expect(messages, name).toEqual([])
  }
})

test('a package holds licence and notice of all that it needs, compiled code with types, and no sources, tests or build steps', () => {
  const modules = join(empty, 'node_modules')
  for (const name of ['rollcall', '@rollcall/engine', '@rollcall/client', '@rollcall/protocol']) {
    const files = readdirSync(join(modules, name), { recursive: true }).map(String)
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'NOTICE', 'package.json']))
    expect(files.filter((path) => path.endsWith('.js')).length).toBeGreaterThan(5)
    expect(files.filter((path) => /(?<!\.d)\.ts$|\.test\./.test(path))).toEqual([])
    const manifest = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')) as Manifest
    const notice = readFileSync(join(modules, name, 'NOTICE'), 'utf8')
    const others = Object.keys(manifest.dependencies ?? {}).filter((needed) => !needed.startsWith('@rollcall/'))
    expect(others.filter((needed) => !notice.includes(`\n${needed} `))).toEqual([])
    expect(Object.keys(manifest)).not.toContain('scripts')
  }
})

test('npx rollcall runs in an empty folder: an engine with its console, and commands that talk to it', {
  timeout: TIMEOUT_MS,
}, async () => {
  const npx = (...args: string[]) => startProgram('npx', ['--no', 'rollcall', ...args], { env, cwd: empty })
  // Not through npx, which would keep the signal to itself.
  const bin = join(empty, 'node_modules/.bin/rollcall')
  const flags = ['serve', '--server.port', '0', '--store.path', join(folder, 'data')]
  const serving = startProgram(bin, flags, { env, cwd: empty })
  const [, url = ''] = await serving.said(/API +(\S+)/)
  await createClient({ urls: url }).services.create({ serviceName: 'packed', version: '1.0.0' })
  const listed = await npx('services', 'list', '--url', url).ended
  expect(listed.out).toContain('packed')
  const page = async (path: string) => (await fetch(url + path)).text()
  expect(await page('/console/')).toContain('<html')
  expect(await page('/docs')).toContain('/docs/page.js')
  expect(await page('/docs/page.js')).toBe(readFileSync(join(ROOT, 'engine/src/http/api/page-script.js'), 'utf8'))
  serving.child.kill('SIGTERM')
  expect((await serving.ended).out).toContain('Stopped.')
})

test('types of the packages are enough to compile against', { timeout: TIMEOUT_MS }, () => {
  writeFileSync(
    join(empty, 'user.mts'),
    `import { createClient, type KnownService } from '@rollcall/client'
import { ERRORS } from '@rollcall/protocol/errors'
const services: readonly KnownService[] = await createClient({ urls: 'http://a' }).services.list()
const code: '400012' = ERRORS.ServiceNotFound.code
// @ts-expect-error: the types must be known for this to be wrong
const wrong: number = services
console.log(code, wrong)
`,
  )
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node']
  const { status, stdout } = run(
    process.execPath,
    [join(ROOT, 'node_modules/typescript/bin/tsc'), ...flags, 'user.mts'],
    empty,
  )
  expect(status, stdout).toBe(0)
})
