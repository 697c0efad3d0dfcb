import { spawnSync } from 'node:child_process'

/** Programs that tests run and npm cannot bring, each with the package of Debian that holds it. */
const PROGRAMS: Readonly<Record<string, string>> = { fish: 'fish', script: 'bsdutils', zsh: 'zsh' }
const WITHIN_MS = 180_000

/**
 * Installs what is missing of the programs, where this is root on a Debian: a fresh machine of continuous integration.
 * Elsewhere nothing is touched, and when it does not work the tests are skipped with their reason, which `npm test` prints.
 */
export function installMissingPrograms(): void {
  const missing = Object.keys(PROGRAMS).filter((program) => !isInstalled(program))
  if (missing.length === 0 || process.getuid?.() !== 0 || !isInstalled('apt-get')) return
  const packages = missing.map((program) => PROGRAMS[program] ?? program)
  console.log(`installing with apt-get: ${packages.join(', ')}`)
  const isDone = aptGet('update') && aptGet('install', '--yes', '--no-install-recommends', ...packages)
  if (!isDone) console.log('apt-get did not install them; their tests are skipped')
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
}

function aptGet(...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stdout, stderr } = spawnSync('apt-get', ['-q', ...args], {
    env,
    encoding: 'utf8',
    timeout: WITHIN_MS,
  })
  if (status !== 0) console.log(`apt-get ${args[0]}: ${stderr || stdout}`.slice(-2000))
  return status === 0
}
