import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const MAIN = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Starts the command from its sources. */
export function startCommand(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return startProgram(process.execPath, [MAIN, ...args], { env: { ...process.env, NO_COLOR: '1', ...env } })
}

/** Starts a program; `said` resolves as soon as it has printed something like this. */
export function startProgram(
  program: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string },
) {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString()
  })
  const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, out, err }))
  const said = async (expected: RegExp) => {
    for (;;) {
      const match = expected.exec(out + err)
      if (match !== null) return match
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${out}${err}`)
      await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended])
    }
  }
  return { child, ended, said }
}
