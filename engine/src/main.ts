import { realpathSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { argv, env, exit } from 'node:process'
import { fileURLToPath } from 'node:url'

/** Beside the program, for what stands in it is run: nobody else may write there, as they may in the system's folder for temporary files. */
const CACHE = fileURLToPath(new URL('../.compile-cache', import.meta.url))

/**
 * Runs the engine until a signal ends it. Its modules are loaded by now only, so that all but the first start take
 * them compiled; where the folder cannot be written, each start compiles.
 * @param args arguments after the program's name
 * @returns the exit code
 */
export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  enableCompileCache(CACHE)
  const { serve } = await import('./serve.ts')
  return serve(args, environment)
}

if (argv[1] !== undefined && realpathSync(argv[1]) === fileURLToPath(import.meta.url)) {
  const code = await run(argv.slice(2), env)
  // Nothing should be left to wait for; a timer or socket of a library must not keep a stopped engine alive.
  exit(code)
}
