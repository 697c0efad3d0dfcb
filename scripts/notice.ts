import { existsSync, readdirSync, readFileSync } from 'node:fs'

const ROOT = new URL('../', import.meta.url)
const OPENING = `Rollcall
Copyright 2026 The Rollcall authors

This product is licensed under the Apache License, Version 2.0 (see LICENSE).

An installation brings these packages of others, each under its own licence. None of them is changed, and nothing of
them is in this repository. In lmdb there are LMDB (OpenLDAP Public License 2.8, The OpenLDAP Foundation and Howard
Chu, Symas Corp.) and LZ4 (BSD-2-Clause, Yann Collet).
`
/** Licences that ask for no more than to be named. */
const ALLOWED: ReadonlySet<string> = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'])
const LICENCE_FILE = /^(?:licen[cs]e|copying)/i
/** The line that names who holds it; not the sentences about it. */
const HOLDER = /^[^\w\n]*(Copyright\s+(?:\([cC]\)|©|\d{4}|[A-Z][a-z]+ [A-Z])[^\n]*)$/m

interface LockedPackage {
  readonly version: string
  readonly license?: string
  readonly dev?: boolean
  readonly link?: boolean
  /** Of one platform only, mostly: not installed everywhere. */
  readonly optional?: boolean
}

/**
 * The text of NOTICE: every package that an installation for use brings, with licence and holder.
 * @throws Error when one has a licence that nobody has looked at
 */
export function notice(): string {
  const lock = JSON.parse(readFileSync(new URL('package-lock.json', ROOT), 'utf8'))
  const packages = Object.entries(lock.packages as Record<string, LockedPackage>)
  const used = packages.filter(([path, { dev, link }]) => path.startsWith('node_modules/') && !dev && !link)
  return `${OPENING}\n${used.map(([path, locked]) => noticeLine(path, locked)).join('\n')}\n`
}

/** What NOTICE says of one package. @throws Error when nobody has looked at its licence */
export function noticeLine(path: string, { version, license = 'no licence', optional = false }: LockedPackage): string {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  if (!ALLOWED.has(license)) throw new Error(`${name} ${version} is under ${license}: see whether it may be used`)
  const holder = optional ? undefined : holderOf(new URL(`${path}/`, ROOT))
  return [`${name} ${version}`, license, ...(holder === undefined ? [] : [holder])].join(', ')
}

function holderOf(folder: URL): string | undefined {
  if (!existsSync(folder)) return undefined
  const file = readdirSync(folder).find((name) => LICENCE_FILE.test(name))
  if (file === undefined) return undefined
  return HOLDER.exec(readFileSync(new URL(file, folder), 'utf8'))?.[1]?.trim()
}
