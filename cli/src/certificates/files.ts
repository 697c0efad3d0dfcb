import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../explain.ts'

/** A file that is about to be written. */
export interface NewFile {
  /** Inside the folder. */
  readonly name: string
  readonly text: string
  /** Whether nobody but its owner may read it. */
  readonly isSecret: boolean
}

const SECRET_MODE = 0o600
const PUBLIC_MODE = 0o644

/**
 * Refuses when one of these files is there already, before anything is made.
 * @throws UsageError that names them all
 */
export function checkAbsent(folder: string, names: readonly string[]): void {
  const present = names.map((name) => join(folder, name)).filter((path) => existsSync(path))
  if (present.length === 0) return
  throw new UsageError(
    `${present.join(', ')} ${present.length === 1 ? 'is' : 'are'} there already. ` +
      'Choose another folder with --dir, or replace all with --force.',
  )
}

/**
 * Writes files into a folder, which is made if it is not there. What has the name of one is taken away first, never
 * written into: a secret must not end in a file that others can read, or behind a link.
 * @throws UsageError when the folder cannot be written to
 */
export function writeFiles(folder: string, files: readonly NewFile[]): void {
  try {
    mkdirSync(folder, { recursive: true })
    for (const { name } of files) rmSync(join(folder, name), { force: true })
    for (const { name, text, isSecret } of files) {
      writeFileSync(join(folder, name), text, { flag: 'wx', mode: isSecret ? SECRET_MODE : PUBLIC_MODE })
    }
  } catch (cause) {
    const { message } = cause as Error
    throw new UsageError(`Cannot write to ${folder}: ${message}. Choose another folder with --dir.`, { cause })
  }
}
