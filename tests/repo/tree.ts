import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The repository's top folder. */
export const ROOT = resolve(import.meta.dirname, '../..')

const GENERATED = new Set(['.git', '.tmp', 'node_modules', 'dist', 'coverage', 'data'])

/** All files that are part of the project: tracked by git, or new and not ignored. Paths from ROOT, with slashes. */
export function projectFiles(): readonly string[] {
  return (listedByGit() ?? listedByWalking('')).filter((path) => existsSync(join(ROOT, path))).sort()
}

/** Undefined where git cannot tell: no repository (an unpacked archive), no git, or a folder that git distrusts. */
function listedByGit(): string[] | undefined {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z']
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (status !== 0) return undefined
  return [...new Set(stdout.split('\0'))].filter((path) => path !== '')
}

function listedByWalking(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (GENERATED.has(entry.name) || entry.isSymbolicLink()) return []
    return entry.isDirectory() ? listedByWalking(path) : [path]
  })
}

export function readProjectFile(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Whether a file is a planted violation, which the repo's own rules must not hold against us. */
export const isFixture = (path: string): boolean => path.startsWith('tests/repo/fixtures/')
