import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'

const WRITERS = 4
const REPORTS_BEFORE_CRASH = 60
const ROUNDS = 3

let folder: string
let engine: EngineProcess

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-transactions-'))
  engine = await start()
})

afterEach(async () => {
  await engine.crash()
  await rm(folder, { recursive: true, force: true })
})

const start = () => EngineProcess.start(['--store.path', join(folder, 'data'), '--log.level', 'silent'])

/** What one writer was told is kept: the status by id. */
type Acknowledged = Map<string, string>

function reportOf(writer: number, count: number): { body: object; outcome: readonly (readonly [string, string])[] } {
  const [open, done] = [`w${writer}-open${count}`, `w${writer}-open${count - 1}`]
  const head = { appId: 'shop', serviceName: 'order', instanceId: `i${writer}`, timestamp: count }
  const entry = (globalTxId: string, status: string) => ({ globalTxId, role: 'ROOT', status, updateTime: count })
  const body = {
    head,
    activeTxList: [entry(open, 'TRYING'), entry(`w${writer}-always`, 'CONFIRMING')],
    finishedTxList: [entry(done, 'CONFIRMED')],
  }
  return {
    body,
    outcome: [
      [open, 'TRYING'],
      [`w${writer}-always`, 'CONFIRMING'],
      [done, 'CONFIRMED'],
    ],
  }
}

/** Reports until the engine is gone. */
async function write(
  writer: number,
  from: number,
  onAcknowledged: (outcome: readonly (readonly [string, string])[]) => void,
) {
  for (let count = from; ; count++) {
    const { body, outcome } = reportOf(writer, count)
    const init = { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(`${engine.url}v2/default/csemonitor/transaction`, init).catch(() => undefined)
    if (response === undefined) return count
    expect(response.status).toBe(200)
    onAcknowledged(outcome)
  }
}

async function statusOf(globalTxId: string): Promise<string> {
  const response = await fetch(`${engine.url}v3/default/csemonitor/transactions/${globalTxId}`)
  return response.status === 200 ? ((await response.json()) as { status: string }).status : `HTTP ${response.status}`
}

test('reports that were acknowledged are there after the engine was killed, and nothing of them is lost or goes back', async () => {
  const acknowledged: Acknowledged = new Map()
  const next = Array.from({ length: WRITERS }, () => 1)
  for (let round = 1; round <= ROUNDS; round++) {
    let reports = 0
    const crashed = Promise.withResolvers<void>()
    const running = next.map((from, writer) =>
      write(writer, from, (outcome) => {
        for (const [id, status] of outcome) acknowledged.set(id, status)
        reports += 1
        if (reports === REPORTS_BEFORE_CRASH) void engine.crash().then(crashed.resolve)
      }),
    )
    const stopped = await Promise.all(running)
    await crashed.promise
    engine = await start()
    for (const [id, status] of acknowledged) {
      // The report that was under way may have been kept without its answer: then this one has come to its end.
      const allowed = status === 'TRYING' ? ['TRYING', 'CONFIRMED'] : [status]
      expect(allowed, id).toContain(await statusOf(id))
    }
    stopped.forEach((count, writer) => {
      next[writer] = count
    })
  }
})

test('what a stopped engine knew a started one knows', async () => {
  const { body } = reportOf(1, 5)
  await fetch(`${engine.url}v2/default/csemonitor/transaction`, { method: 'POST', body: JSON.stringify(body) })
  expect(await engine.stop()).toBe(0)
  engine = await start()
  expect(await statusOf('w1-open5')).toBe('TRYING')
  expect(await statusOf('w1-open4')).toBe('CONFIRMED')
})
