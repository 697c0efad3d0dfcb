import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { argv, cwd, execPath, exit, stderr } from 'node:process'

/**
 * Run by npm around the packing of a workspace, in its folder. Inside the repository packages export their sources; what
 * leaves it holds compiled JavaScript, because Node does not remove types below node_modules. `prepare` compiles into
 * dist/ and lets the manifest say so (what `publishConfig` says goes over what stands above it); `restore` takes it back.
 */

const ROOT = resolve(import.meta.dirname, '..')
const MANIFEST = 'package.json'
const KEPT = 'package.json.kept'
/** Every package carries these; they are the repository's. */
const LEGAL = ['LICENSE', 'NOTICE']

function prepare(folder: string): void {
  restore(folder)
  compile(folder)
  for (const name of LEGAL) cpSync(join(ROOT, name), join(folder, name))
  const text = readFileSync(join(folder, MANIFEST), 'utf8')
  const { publishConfig = {}, scripts: _, devDependencies: __, ...manifest } = JSON.parse(text)
  renameSync(join(folder, MANIFEST), join(folder, KEPT))
  writeFileSync(join(folder, MANIFEST), `${JSON.stringify({ ...manifest, ...publishConfig }, undefined, 2)}\n`)
}

function compile(folder: string): void {
  rmSync(join(folder, 'dist'), { recursive: true, force: true })
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  const project = join(folder, 'tsconfig.pack.json')
  // The console has nothing to compile.
  if (!existsSync(project)) return
  const { status, stdout } = spawnSync(execPath, [compiler, '-p', project])
  if (status === 0) return
  stderr.write(stdout)
  exit(1)
}

function restore(folder: string): void {
  if (existsSync(join(folder, KEPT))) renameSync(join(folder, KEPT), join(folder, MANIFEST))
  for (const name of LEGAL) rmSync(join(folder, name), { force: true })
}

if (argv[2] === 'prepare') prepare(cwd())
else restore(cwd())
