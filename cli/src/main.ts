#!/usr/bin/env node
import { argv, exit, stderr, stdout } from 'node:process'
import { run } from './program.ts'

// Whoever reads the output may have enough early, as `head` does.
stdout.on('error', (error: NodeJS.ErrnoException) => exit(error.code === 'EPIPE' ? 0 : 1))

const code = await run(argv.slice(2), {
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  stream: stdout,
})
// A write to a pipe may be under way; the process ends when it is done, because nothing else is left.
process.exitCode = code
