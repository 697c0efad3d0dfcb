import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'

const RESOLUTION = ['--metrics.fineSeconds', '1', '--metrics.coarseSeconds', '10']
const REPORT = {
  appId: 'shop',
  name: 'cart',
  version: '1.0.0',
  instance: 'host-1',
  interfaces: [{ name: 'Provider.cart.get', qps: 2, latency: 10, total: 20, failure: 5 }],
}

let folder: string
let engine: EngineProcess

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-metrics-'))
})

afterEach(async () => {
  await engine.stop()
  await rm(folder, { recursive: true })
})

async function start(): Promise<void> {
  engine = await EngineProcess.start(['--store.path', folder, ...RESOLUTION])
}

async function report(): Promise<void> {
  const target = new URL('/v2/default/csemonitor/metric', engine.url)
  expect((await fetch(target, { method: 'POST', body: JSON.stringify(REPORT) })).status).toBe(200)
}

/** All calls that the engine knows of, at one resolution and level. */
async function calls(step: number, level: string): Promise<number> {
  const search = `service=cart&step=${step}&by=${level}&from=${Date.now() - 50_000}`
  const response = await fetch(new URL(`/v3/default/csemonitor/series?${search}`, engine.url))
  const { series } = (await response.json()) as { series: readonly { total: readonly (number | null)[] }[] }
  return series.flatMap(({ total }) => total).reduce<number>((sum, value) => sum + (value ?? 0), 0)
}

/** Waits until the engine has told of so many intervals. */
async function intervals(count: number): Promise<void> {
  const { body } = await fetch(new URL('/v3/default/csemonitor/stream', engine.url))
  let text = ''
  for await (const chunk of body ?? []) {
    text += new TextDecoder().decode(chunk)
    if (text.split('event: metrics').length > count + 1) return
  }
}

const LEVELS = [
  [1, 'version'],
  [1, 'interface'],
  [10, 'instance'],
  [10, 'interface'],
] as const

test('an engine that was stopped knows all that it was told, and goes on from there', async () => {
  await start()
  for (let n = 0; n < 3; n++) await report()
  await engine.stop()
  await start()
  await report()
  for (const [step, level] of LEVELS) await expect.poll(() => calls(step, level)).toBe(80)
})

test('an engine that was killed knows what it was told some intervals ago', async () => {
  await start()
  await report()
  expect(await calls(1, 'version')).toBe(20)
  await intervals(3)
  await engine.crash()
  await start()
  await expect.poll(() => calls(1, 'version')).toBe(20)
})
