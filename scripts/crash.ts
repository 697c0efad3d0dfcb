/** `npm run crash -- [--rounds N] [--seed N]`: kills the engine while it writes, and looks for what was lost. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runCrashRounds } from '../tests/robustness/crash-rounds.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' } } })
const rounds = Number(values.rounds ?? 30)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const folder = mkdtempSync(join(tmpdir(), 'rollcall-crash-'))
console.log(`seed ${seed}, ${rounds} rounds, store in ${folder}`)
const summary = await runCrashRounds({
  rounds,
  seed,
  flags: ['--store.kind', 'lmdb', '--store.path', folder],
  onRound: (line) => console.log(line),
})
console.log(JSON.stringify(summary))
// Kept when a round fails, for whoever has to find out why.
rmSync(folder, { recursive: true, force: true })
