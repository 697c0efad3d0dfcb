import { spawn } from 'node:child_process'

/** One tool that looks at the whole tree without running it. */
export interface Check {
  readonly name: string
  readonly command: readonly string[]
}

export interface RunResult {
  readonly passed: boolean
  /** Standard output and standard error, as they came. */
  readonly output: string
}

export interface CheckResult extends RunResult {
  readonly name: string
}

/** What `npm run check` runs. tests/repo/check-*.test.ts plant violations to prove that each of them looks. */
export const checks: readonly Check[] = [
  { name: 'types', command: ['tsc', '--project', '.', '--pretty', 'false'] },
  {
    name: 'format, lint and module boundaries',
    command: ['biome', 'check', '--error-on-warnings', '--max-diagnostics=none', '.'],
  },
  { name: 'unused code and dependencies', command: ['knip', '--no-progress', '--no-config-hints'] },
  { name: 'error catalogue', command: ['node', 'scripts/error-codes.ts'] },
]

/** Runs one tool (npm puts node_modules/.bin on the path) and keeps all it prints. */
export function run(command: readonly string[], directory = process.cwd()): Promise<RunResult> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (cause) => reject(new Error(`${program} could not be started`, { cause })))
    child.on('close', (code) => resolve({ passed: code === 0, output: Buffer.concat(chunks).toString() }))
  })
}

/** Runs all checks, prints one line for each and the findings of those that fail. */
export async function runChecks(): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = []
  for (const check of checks) {
    const startedAt = performance.now()
    const result = { name: check.name, ...(await run(check.command)) }
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    if (!result.passed) console.log(result.output.trimEnd())
    console.log(`${result.passed ? 'ok  ' : 'FAIL'} check: ${check.name} (${seconds} s)`)
    results.push(result)
  }
  return results
}
