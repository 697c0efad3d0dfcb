/** `npm run fuzz -- [--count N] [--seed N]`: made-up requests for every route, until one is answered badly. */
import { parseArgs } from 'node:util'
import { fuzzRound } from '../tests/robustness/fuzz/fuzz-round.ts'

/** Requests that one engine gets; the next ones get a fresh one, so that what it holds stays small. */
const ROUND = 500

const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } })
const count = Number(values.count ?? 10_000)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
if (!(Number.isSafeInteger(count) && count > 0 && Number.isSafeInteger(seed))) {
  console.error('--count and --seed are whole numbers, and the count is at least 1')
  process.exit(1)
}
const startedAt = performance.now()
const byStatus: Record<string, number> = {}
const succeeded = new Set<string>()
let operations: readonly string[] = []
console.log(`seed ${seed}, ${count} requests`)

function tell(sent: number, end: string): void {
  const perSecond = Math.round(sent / ((performance.now() - startedAt) / 1000))
  process.stdout.write(`${process.stdout.isTTY ? '\r' : ''}${sent} of ${count} requests, ${perSecond}/s${end}`)
}

for (let done = 0; done < count; done += ROUND) {
  const onRequest = (sent: number) => {
    if (process.stdout.isTTY && sent % 50 === 0) tell(done + sent, '  ')
  }
  const round = { count: Math.min(ROUND, count - done), seed: seed + done / ROUND, onRequest }
  const summary = await fuzzRound(round).catch((error: unknown) => {
    console.error(
      `\nnpm run fuzz -- --count ${round.count} --seed ${round.seed}\n${error instanceof Error ? error.message : error}`,
    )
    process.exit(1)
  })
  for (const [status, number] of Object.entries(summary.byStatus)) byStatus[status] = (byStatus[status] ?? 0) + number
  for (const operation of summary.succeeded) succeeded.add(operation)
  operations = summary.operations
  tell(done + round.count, '\n')
}
console.log(`answers by status: ${JSON.stringify(byStatus)}`)
const never = operations.filter((operation) => !succeeded.has(operation))
console.log(`${succeeded.size} of ${operations.length} operations succeeded; never: ${never.join(', ') || 'none'}`)
