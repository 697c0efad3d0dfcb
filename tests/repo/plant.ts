import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { checks, type RunResult, run } from '../../scripts/checks.ts'
import { projectFiles, ROOT } from './tree.ts'

/** Content of planted files by path. */
export type Plants = Readonly<Record<string, string>>

/** A copy of the repository's configuration, outside of it, in which violations can be planted. */
export class Planted implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'rollcall-planted-'))

  constructor(copied: readonly string[]) {
    for (const path of copied) cpSync(join(ROOT, path), join(this.directory, path), { recursive: true })
  }

  write(plants: Plants): void {
    for (const [path, text] of Object.entries(plants)) {
      mkdirSync(dirname(join(this.directory, path)), { recursive: true })
      writeFileSync(join(this.directory, path), text)
    }
  }

  edit(path: string, change: (text: string) => string): void {
    this.write({ [path]: change(readFileSync(join(this.directory, path), 'utf8')) })
  }

  /** Makes the repository's packages importable here; workspace packages lead to the copy. */
  linkPackages(workspaces: Plants = {}): void {
    const modules = join(ROOT, 'node_modules')
    for (const entry of readdirSync(modules)) {
      if (entry !== '@rollcall' && workspaces[entry] === undefined) this.#link(join(modules, entry), entry)
    }
    for (const [name, folder] of Object.entries(workspaces)) this.#link(join(this.directory, folder), name)
  }

  #link(target: string, name: string): void {
    const path = join(this.directory, 'node_modules', name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(target, path)
  }

  /** Runs the very command that `npm run check` runs under this name, with extra arguments. */
  run(checkName: string, ...extra: readonly string[]): Promise<RunResult> {
    const check = checks.find(({ name }) => name === checkName)
    if (check === undefined) throw new Error(`npm run check has no step named ${checkName}`)
    const [program = '', ...args] = check.command
    return run([join(ROOT, 'node_modules/.bin', program), ...args, ...extra], this.directory)
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** A copy of the whole project, with its packages linked. */
export function plantedProject(): Planted {
  const planted = new Planted(projectFiles())
  const folders = ['protocol', 'engine', 'client', 'cli', 'console', 'tests', 'bench']
  planted.linkPackages(
    Object.fromEntries(folders.map((folder) => [folder === 'cli' ? 'rollcall' : `@rollcall/${folder}`, folder])),
  )
  return planted
}

/** Files of one fixture folder by their path below it. */
export function fixtures(name: string): Plants {
  const top = join(ROOT, 'tests/repo/fixtures', name)
  const files = readdirSync(top, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(paths.map((path) => [relative(top, path), readFileSync(path, 'utf8')]))
}

/** The finding that a fixture announces in its first line: `// reports: <finding>`, undefined for "nothing". */
export function announced(text: string): string | undefined {
  const finding = /^\/\/ reports: (\S+)\n/.exec(text)?.[1]
  if (finding === undefined) throw new Error(`the first line does not say what is reported: ${text.slice(0, 60)}`)
  return finding === 'nothing' ? undefined : finding
}

export interface Finding {
  readonly path: string
  readonly line: number
  readonly category: string
  readonly message: string
}

interface BiomeReport {
  readonly diagnostics: readonly {
    readonly category: string
    readonly message: string
    readonly location: { readonly path: string; readonly start: { readonly line: number } }
  }[]
}

/** What Biome, run as `npm run check` runs it, finds in a planted tree. */
export async function biomeFindings(planted: Planted): Promise<readonly Finding[]> {
  const file = join(planted.directory, '.tmp/findings.json')
  planted.write({ '.tmp/findings.json': '' })
  await planted.run('format, lint and module boundaries', '--reporter=json', `--reporter-file=${file}`)
  const json = readFileSync(file, 'utf8')
  return (JSON.parse(json) as BiomeReport).diagnostics.map(({ category, message, location }) => {
    return { path: location.path, line: location.start.line, category, message }
  })
}
