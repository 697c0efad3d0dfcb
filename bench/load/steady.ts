/**
 * Many instances that report metrics every ten seconds, and browsers that watch, for some minutes:
 * `node bench/load/steady.ts`. Prints how the engine bears it, minute by minute and in all.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { Agent } from 'node:http'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { EngineProcess } from './engine-process.ts'
import { cpuSeconds, residentMegabytes } from './process-usage.ts'
import { Browsers, Reporters } from './steady-clients.ts'

const PERIOD_MS = 10_000
const MINUTE_MS = 60_000

const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '10000' },
    interfaces: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '5' },
    browsers: { type: 'string', default: '0' },
    megabytes: { type: 'string', default: '1024' },
    profile: { type: 'string' },
  },
})
const load = {
  instances: Number(values.instances),
  interfaces: Number(values.interfaces),
  periodMs: PERIOD_MS,
}

const folder = await mkdtemp(join(tmpdir(), 'rollcall-steady-'))
try {
  const settings = ['--metrics.maxMegabytes', values.megabytes]
  const options = { folder, settings, isMetered: true, profileFolder: values.profile }
  await using engine = await EngineProcess.start(options)
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  const reporters = new Reporters(engine.port, agent, load)
  const browsers = new Browsers(engine.port, Number(values.browsers))
  await browsers.open()
  const working = reporters.work(Number(values.minutes) * MINUTE_MS)
  for (let minute = 1; minute <= Number(values.minutes); minute++)
    await tellMinute(engine, { minute, reporters, browsers })
  await working
  browsers.close()
  agent.destroy()
  await tellEnd(engine)
} finally {
  await rm(folder, { recursive: true, force: true })
}

interface Sides {
  readonly minute: number
  readonly reporters: Reporters
  readonly browsers: Browsers
}

async function tellMinute(engine: EngineProcess, { minute, reporters, browsers }: Sides): Promise<void> {
  const before = cpuSeconds(engine.pid)
  const ownBefore = cpuSeconds(process.pid)
  await engine.ask('longest turn')
  await wait(MINUTE_MS)
  const cpu = ((cpuSeconds(engine.pid) - before) * 1000 * 100) / MINUTE_MS
  const ownCpu = ((cpuSeconds(process.pid) - ownBefore) * 1000 * 100) / MINUTE_MS
  const turn = await engine.ask('longest turn')
  const { count, errors, late, latency } = reporters.take()
  const seen = browsers.take()
  say(
    `minute ${minute}: ${count} reports, ${errors} failed, ${late} begun late; p50 ${ms(latency.p50)}, p99 ${ms(latency.p99)}, max ${ms(latency.max)}; ` +
      `engine ${cpu.toFixed(0)} % of a core (load generator ${ownCpu.toFixed(0)} %), ${residentMegabytes(engine.pid)} MB, longest turn ${ms(turn)} of CPU; ` +
      `load ${(loadavg()[0] ?? 0).toFixed(1)}`,
  )
  if (seen.events > 0)
    say(
      `  ${seen.browsers} browsers: ${seen.events} events, ${(seen.bytes / 1e6).toFixed(1)} MB, after the first of them p50 ${ms(seen.delay.p50)}, p99 ${ms(seen.delay.p99)}, max ${ms(seen.delay.max)}`,
    )
}

async function tellEnd(engine: EngineProcess): Promise<void> {
  const exposed = await (await fetch(`http://127.0.0.1:${engine.port}/metrics/services`)).text()
  const own = exposed.split('\n').filter((line) => /^rollcall_metrics_/.test(line))
  const journal = await stat(join(folder, 'journal.mdb'))
  const inUse = await engine.ask('memory')
  say(`${own.join(', ')}; heap and buffers in use ${mb(inUse)}; journal ${mb(journal.size)}`)
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
