/**
 * `npm run lock`: writes package-lock.json anew and completes it.
 *
 * npm leaves an optional package out of the lock file when the registry cannot hand it out at that moment (a mirror
 * may lack the binaries of other platforms), and `npm ci` then refuses the lock file. What is missing can be told from
 * what asks for it: its name says the platform and its asker says the exact version. Such an entry has no checksum;
 * npm adds it when it next installs the package.
 */
import { readFileSync, writeFileSync } from 'node:fs'

interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly license?: string
  readonly engines?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const FILE = 'package-lock.json'
const PLATFORM = /(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|ia32|ppc64|riscv64|s390x|x64)(?:-(\w+))?$/
const LIBC: Readonly<Record<string, string>> = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' }

function platformEntry(name: string, version: string, asker: LockedPackage): object {
  const [, os, cpu, abi = ''] = PLATFORM.exec(name) ?? []
  if (os === undefined) throw new Error(`${name} is not in ${FILE}, and its name does not tell its platform`)
  const libc = os === 'linux' ? LIBC[abi] : undefined
  return {
    version,
    cpu: [cpu],
    ...(asker.dev === undefined ? {} : { dev: asker.dev }),
    ...(libc === undefined ? {} : { libc: [libc] }),
    ...(asker.license === undefined ? {} : { license: asker.license }),
    optional: true,
    os: [os],
    ...(asker.engines === undefined ? {} : { engines: asker.engines }),
  }
}

const lock = JSON.parse(readFileSync(FILE, 'utf8')) as { packages: Record<string, LockedPackage> }
const entries = new Map(Object.entries(lock.packages))
for (const asker of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(asker.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`
    if (entries.has(path)) continue
    entries.set(path, platformEntry(name, version, asker))
    console.log(`added ${name} ${version}`)
  }
}
lock.packages = Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)))
writeFileSync(FILE, `${JSON.stringify(lock, undefined, 2)}\n`)
