import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
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
  if (status !== 0) {
    stderr.write(stdout)
    exit(1)
  }
  copyAssets(folder)
}

/** What is no TypeScript is served or read as it is; its name must not be that of compiled code. */
function copyAssets(folder: string): void {
  const files = readdirSync(join(folder, 'src'), { recursive: true, withFileTypes: true })
  for (const { parentPath, name } of files.filter((entry) => entry.isFile() && /\.(?:css|js|html)$/.test(entry.name))) {
    const place = join(folder, 'dist', relative(join(folder, 'src'), parentPath), name)
    if (existsSync(place)) throw new Error(`${name} has the name of compiled code: choose another`)
    cpSync(join(parentPath, name), place)
  }
}

function restore(folder: string): void {
  if (existsSync(join(folder, KEPT))) renameSync(join(folder, KEPT), join(folder, MANIFEST))
  for (const name of LEGAL) rmSync(join(folder, name), { force: true })
}

if (argv[2] === 'prepare') prepare(cwd())
else restore(cwd())
