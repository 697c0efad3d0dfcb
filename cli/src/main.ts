#!/usr/bin/env node
import { argv, env, exit, stderr, stdout } from 'node:process'
import { run } from './program.ts'

// Whoever reads the output may have enough early, as `head` does.
stdout.on('error', (error: NodeJS.ErrnoException) => exit(error.code === 'EPIPE' ? 0 : 1))

const args = argv.slice(2)
const canDraw = stderr.isTTY && env.TERM !== 'dumb'
const code = await run(args, {
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  stream: stdout,
  progressStream: canDraw && !args.includes('--json') ? stderr : undefined,
})
// A write to a pipe may be under way; the process ends when it is done, because nothing else is left.
process.exitCode = code
